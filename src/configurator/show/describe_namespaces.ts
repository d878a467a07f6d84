/** What is in namespaces, as the items of a file that describe it. */
import { defined } from "../../collections.ts";
import { isLinkLocal6 } from "../../ip/arithmetic.ts";
import type { ArpEntryInput } from "../../models/arp.ts";
import type { InterfaceInput } from "../../models/interface.ts";
import type { RouteInput } from "../../models/route.ts";
import { RT_TABLE_MAIN, RTPROT_KERNEL } from "../../netlink/constants/route.ts";
import { addressesOf, linkAt, rootQdisc } from "../observed/lookup.ts";
import type { ObservedLink, ObservedNamespace, ObservedRoute } from "../observed/observed_namespace.ts";
import { otherEnd } from "../observed/peers.ts";
import { impairmentOf } from "../plan/impair_qdisc.ts";

/** The items of a file. */
export interface ShownItems {
  /** The links. */
  readonly interfaces: readonly InterfaceInput[];
  /** The static neighbours. */
  readonly arpEntries: readonly ArpEntryInput[];
  /** The routes that the kernel did not make. */
  readonly routes: readonly RouteInput[];
  /** What a file cannot describe, a line for each. */
  readonly omitted: readonly string[];
}

/** The types whose links need no other link, by their kinds in the kernel. */
const TYPES: ReadonlyMap<string | undefined, "DUMMY" | "IFB" | "BRIDGE"> = new Map([
  ["dummy", "DUMMY"],
  ["ifb", "IFB"],
  ["bridge", "BRIDGE"],
]);

const SCOPES: ReadonlyMap<ObservedRoute["scope"], NonNullable<RouteInput["scope"]>> = new Map([
  ["universe", "GLOBAL"],
  ["site", "SITE"],
  ["link", "LINK"],
  ["host", "HOST"],
]);

/** The name of a link in the file: no two links have the same. */
const nameOf = ({ reference }: ObservedNamespace, { name }: ObservedLink): string => `${reference}/${name}`;

/** The items that describe what is in `namespaces`. */
export function describeNamespaces(namespaces: readonly ObservedNamespace[]): ShownItems {
  const omitted: string[] = [];
  const interfaces = namespaces.flatMap((namespace) =>
    namespace.links().filter(({ name }) => name !== "lo").flatMap((link) => {
      const item = interfaceOf(namespace, link, namespaces);
      if (item === undefined) omitted.push(`${nameOf(namespace, link)}: ${reasonToOmit(link)}`);
      return item ?? [];
    })
  );
  const names = new Set(interfaces.map(({ name }) => name));
  return {
    interfaces: interfaces.map(({ master, ...rest }) => (
      master && names.has(master) ? { ...rest, master } : rest
    )),
    arpEntries: namespaces.flatMap((namespace) => arpEntriesOf(namespace)),
    routes: namespaces.flatMap((namespace) => routesOf(namespace, omitted)),
    omitted,
  };
}

function reasonToOmit({ kind }: ObservedLink): string {
  if (kind === "veth") return "the other end of its pair is elsewhere";
  return kind === undefined ? "a link of hardware" : `a link of the kind ${kind}`;
}

function interfaceOf(
  namespace: ObservedNamespace,
  link: ObservedLink,
  namespaces: readonly ObservedNamespace[],
): InterfaceInput | undefined {
  const far = otherEnd(namespace, link, namespaces);
  const type = far === undefined ? TYPES.get(link.kind) : "VETH" as const;
  if (type === undefined) return undefined;
  const qdisc = rootQdisc(namespace, link.index);
  const master = link.master === undefined ? undefined : linkAt(namespace, link.master);
  return defined({
    name: nameOf(namespace, link),
    type,
    namespace: namespace.reference,
    hostIfName: link.name,
    enabled: link.up,
    mtu: link.mtu,
    physAddress: link.address,
    ipAddresses: addressesOf(namespace, link.index).map(({ text }) => text).filter((text) => !isLinkLocal6(text)),
    veth: far && { peerIfName: nameOf(far.namespace, far.link) },
    master: master && nameOf(namespace, master),
    impair: qdisc && impairmentOf(qdisc),
  });
}

function routesOf(namespace: ObservedNamespace, omitted: string[]): RouteInput[] {
  return ([4, 6] as const).flatMap((family) => namespace.routes(family, RT_TABLE_MAIN)).flatMap((route) => {
    const link = route.index === undefined ? undefined : linkAt(namespace, route.index);
    if (route.protocol === RTPROT_KERNEL) return [];
    if (link === undefined || !route.plain) {
      const what = route.type === "unicast"
        ? "a route of several next hops or with options"
        : `a route of the type ${route.type}`;
      omitted.push(`${namespace.reference}/${route.destination}: ${what}`);
      return [];
    }
    const { destination, gateway, source, metric, scope, onLink } = route;
    return defined({
      name: `${namespace.reference}/${destination} ${metric}`,
      namespace: namespace.reference,
      interface: link.name,
      dstIpAddr: destination,
      gwAddr: gateway,
      srcIpAddr: source,
      metric: metric || undefined,
      scope: SCOPES.get(scope),
      onLink: onLink || undefined,
    });
  });
}

function arpEntriesOf(namespace: ObservedNamespace): ArpEntryInput[] {
  return ([4, 6] as const).flatMap((family) => namespace.neighbours(family)).flatMap(
    ({ index, ip, address, state }) => {
      const link = linkAt(namespace, index);
      if (link === undefined || address === undefined || state !== "permanent") return [];
      return {
        name: `${namespace.reference}/${link.name} ${ip}`,
        namespace: namespace.reference,
        interface: link.name,
        ipAddr: ip,
        hwAddress: address,
      };
    },
  );
}
