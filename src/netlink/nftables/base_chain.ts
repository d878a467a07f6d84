/** Base chains: what makes a chain one. */
import { shown } from "../../errors.ts";
import { textOf } from "./checks.ts";
import { HOOKS, POLICIES } from "./constants.ts";
import type { ChainAttributes } from "./messages.ts";
import type { NftChain } from "./types.ts";

/** The attributes that make a chain a base chain; of another chain at most the policy. */
export function baseOf({ family, type, hook, prio, dev, policy }: NftChain, at: string): ChainAttributes {
  if (policy !== undefined && !Object.hasOwn(POLICIES, policy)) {
    throw new TypeError(`Cannot use ${shown(policy)} as ${at}.policy: expected "accept" or "drop"`);
  }
  const parts = { policy: policy === undefined ? undefined : POLICIES[policy] };
  if (type === undefined && hook === undefined && prio === undefined && dev === undefined) return parts;
  const number = hook === undefined ? undefined : HOOKS[family][hook];
  if (number === undefined) {
    throw new TypeError(`Cannot use ${shown(hook)} as ${at}.hook: expected ${Object.keys(HOOKS[family]).join(", ")}`);
  }
  if (!Number.isInteger(prio) || prio === undefined) {
    throw new TypeError(`Cannot use ${shown(prio)} as ${at}.prio: expected a whole number`);
  }
  const links = dev === undefined ? undefined : typeof dev === "string" ? [dev] : dev;
  const [only, ...others] = links ?? [];
  return {
    ...parts,
    type: textOf(type, `${at}.type`),
    hook: {
      number,
      priority: prio >>> 0,
      device: others.length === 0 ? only : undefined,
      devices: others.length === 0 ? undefined : links,
    },
  };
}
