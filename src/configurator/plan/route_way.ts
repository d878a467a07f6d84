/** The way of a route: the link that it leaves by, or its next hops, and whether its gateways can be used. */
import { LOOPBACK_NAME } from "../../netlink/constants/link.ts";
import { defined } from "../../collections.ts";
import { isLinkLocal6 } from "../../ip/arithmetic.ts";
import { covers } from "../../ip/networks.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import type { LinuxRoute } from "../../models/route.ts";
import type { RouteNamespace } from "../../models/namespace.ts";
import { isAvailable, type ObservedNamespace } from "../observed/observed_namespace.ts";
import type { PlannedHop, RouteFields } from "./actions.ts";
import type { NoLink, PlanBuilder } from "./plan_builder.ts";
import { PlannedLink } from "./planned_link.ts";

/** A route that the plan has already, with its link. */
export interface PlannedRoute {
  /** The route. */
  readonly fields: RouteFields;
  /** The link that it leaves by. */
  readonly link: PlannedLink;
}

/** Where a route leads. */
export interface RouteWay {
  /** The link; the loopback link of a route that has none. */
  readonly link: PlannedLink;
  /** The next hops of a route that has several. */
  readonly nextHops?: readonly PlannedHop[] | undefined;
}

/** True if no packet of the route leaves: it has neither a link nor a gateway. */
export function hasNoWay({ type }: Pick<LinuxRoute, "type">): boolean {
  return type !== undefined && type !== "LOCAL";
}

/**
 * The way of a route of the file, or why there is none yet.
 *
 * @param planned The routes of its namespace that the plan has already: a gateway may be reached by one of them.
 */
export function wayOf(
  builder: PlanBuilder,
  route: LinuxRoute,
  planned: (namespace: ObservedNamespace) => readonly PlannedRoute[],
): RouteWay | NoLink {
  const { namespace, nextHops, gwAddr, type } = route;
  if (hasNoWay(route)) return onlyLink(builder.target(referenceTo(namespace, LOOPBACK_NAME)));
  if (nextHops === undefined) {
    const name = route.interface ?? (type === "LOCAL" ? LOOPBACK_NAME : undefined);
    return onlyLink(upLinkOf(builder, namespace, name, gwAddr, planned));
  }
  const hops: PlannedHop[] = [];
  const isOnly = nextHops.length === 1; // the kernel keeps no weight of that
  for (const { interface: name, gwAddr: gateway, weight = 1 } of nextHops) {
    const link = upLinkOf(builder, namespace, name, gateway, planned);
    if (!(link instanceof PlannedLink)) return link;
    hops.push({ link, gateway, weight: isOnly ? 1 : weight });
  }
  const [first] = hops;
  return first === undefined ? { reason: "it has no next hop" } : { link: first.link, nextHops: hops };
}

const onlyLink = (link: PlannedLink | NoLink): RouteWay | NoLink => link instanceof PlannedLink ? { link } : link;

const referenceTo = (namespace: RouteNamespace | undefined, name: string) => (
  namespace === undefined ? { interface: name } : { namespace, interface: name }
);

function upLinkOf(
  builder: PlanBuilder,
  namespace: RouteNamespace | undefined,
  name: string | undefined,
  gateway: string | undefined,
  planned: (namespace: ObservedNamespace) => readonly PlannedRoute[],
): PlannedLink | NoLink {
  const link = name === undefined
    ? linkByGateway(builder, namespace, gateway ?? "", planned)
    : builder.target(referenceTo(namespace, name));
  return link instanceof PlannedLink && !link.up ? { reason: `${link.name} in ${link.namespace.label} is down` } : link;
}

/** The link in whose network a gateway is: that with the longest prefix, as the kernel would look it up. */
function linkByGateway(
  builder: PlanBuilder,
  reference: RouteNamespace | undefined,
  gateway: string,
  planned: (namespace: ObservedNamespace) => readonly PlannedRoute[],
): PlannedLink | NoLink {
  const namespace = builder.namespaceOf(defined({ namespace: reference }));
  if (!isAvailable(namespace)) return namespace;
  const networks = [
    ...linksOf(builder, namespace).flatMap((link) =>
      builder.effects.addressesOf(link).map((network) => ({ network, link }))
    ),
    ...planned(namespace).filter(({ fields }) => isDirect(fields))
      .map(({ fields, link }) => ({ network: fields.destination, link })),
  ];
  const [found] = networks.filter(({ network, link }) => link.up && covers(network, gateway))
    .sort((a, b) => lengthOf(b.network) - lengthOf(a.network));
  return found?.link ??
    { reason: `the gateway ${gateway} is not reachable: no address and no route in ${namespace.label} covers it` };
}

/** The links that a namespace has at the end of the plan. */
function linksOf(builder: PlanBuilder, namespace: ObservedNamespace): PlannedLink[] {
  const described = [...builder.links.values()].filter((link): link is PlannedLink => (
    link instanceof PlannedLink && link.namespace === namespace
  ));
  const others = namespace.links().filter(({ index }) => !builder.effects.isGone(namespace, index))
    .map((link) => builder.effects.linkOf(namespace, link));
  return [...new Set([...described, ...others]), ...builder.effects.givenBackTo(namespace)];
}

const lengthOf = (network: string): number => parseIpPrefix(network)?.length ?? 0;

/** True of a route that makes its destination reachable on its link. */
export function isDirect({ gateway, nextHops, type }: RouteFields): boolean {
  return gateway === undefined && nextHops === undefined && type === undefined;
}

/** The gateways of a route that an address or another route must cover, each with its link. */
export function gatewaysOf(link: PlannedLink, { gateway, nextHops, onLink }: RouteFields): [PlannedLink, string][] {
  const hops = nextHops ?? [{ link, gateway }];
  return onLink ? [] : hops.flatMap((hop): [PlannedLink, string][] => (
    hop.gateway === undefined || isLinkLocal6(hop.gateway) ? [] : [[hop.link, hop.gateway]]
  ));
}
