/** What is allowed in a file, and is mostly a mistake. */
import { groupBy } from "../collections.ts";
import { isLinkLocal6 } from "../ip/arithmetic.ts";
import { covers, isWithin, overlap } from "../ip/networks.ts";
import { parseIpPrefix } from "../ip/prefix.ts";
import { isDefaultNamespace, namespaceKey } from "../namespace.ts";
import type { NetworkConfig } from "./config.ts";
import type { FirewallException } from "./firewall.ts";
import type { LinuxInterface } from "./interface/linux_interface.ts";
import { InterfaceIndex, mayBeSame, namespaceOfItem } from "./references.ts";
import type { LinuxRoute } from "./route.ts";
import { type Uplink, UPLINK_POOL, uplinkHostLink, uplinkName } from "./uplinks.ts";

/** Something in a configuration that is mostly a mistake. */
export interface ConfigWarning {
  /** The item of the file: `"interface left"`, `"route r"`. */
  readonly item: string;
  /** What is odd about it, as a line for people. */
  readonly reason: string;
}

/**
 * What is allowed in a configuration, and is mostly a mistake: two MTUs at the ends of a pair, a hardware address or an
 * IP address that is there twice, a gateway outside of every network of its interface, addresses that nobody sets, an
 * uplink whose packets the file has dropped.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { configWarnings, parseConfig } from "@netns/netns";
 *
 * const config = parseConfig(`
 * interfaces:
 *   - { name: left, namespace: blue, mtu: 9000, veth: { peerIfName: right } }
 *   - { name: right, namespace: green, mtu: 1500, veth: { peerIfName: left } }
 * `);
 * assertEquals(configWarnings(config).map(({ item }) => item), ["interface left"]);
 * ```
 */
export function configWarnings(config: NetworkConfig): ConfigWarning[] {
  const index = new InterfaceIndex(config.interfaces);
  return [
    ...mtuWarnings(config.interfaces, index),
    ...hardwareAddressWarnings(config.interfaces, index),
    ...addressWarnings(config.interfaces, index),
    ...gatewayWarnings(config, index),
    ...uplinkWarnings(config),
    ...config.interfaces.filter(({ linkOnly }) => linkOnly).map(({ name }) => ({
      item: `interface ${name}`,
      reason: "it is linkOnly: its ipAddresses and physAddress are neither set nor waited for",
    })),
  ];
}

function* mtuWarnings(interfaces: readonly LinuxInterface[], index: InterfaceIndex): Generator<ConfigWarning> {
  for (const { name, mtu, veth } of interfaces) {
    const peer = veth === undefined ? undefined : index.named(veth.peerIfName);
    if (mtu === undefined || peer?.mtu === undefined || peer.mtu >= mtu) continue;
    yield {
      item: `interface ${name}`,
      reason: `its mtu is ${mtu}, and that of its peer ${peer.name} is ${peer.mtu}: larger packets are lost`,
    };
  }
}

/** Interfaces by a value that no two may have which compete for it: in one domain, or at the ends of one pair. */
class Holders {
  readonly #inDomain = new Map<string, LinuxInterface>();
  readonly #byName = new Map<string, LinuxInterface>();
  readonly #onSegment = new Map<string, LinuxInterface>();

  /** Who has the value already, and competes with `one` for it; from now on `one` has it too. */
  take(value: string, one: LinuxInterface, domain: string, segment?: string): LinuxInterface | undefined {
    const where = `${value} ${domain}`;
    const peer = one.veth === undefined ? undefined : this.#byName.get(`${value} ${one.veth.peerIfName}`);
    const key = segment === undefined ? undefined : `${value} ${segment}`;
    const beside = key === undefined ? undefined : this.#onSegment.get(key);
    if (key !== undefined) this.#onSegment.set(key, one);
    const other = peer ?? beside ?? this.#inDomain.get(where);
    this.#inDomain.set(where, one);
    this.#byName.set(`${value} ${one.name}`, one);
    return other;
  }
}

/** Where no two links have one hardware address. */
const domainOf = (one: LinuxInterface): string => namespaceKey(namespaceOfItem(one));

/** Where no two links have one address: a namespace or a VRF of it. */
function routingDomainOf(one: LinuxInterface, index: InterfaceIndex): string {
  const master = typeof one.master === "string" ? index.named(one.master) : undefined;
  return `${domainOf(one)} ${master?.type === "VRF_DEVICE" ? master.name : ""}`;
}

/** The bridge to which an interface belongs: itself, as a port, or by the port at its other end; by name of the file. */
function segmentOf({ name, type, master, veth }: LinuxInterface, index: InterfaceIndex): string | undefined {
  if (type === "BRIDGE") return name;
  return master ?? (veth === undefined ? undefined : index.named(veth.peerIfName)?.master) ?? undefined;
}

function* hardwareAddressWarnings(
  interfaces: readonly LinuxInterface[],
  index: InterfaceIndex,
): Generator<ConfigWarning> {
  const holders = new Holders();
  for (const one of interfaces) {
    const { name, physAddress } = one;
    const other = physAddress === undefined
      ? undefined
      : holders.take(physAddress, one, domainOf(one), segmentOf(one, index));
    if (other === undefined) continue;
    const reason = `the interface ${other.name} has the same physAddress ${physAddress}: they cannot reach each other`;
    yield { item: `interface ${name}`, reason };
  }
}

