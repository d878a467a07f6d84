/** What every class that has a netlink socket to itself does with it. */

/** Holds a socket until it is closed. Whoever opened it closes it, or declares it with `using`. */
export abstract class Closable implements Disposable {
  readonly #socket: { readonly isOpen: boolean; close(): void };

  /** @internal Takes over `socket`. */
  protected constructor(socket: { readonly isOpen: boolean; close(): void }) {
    this.#socket = socket;
  }

  /** False once {@linkcode Closable.close} was called. */
  get isOpen(): boolean {
    return this.#socket.isOpen;
  }

  /** Closes the socket. Idempotent. */
  close(): void {
    this.#socket.close();
  }

  /** {@linkcode Closable.close}, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }
}
