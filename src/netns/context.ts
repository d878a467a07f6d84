/** The context of a piece of work that switches namespaces, and the way back of a switch. */
import { NamespaceSwitchError } from "../errors.ts";
import { placeOf, threadHome } from "./handle.ts";
import type { NsHandle } from "./handle.ts";
import { enterGuarded, type Frame, leave, leftOpen, type SetNamespace } from "./switch.ts";

/** Ends a switch: call it, or declare it with `using`. The second call does nothing. */
export type Revert = (() => void) & Disposable;

/** The open switches of a context. */
let openOf: (ctx: NamespaceMgmtCtx) => Frame[];

/**
 * One piece of work that switches namespaces. Make one for each, and share it with no other: the switches of a
 * context end last in, first out.
 */
export class NamespaceMgmtCtx {
  readonly #open: Frame[] = [];

  static {
    openOf = (ctx) => ctx.#open;
  }

  /** How many switches of this context are open. */
  get depth(): number {
    return this.#open.filter(({ open }) => open).length;
  }
}

/** Makes a {@linkcode NamespaceMgmtCtx}. */
export function newNamespaceMgmtCtx(): NamespaceMgmtCtx {
  return new NamespaceMgmtCtx();
}

/**
 * Switches this thread to `target` for the rest of the synchronous section, and gives the way back.
 *
 * @throws As {@linkcode enterGuarded}.
 */
export function switchFor(ctx: NamespaceMgmtCtx, target: NsHandle, setNamespace: SetNamespace): Revert {
  const switches = openOf(ctx);
  const frame = enterGuarded(placeOf(target), threadHome(), setNamespace);
  switches.push(frame);
  const revert = (): void => {
    const index = switches.indexOf(frame);
    if (index >= 0) switches.splice(index);
    const abandoned = leave(frame);
    if (abandoned.length > 0) {
      throw new NamespaceSwitchError(
        `Switches end last in, first out: the one to ${target} was reverted first and ${leftOpen(abandoned)}`,
      );
    }
  };
  return Object.assign(revert, { [Symbol.dispose]: revert });
}
