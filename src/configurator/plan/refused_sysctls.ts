/** Sysctls that are not set, because the kernel would take something away with them that is somebody else's. */
import { isLinkLocal6 } from "../../ip/arithmetic.ts";
import type { Sysctl } from "../../models/sysctls.ts";
import { LOOPBACK_INDEX } from "../../netlink/constants/link.ts";
import { RTPROT_RA } from "../../netlink/constants/route.ts";
import { ipv6Key, lastOf, spreadKey } from "../../sysctl/link_sysctls.ts";
import { linkOfKey } from "../../sysctl/spreading.ts";
import { addressesOf, linkAt } from "../observed/lookup.ts";
import type { ObservedNamespace } from "../observed/observed_namespace.ts";
import { isAdded } from "../ownership/added_addresses.ts";
import { linkLabel, type Refusal } from "../ownership/refusal.ts";
import { givenLinkLocals } from "../ownership/snapshot.ts";
import { isIpv6 } from "./address_change.ts";
import type { PlanBuilder } from "./plan_builder.ts";

/** Why a sysctl is not set; undefined if it can be. `described` gives what the file sets, by key. */
export function refusedSysctl(
  builder: PlanBuilder,
  namespace: ObservedNamespace,
  sysctl: Sysctl,
  described: (key: string) => string | undefined,
): Refusal | undefined {
  if (sysctl.value === "0" || !namespace.exists) return undefined;
  if (lastOf(sysctl.key) === "disable_ipv6") return withoutIpv6(builder, namespace, sysctl);
  return PASSING_ON.test(sysctl.key) ? withoutAdvertised(builder, namespace, sysctl, described) : undefined;
}

/** The keys with which the kernel deletes what routers advertised. (`rt6_purge_dflt_routers` of net/ipv6/route.c) */
const PASSING_ON = /^net\.ipv6\.conf\.(?!default\.)[^.]+\.forwarding$/;
/** What `accept_ra` has where routers are heeded by one, too. */
const ALSO_BY_ROUTERS = "2";

/** The key that says whether a link heeds what routers advertise; a router does so with {@linkcode ALSO_BY_ROUTERS} alone. */
const acceptKey = (link: string): string => ipv6Key(link, "accept_ra");

/** True of a key that comes before those of all links where its link is there: the routes by it stay then. */
export const keepsAdvertised = ({ key, value }: Sysctl): boolean => (
  value === ALSO_BY_ROUTERS && key === acceptKey(linkOfKey(key) ?? "")
);

/** Why packets are not passed on: the default route goes that a router advertised, and comes back by no advertisement. */
function withoutAdvertised(
  { input: { claims } }: PlanBuilder,
  namespace: ObservedNamespace,
  { key }: Sysctl,
  described: (key: string) => string | undefined,
): Refusal | undefined {
  for (const route of namespace.allRoutes(6)) {
    const { destination, protocol, index = 0, gateway } = route;
    if (protocol !== RTPROT_RA || destination !== "::/0") continue;
    const link = linkAt(namespace, index);
    if (link === undefined || claims.linkAt(namespace, link)?.record.kind === "link") continue;
    const accepts = acceptKey(link.name);
    if ((described(accepts) ?? namespace.sysctls([accepts]).get(accepts)) === ALSO_BY_ROUTERS) continue;
    const by = `${gateway === undefined ? "" : `via ${gateway} `}by ${linkLabel(namespace, link)}`;
    const reason = `${key} is not set: the kernel would delete the default route ${by}, which a router advertised`;
    return {
      reason,
      owner: null,
      hint: `set ${accepts} to ${ALSO_BY_ROUTERS}, here or yourself: with it the route stays`,
    };
  }
  return undefined;
}

/** Why IPv6 is not taken from links: with it go addresses of somebody else, which nothing brings back. */
function withoutIpv6(
  { input: { claims } }: PlanBuilder,
  namespace: ObservedNamespace,
  { key }: Sysctl,
): Refusal | undefined {
  for (const link of namespace.links()) {
    if (spreadKey(key, link.name) === undefined && linkOfKey(key) !== link.name) continue;
    const record = claims.linkAt(namespace, link)?.record;
    if (record?.kind === "link") continue;
    const given = new Set(givenLinkLocals(namespace, link).map(({ address }) => address));
    const lost = addressesOf(namespace, link.index).find((one) => (
      isIpv6(one.text) && (!isLinkLocal6(one.text) || given.has(one.text)) &&
      !(link.index === LOOPBACK_INDEX && one.text === "::1/128") &&
      !(record !== undefined && isAdded(namespace, one, record))
    ));
    if (lost === undefined) continue;
    const reason = `${key} is not set: ${linkLabel(namespace, link)} would lose ${lost.text}, ` +
      "which is not this configuration's";
    return { reason, owner: null, hint: "delete the address yourself, or set the key of the other links alone" };
  }
  return undefined;
}
