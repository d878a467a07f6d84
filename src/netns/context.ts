/** The context of a piece of work that switches namespaces, and the end of a switch. */
import { NamespaceSwitchError, shown } from "../errors.ts";
import type { Descriptor } from "../switch/descriptor.ts";
import { enterGuarded, type Frame, leave, leftOpen, type SetNamespace } from "../switch/switch.ts";

/** Ends a switch: call it, or declare it with `using`. Idempotent. */
export type Revert = (() => void) & Disposable;

/** The open switches of a context, the innermost last. */
let switchesOf: (ctx: NamespaceMgmtCtx) => Frame[];

/**
 * One piece of work that switches namespaces. Make one for each, and do not share it: the switches of a context end
 * last in, first out.
 */
export class NamespaceMgmtCtx {
  readonly #switches: Frame[] = [];

  static {
    switchesOf = (ctx) => ctx.#switches;
  }

  /** How many switches of this context are open. */
  get depth(): number {
    return this.#switches.filter(({ open }) => open).length;
  }
}

/** Makes a {@linkcode NamespaceMgmtCtx}. */
export function newNamespaceMgmtCtx(): NamespaceMgmtCtx {
  return new NamespaceMgmtCtx();
}

/**
 * Switches this thread to `target` for the rest of the synchronous section, and returns what ends the switch.
 *
 * @throws As {@linkcode enterGuarded}.
 */
export function switchFor(ctx: NamespaceMgmtCtx, target: Descriptor, set: SetNamespace): Revert {
  if (!(ctx instanceof NamespaceMgmtCtx)) { // untyped code may give anything
    throw new TypeError(
      `Cannot use ${shown(ctx)} as the context of a switch: expected what newNamespaceMgmtCtx() gives`,
    );
  }
  const open = switchesOf(ctx);
  const frame = enterGuarded(target, set);
  open.push(frame);
  const revert = (): void => {
    const index = open.indexOf(frame);
    if (index >= 0) open.splice(index);
    const abandoned = leave(frame);
    if (abandoned.length > 0) {
      throw new NamespaceSwitchError(
        `Switches end last in, first out: the one to ${target} was reverted first and ${leftOpen(abandoned)}`,
      );
    }
  };
  return Object.assign(revert, { [Symbol.dispose]: revert });
}
