/** Making TUNs and TAPs, whose packets a program reads and writes. See tuntap.rst of the kernel. */
import {
  close,
  IFF_MULTI_QUEUE,
  IFF_NO_PI,
  IFF_TUN_EXCL,
  IFF_VNET_HDR,
  openTun,
  setTunGroup,
  setTunOwner,
  setTunPersistent,
} from "../../../ffi/mod.ts";
import { isErrno, shown, SyscallError } from "../../errors.ts";
import { fieldsOf } from "../../argument_fields.ts";
import { wholeNumber } from "../../whole_number.ts";
import { howToHave } from "./kinds/link_kind.ts";
import { tun as kind, TUN_MODES, type TunMode } from "./kinds/tun.ts";
import { LARGEST_INDEX, linkName } from "./ref.ts";

/** A TUN or TAP to make. */
export interface TunSpec {
  /** Its name, 1 to 15 bytes; the kernel replaces `%d` in it by a number. */
  readonly name: string;
  /** Its number, if that is free. @default {any} */
  readonly index?: number | undefined;
  /** True: it is made, and refused if there is one of the name. @default {false} */
  readonly exclusive?: boolean | undefined;
  /** What a program reads and writes: IP packets (`tun`) or Ethernet frames (`tap`). @default {"tun"} */
  readonly mode?: TunMode | undefined;
  /** Stays when it is closed, until it is deleted. @default {false} */
  readonly persistent?: boolean | undefined;
  /** The user id who may open it without CAP_NET_ADMIN. */
  readonly owner?: number | undefined;
  /** The group id whose members may open it without CAP_NET_ADMIN. */
  readonly group?: number | undefined;
  /** Each packet has a header of four bytes: flags, and the EtherType. @default {false} */
  readonly pi?: boolean | undefined;
  /** Each packet has a header of virtio. @default {false} */
  readonly vnetHdr?: boolean | undefined;
  /** It can be opened several times, and each descriptor is a queue. @default {false} */
  readonly multiQueue?: boolean | undefined;
}

/** A TUN or TAP that this process holds. Close it, or declare it with `using`. */
export class Tun implements Disposable {
  /** Its name. */
  readonly name: string;
  #fd: number;

  /** Holds an open device. */
  constructor(name: string, fd: number) {
    this.name = name;
    this.#fd = fd;
  }

  /** Its descriptor: a read(2) is a packet that the kernel sends, a write(2) is one that it receives; -1 once closed. */
  get fd(): number {
    return this.#fd;
  }

  /** False once {@linkcode Tun.close} was called. */
  get isOpen(): boolean {
    return this.#fd >= 0;
  }

  /** Closes it: the link is gone, unless it is persistent. Idempotent. */
  close(): void {
    const fd = this.#fd;
    this.#fd = -1;
    if (fd >= 0) close(fd);
  }

  /** {@linkcode Tun.close}, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }
}

// Pure: a bundle that does not use it leaves it out, and with it the rest of netlink.
const checkSpec = /* @__PURE__ */ fieldsOf<TunSpec>("a TUN or TAP", {
  name: true,
  index: true,
  exclusive: "boolean",
  mode: true,
  persistent: "boolean",
  owner: true,
  group: true,
  pi: "boolean",
  vnetHdr: "boolean",
  multiQueue: "boolean",
});

/** The highest id of a user or a group; the next number means none. */
const HIGHEST_ID = 0xfffffffe;

/** Checks a number, of which the kernel would take the lower 32 bits: the id after the highest would be root's. */
function checkNumber(value: number | undefined, field: string, lowest: number, highest: number): void {
  if (value !== undefined) wholeNumber(value, field, lowest, highest);
}

/**
 * Makes a TUN or TAP in the namespace of the calling thread, or opens a persistent one of the name. Needs CAP_NET_ADMIN,
 * save for a persistent one that the user owns. It takes an ioctl of `/dev/net/tun`, which netlink cannot replace.
 *
 * @returns The device; unless it is persistent, the link is gone when that is closed.
 * @throws {SyscallError} `ENOENT`, `ENODEV`: there is no `/dev/net/tun`, or no driver behind it. `EPERM`: no
 * CAP_NET_ADMIN. `EBUSY`: another process holds it, the number is taken, or it exists and is to be made. `EINVAL`: a link of another kind has the name.
 * @throws {TypeError} The name is not one that a link can have, or the specification has a field that it cannot have.
 * @throws {RangeError} `index`, `owner` or `group` is none.
 *
 * @example In a namespace of its own
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createTun, NsHandle } from "@netns/netns";
 *
 * using ns = NsHandle.create();
 * using tun = ns.run(() => createTun({ name: "tun0", mode: "tun" }));
 * using netlink = ns.netlink();
 * assertEquals(netlink.getLink(tun.name).kind, "tun");
 * ```
 */
export function createTun(spec: TunSpec): Tun {
  checkSpec(spec);
  const { name, index, exclusive, mode = "tun", persistent, owner, group, pi, vnetHdr, multiQueue } = spec;
  if (!Object.hasOwn(TUN_MODES, mode)) throw new TypeError(`Cannot use ${shown(mode)} as mode: expected tun, tap`);
  checkNumber(index, "index", 1, LARGEST_INDEX);
  checkNumber(owner, "owner", 0, HIGHEST_ID);
  checkNumber(group, "group", 0, HIGHEST_ID);
  const flags = TUN_MODES[mode] | (pi ? 0 : IFF_NO_PI) | (vnetHdr ? IFF_VNET_HDR : 0) |
    (multiQueue ? IFF_MULTI_QUEUE : 0) | (exclusive ? IFF_TUN_EXCL : 0);
  const opened = openedTun(linkName(name), flags, index);
  const tun = new Tun(opened.name, opened.fd);
  try {
    if (owner !== undefined) setTunOwner(tun.fd, owner);
    if (group !== undefined) setTunGroup(tun.fd, group);
    if (persistent !== undefined) setTunPersistent(tun.fd, persistent);
    return tun;
  } catch (error) {
    tun.close();
    throw error;
  }
}

/** {@linkcode openTun}; where there is no driver, the error says what to do. */
function openedTun(name: string, flags: number, index: number | undefined): ReturnType<typeof openTun> {
  try {
    return openTun(name, flags, index);
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENODEV", "ENXIO") || error.syscall !== "open") throw error;
    const { syscall, errno, path } = error;
    throw new SyscallError(syscall, errno, { path, remedy: howToHave(kind.kernel), cause: error });
  }
}
