/** Memory that the kernel shares with the process. */
import { MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE } from "./constants.ts";
import { checked } from "./errors.ts";
import { libc } from "./library.ts";

/** What mmap(2) returns when it fails. */
const MAP_FAILED = 2n ** 64n - 1n;

/** Mapped memory. Whoever maps it closes it, and looks at no view of it afterwards. */
export interface Mapping extends Disposable {
  /** The memory itself, not a copy. */
  readonly buffer: ArrayBuffer;
  /** Where it is. */
  readonly address: bigint;
}

/** Maps the beginning of what `fd` is, for reading and writing, so that the kernel sees what is written. See mmap(2). */
export function mapFile(fd: number, length: number): Mapping {
  return map(fd, length, MAP_SHARED);
}

/** Memory at an address that stays, for what the kernel reads through a pointer within a structure. */
export function mapAnonymous(length: number): Mapping {
  return map(-1, length, MAP_PRIVATE | MAP_ANONYMOUS);
}

function map(fd: number, length: number, flags: number): Mapping {
  const { functions, errno } = libc();
  const pointer = functions.mmap(null, length, PROT_READ | PROT_WRITE, flags, fd, 0);
  const why = errno[0];
  const address = pointer === null ? MAP_FAILED : BigInt.asUintN(64, Deno.UnsafePointer.value(pointer));
  checked("mmap", pointer === null || address === MAP_FAILED ? -1 : 0, why);
  if (pointer === null) throw new TypeError("mmap returned NULL");
  const buffer = new Deno.UnsafePointerView(pointer).getArrayBuffer(length);
  return {
    address,
    buffer,
    [Symbol.dispose](): void {
      checked("munmap", libc().functions.munmap(pointer, length), libc().errno[0]);
    },
  };
}
