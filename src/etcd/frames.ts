/** The messages of gRPC in the bytes of a stream. */
import { GRPC, GrpcError } from "./grpc_error.ts";

/** The largest message that is read, in bytes. Who sends a larger one is not etcd, or sends too much at once. */
const MESSAGE_MAX = 32 * 1024 * 1024;

/** Cuts the bytes of a stream into messages. */
export class Frames {
  #chunks: Uint8Array[] = [];
  #length = 0;

  /** Adds bytes, and gives the messages that are whole by them. */
  *add(chunk: Uint8Array): Generator<Uint8Array, void, undefined> {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= 5) {
      const head = this.#peek();
      const size = new DataView(head.buffer, head.byteOffset).getUint32(1);
      if (head[0] !== 0) throw new GrpcError(GRPC.unavailable, "a message is compressed, which was not asked for");
      if (size > MESSAGE_MAX) {
        throw new GrpcError(GRPC.resourceExhausted, `a message of ${size} bytes; the most is ${MESSAGE_MAX}`);
      }
      if (this.#length < 5 + size) return;
      const whole = this.#join();
      yield whole.subarray(5, 5 + size);
      this.#chunks = [whole.subarray(5 + size)];
      this.#length = whole.length - 5 - size;
    }
  }

  /** At least the first five bytes. */
  #peek(): Uint8Array {
    const [first] = this.#chunks;
    return first !== undefined && first.length >= 5 ? first : this.#join();
  }

  #join(): Uint8Array {
    const [first] = this.#chunks;
    if (first !== undefined && this.#chunks.length === 1) return first;
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [whole];
    return whole;
  }
}
