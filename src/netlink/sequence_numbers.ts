/** The numbers by which the requests of a socket and their answers find each other. */
import { fillRandom } from "../../ffi/mod.ts";

/** Sequence numbers start again here, long before they no longer fit in 32 bits. */
const LAST_SEQ = 2 ** 31;

/** Random numbers for as many sockets: got one by one, each costs a system call. */
const RANDOM = new Uint32Array(256);
let unused = 0;

function randomSeq(): number {
  if (unused === 0) {
    fillRandom(new Uint8Array(RANDOM.buffer));
    unused = RANDOM.length;
  }
  return (RANDOM[--unused] ?? 0) % LAST_SEQ;
}

/** The numbers of one socket. */
export class SequenceNumbers {
  /** The last number that was used. It starts at random, so that nobody can answer before the kernel does. */
  #last = randomSeq();

  /** The first of `count` numbers in a row. */
  reserve(count: number): number {
    if (this.#last + count > LAST_SEQ) this.#last = 0;
    const first = this.#last + 1;
    this.#last += count;
    return first;
  }
}