function* addressWarnings(interfaces: readonly LinuxInterface[], index: InterfaceIndex): Generator<ConfigWarning> {
  const holders = new Holders();
  for (const one of interfaces) {
    for (const text of one.ipAddresses ?? []) {
      const ip = parseIpPrefix(text)?.address.text ?? text;
      const domain = isLinkLocal6(ip) ? one.name : routingDomainOf(one, index);
      const other = holders.take(ip, one, domain, segmentOf(one, index));
      if (other === undefined) continue;
      yield { item: `interface ${one.name}`, reason: `the interface ${other.name} has the same address ${ip}` };
    }
  }
}

/** True of a link that may have any address: it is somebody else's, or its addresses are not described. */
const mayHaveOthers = ({ type, ipAddresses, linkOnly }: LinuxInterface): boolean =>
  type === "EXISTING" || linkOnly === true || ipAddresses === undefined;

function* gatewayWarnings({ routes, interfaces }: NetworkConfig, index: InterfaceIndex): Generator<ConfigWarning> {
  const direct = groupBy(routes.filter(isDirect), (route) => namespaceKey(index.namespaceOf(route)));
  const byNamespace = groupBy(interfaces, (one) => namespaceKey(namespaceOfItem(one)));
  for (const route of routes) {
    const { name, gwAddr, onLink } = route;
    if (gwAddr === undefined || onLink || isLinkLocal6(gwAddr)) continue;
    const key = namespaceKey(index.namespaceOf(route));
    const target = index.find(route);
    const candidates = route.interface === undefined
      ? byNamespace.get(key) ?? []
      : target === undefined
      ? []
      : [target];
    if (candidates.length === 0 || candidates.some(mayHaveOthers)) continue;
    const routed = (direct.get(key) ?? []).filter((one) => target === undefined || index.find(one) === target);
    const networks = [
      ...candidates.flatMap(({ ipAddresses = [] }) => ipAddresses),
      ...routed.map(({ dstIpAddr }) => dstIpAddr),
    ];
    if (networks.some((text) => covers(text, gwAddr))) continue;
    const ns = index.namespaceOf(route);
    const others = route.interface === undefined ? interfaces.filter((one) => mayBeSame(namespaceOfItem(one), ns)) : [];
    if (others.some((one) => mayHaveOthers(one) || one.ipAddresses?.some((text) => covers(text, gwAddr)))) continue;
    const whose = target === undefined
      ? "no address and no route of its namespace"
      : `no address of the interface ${target.name} and no route by it`;
    yield { item: `route ${name}`, reason: `${whose} has the gateway ${gwAddr} in its network` };
  }
}

/** Uplinks beside a filter of the default namespace that lets nothing of them, or no answer, through. */
function* uplinkWarnings({ uplinks = [], firewall = [] }: NetworkConfig): Generator<ConfigWarning> {
  const filter = firewall.find((one) => one.forward === "drop" && isDefaultNamespace(namespaceOfItem(one)));
  if (filter === undefined) return;
  for (const uplink of uplinks) {
    const link = uplinkHostLink(uplink);
    const leaves = filter.except.some((one) => letsThrough(one, uplink, OUTWARD));
    const returns = filter.except.some((one) => letsThrough(one, uplink, INWARD));
    if (leaves && returns) continue;
    const what = leaves ? "answers to what it sends" : "what it sends";
    const reason =
      `the firewall ${filter.name} drops ${what}: it needs the exceptions { in: ${link} } and { out: ${link} }`;
    yield { item: `uplink ${uplinkName(uplink)}`, reason };
  }
}

/** A direction of an uplink's packets: what of them is of its link and its network, and what their connection may be. */
interface Direction {
  readonly link: "in" | "out";
  readonly otherLink: "in" | "out";
  readonly address: "source" | "destination";
  readonly otherAddress: "source" | "destination";
  readonly state: "new" | "established";
}

const OUTWARD: Direction = {
  link: "in",
  otherLink: "out",
  address: "source",
  otherAddress: "destination",
  state: "new",
};
const INWARD: Direction = {
  link: "out",
  otherLink: "in",
  address: "destination",
  otherAddress: "source",
  state: "established",
};

/** True if an exception may let packets of an uplink through, in one direction. */
function letsThrough(exception: FirewallException, uplink: Uplink, direction: Direction): boolean {
  const link = uplinkHostLink(uplink);
  const { addresses = UPLINK_POOL } = uplink;
  const { [direction.address]: own, [direction.otherAddress]: other, state } = exception;
  return [undefined, link].includes(exception[direction.link]) && exception[direction.otherLink] !== link &&
    (state === undefined || state.includes(direction.state)) && (own === undefined || overlap(own, addresses)) &&
    (other === undefined || !isWithin(other, addresses));
}

/** True of a route that makes its destination reachable on a link. */
const isDirect = ({ gwAddr, nextHops, type }: LinuxRoute): boolean =>
  gwAddr === undefined && nextHops === undefined && type === undefined;
