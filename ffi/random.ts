/** Random bytes of the kernel. The runtimes' own `crypto` takes Node ten milliseconds to load. */
import { checkedRetry } from "./errors.ts";
import { libc } from "./library.ts";

/**
 * Fills `bytes` with random ones. See getrandom(2).
 *
 * @throws {SyscallError} `ENOSYS`: the kernel is older than 3.17.
 */
export function fillRandom(bytes: Uint8Array<ArrayBuffer>): void {
  for (let rest = bytes; rest.length > 0;) {
    const piece = rest;
    rest = rest.subarray(checkedRetry("getrandom", () => libc().functions.getrandom(piece, piece.length, 0)));
  }
}
