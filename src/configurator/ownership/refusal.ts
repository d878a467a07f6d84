/** Why an item is refused: what is in its way, whose that is, and what can be done. */
import { printable } from "../../../ffi/mod.ts";
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";

/** Why an item cannot be made as described. */
export interface Refusal {
  /** What is in the way, and whose it is. */
  readonly reason: string;
  /** The configuration that owns it; null if no configuration does. */
  readonly owner?: string | null | undefined;
  /** What to do. */
  readonly hint?: string | undefined;
}

const ADOPT = "apply --adopt takes it over";
const notAdopted = (why: string): string => `apply --adopt does not: ${why}`;

/** A link for people: `"eth0 in blue"`. */
export const linkLabel = (namespace: Pick<ObservedNamespace, "label">, { name }: Pick<ObservedLink, "name">): string =>
  `${printable(name)} in ${printable(namespace.label)}`;

/** What a link is, for people. */
export function describeLink({ kind }: ObservedLink): string {
  if (kind === "veth") return "one end of a veth pair";
  if (kind === "tun") return "a TUN or TAP device";
  return kind === undefined ? "a hardware or loopback link" : `a link of the kind ${printable(kind)}`;
}

/** Something that another configuration owns. */
export function ownedByOther(what: string, owner: string): Refusal {
  return {
    reason: `${what} belongs to the configuration ${JSON.stringify(owner)}`,
    owner,
    hint: `change it there, or take it away with: netns destroy --name ${printable(owner)}`,
  };
}

/**
 * A link that this configuration did not make, and that is not as described.
 *
 * @param why Why it would not be adopted either.
 */
export function foreignLink(
  namespace: ObservedNamespace,
  link: ObservedLink,
  hint: string = ADOPT,
  why?: string,
): Refusal {
  return {
    reason: `${linkLabel(namespace, link)} is not this configuration's: it is ${describeLink(link)} that this ` +
      "configuration did not make",
    owner: null,
    hint: why === undefined
      ? `${hint}, or choose another hostIfName`
      : `choose another hostIfName, or take it away yourself (${notAdopted(why)})`,
  };
}

/** An end of a pair whose other end is where somebody moved it: `now`, if that is known. */
export const movedAway = (now: string | undefined): string =>
  `somebody moved its other end${now === undefined ? "" : `, which is ${now} now`}`;

/** One end of a pair that this configuration made or took over, after somebody moved it or the other end. */
export function strayLink(
  namespace: ObservedNamespace,
  link: ObservedLink,
  { isMade, isMoved, now }: {
    readonly isMade: boolean;
    readonly isMoved: boolean;
    readonly now: string | undefined;
  },
): Refusal {
  const label = linkLabel(namespace, link);
  return {
    reason: `${label} is one end of a pair that this configuration ${isMade ? "made" : "took over"}, and ` +
      (isMoved ? "somebody moved it" : movedAway(now)),
    owner: null,
    hint: `delete ${label}, and the pair with it: the next apply makes another`,
  };
}

/** A link that stays somebody else's, whatever is asked. */
export function neverAdopted(namespace: ObservedNamespace, link: ObservedLink, why: string): Refusal {
  return {
    reason: `${linkLabel(namespace, link)} is not this configuration's, and is not adopted: ${why}`,
    owner: null,
    hint: "choose another hostIfName, or take it away yourself",
  };
}

/** A link that was adopted, in whose place no other can be made. */
export function adoptedLink(namespace: ObservedNamespace, link: ObservedLink, why: string): Refusal {
  return {
    reason: `${linkLabel(namespace, link)} was adopted, and no other link is made in its place: ${why}`,
    owner: null,
    hint: "choose another hostIfName, or take it away yourself",
  };
}

/**
 * A route or a neighbour that this configuration did not make, and that is not as described.
 *
 * @param why Why a route would not be adopted either.
 */
export function foreignEntry(what: string, why?: string): Refusal {
  return {
    reason: `${what} is not this configuration's: this configuration did not make it`,
    owner: null,
    hint: why === undefined ? ADOPT : `${OTHER_KEY} (${notAdopted(why)})`,
  };
}

const OTHER_KEY = "give this one another metric or table";

/** A route that stays somebody else's, whatever is asked. */
export function neverReplaced(what: string, why: string): Refusal {
  return { reason: `${what} is not adopted: ${why}`, owner: null, hint: OTHER_KEY };
}

/** A route in the place of the kernel's own, which comes with an address of this configuration. */
export function ownRouteOfKernel(
  destination: string,
  { address, label }: { readonly address: string; readonly label: string },
): Refusal {
  return {
    reason: `the kernel has a route of its own to ${destination}: it comes with the address ${address} of ${label}`,
    hint: "give this one another metric or table",
  };
}
