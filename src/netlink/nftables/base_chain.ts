/** Base chains: what makes a chain one. */
import { linkNames, oneOf, priorityOf } from "./given.ts";
import { HOOKS, POLICIES } from "./constants.ts";
import type { ChainAttributes } from "./messages.ts";
import type { NftChain } from "./types.ts";

/** The types of base chains. */
const TYPES: Readonly<Record<NonNullable<NftChain["type"]>, string>> = { filter: "filter", nat: "nat", route: "route" };

/** The attributes that make a chain a base chain; of another chain at most the policy. */
export function baseOf({ family, type, hook, prio, dev, policy }: NftChain, at: string): ChainAttributes {
  const parts = { policy: policy === undefined ? undefined : oneOf(POLICIES, policy, `${at}.policy`) };
  if (type === undefined && hook === undefined && prio === undefined && dev === undefined) return parts;
  const number = oneOf(HOOKS[family], hook, `${at}.hook`);
  const priority = priorityOf(prio, `${at}.prio`);
  const links = dev === undefined ? undefined : linkNames(dev, `${at}.dev`);
  const [only, ...others] = links ?? [];
  return {
    ...parts,
    type: oneOf(TYPES, type, `${at}.type`),
    hook: {
      number,
      priority,
      device: others.length === 0 ? only : undefined,
      devices: others.length === 0 ? undefined : links,
    },
  };
}
