/** Where a route leads: by a link, to gateways, or to an object of its own. */
import { wholeNumber } from "../../whole_number.ts";
import { checkNextHop } from "./next_hops.ts";
import type { RouteSpec } from "./types.ts";

const MOST_WEIGHT = 256;

/** Where a route leads. */
export type Way = Pick<RouteSpec, "linkIndex" | "gateway" | "onLink" | "nextHopId" | "encap" | "realm"> & {
  readonly multipath?: RouteSpec["nextHops"];
};

/**
 * Where a route leads: one next hop is no multipath, and an empty list is none.
 *
 * @throws {TypeError} It says so twice; or a next hop has another field.
 * @throws {RangeError} A weight is none.
 */
export function wayOf(spec: RouteSpec): Way {
  const { linkIndex, gateway, onLink, nextHops, nextHopId, encap, realm } = spec;
  if (nextHopId !== undefined) {
    checkOneWay(spec, "nextHopId");
    return { nextHopId, realm };
  }
  if (nextHops === undefined || nextHops.length === 0) return { linkIndex, gateway, onLink, encap, realm };
  checkOneWay(spec, "nextHops");
  for (const hop of nextHops) checkNextHop(hop);
  const [hop, second] = nextHops;
  if (hop === undefined || second !== undefined) {
    checkOneWay(spec, "several nextHops");
    return { multipath: nextHops };
  }
  sharesLess(hop.weight ?? 1); // it has no effect, and must be one all the same
  return {
    linkIndex: hop.linkIndex,
    gateway: hop.gateway,
    onLink: hop.onLink,
    encap: hop.encap ?? encap,
    realm: hop.realm ?? realm,
  };
}

/** What another field says of a way, and what says it then. */
const SAID_BY = {
  nextHopId: { fields: ["gateway", "linkIndex"], expected: "one" },
  nextHops: { fields: ["gateway", "linkIndex", "onLink"], expected: "one; each of nextHops has its own" },
  "several nextHops": { fields: ["encap", "realm"], expected: "one; each of nextHops has its own" },
} as const;

/** Throws a {@linkcode TypeError} for a field that would have no effect, as another one says where the route leads. */
function checkOneWay(spec: RouteSpec, by: keyof typeof SAID_BY): void {
  const { fields, expected } = SAID_BY[by];
  const other = fields.find((key) => spec[key] !== undefined && spec[key] !== false);
  if (other === undefined) return;
  throw new TypeError(
    `Cannot use both ${other === "linkIndex" ? "link" : other} and ${by} of a route: expected ${expected}`,
  );
}

/**
 * The weight of a next hop as the kernel counts: how many shares more than one it has.
 *
 * @throws {RangeError} It is none.
 */
export function sharesLess(weight: number): number {
  return wholeNumber(weight, "the weight of a next hop", 1, MOST_WEIGHT) - 1;
}
