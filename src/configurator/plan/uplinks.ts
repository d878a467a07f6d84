/** Uplinks: each becomes a pair to the default namespace, a default route, and address translation there. */
import { addressOf32 } from "../../ip/arithmetic.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import type { NetworkConfig } from "../../models/config.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { genericToRouteNs, ifNsToGeneric } from "../../models/converters.ts";
import { namespaceOfItem } from "../../models/references.ts";
import type { LinuxRoute } from "../../models/route.ts";
import { hash32, type Uplink, uplinkHostLink, uplinkName } from "../../models/uplinks.ts";
import { namespaceOfEntry, type NamespaceWithSysctls } from "../../models/sysctls.ts";
import { isDefaultNamespace } from "../../namespace.ts";
import { RT_TABLE_MAIN } from "../../netlink/constants/route.ts";
import { isAvailable } from "../observed/observed_namespace.ts";
import { interfaceItem, uplinkItem } from "../report.ts";
import type { Claims } from "../ownership/claims.ts";
import type { ObjectRecord } from "../ownership/records.ts";
import type { ForwardedUplink } from "./forward_drops.ts";
import type { PlanInput } from "./plan_input.ts";

/** An uplink whose network is known. */
export interface PlacedUplink extends Uplink {
  /** The network of the pair. */
  readonly addresses: string;
}

/** A configuration in which each uplink is spelled out. */
export interface ExpandedConfig {
  /** With the interfaces and routes of the uplinks; its uplinks have their networks. */
  readonly config: NetworkConfig & { readonly uplinks?: readonly PlacedUplink[] };
  /** The items of the uplinks that no network is left for. */
  readonly failed: readonly string[];
}

/** A range of IPv4 addresses, both ends included. */
interface Range {
  readonly first: number;
  readonly last: number;
}

/** The addresses of UPLINK_POOL, which models/uplinks.ts has as text, in networks of two hosts. */
const POOL = { first: 10 * 2 ** 24 + 200 * 2 ** 16, networks: 2 ** 14, size: 4, prefix: 30 } as const;

/** The name of the link in the namespace. */
export const NEAR_LINK = "uplink";

/** How the name of the end in the default namespace begins. */
const FAR_END = "host end of the uplink of ";

/** The uplinks that a configuration has made, as the rules of others may name them. */
export function madeUplinks(claims: Claims): ForwardedUplink[] {
  return claims.records.flatMap((record) =>
    record.kind !== "link" ? [] : record.ends.flatMap(({ item, name, described: [addresses] = [] }) => {
      const [, uplink] = item.split(interfaceItem(FAR_END));
      const range = addresses === undefined ? undefined : rangeOf(addresses);
      return uplink === undefined || range === undefined
        ? []
        : [{ item: uplinkItem(uplink), link: name, addresses: addressOf32(range.first) }];
    })
  );
}

/** True of the record of an uplink's link in the default namespace. */
export const isFarEnd = (record: ObjectRecord): boolean =>
  record.kind === "link" && record.ends.some(({ item }) => item.startsWith(interfaceItem(FAR_END)));

/** The names, in the file, of the ends of the pair: in the namespace, and in the default one. */
const uplinkEnds = (uplink: Uplink): { readonly near: string; readonly far: string } => ({
  near: `uplink of ${uplinkName(uplink)}`,
  far: `${FAR_END}${uplinkName(uplink)}`,
});

/** The items of an uplink's parts, in reports. */
export function uplinkItems({ uplinks = [] }: NetworkConfig): string[] {
  return uplinks.flatMap((one) => {
    const { near, far } = uplinkEnds(one);
    return [uplinkItem(uplinkName(one)), interfaceItem(near), interfaceItem(far), `route ${near}`];
  });
}

/** Spells each uplink out. The network of one that is there stays; another has one that no route here uses. */
export function expandUplinks(input: PlanInput): ExpandedConfig {
  const { config } = input;
  if (config.uplinks === undefined) return { config: { ...config, uplinks: [] }, failed: [] };
  const uplinks: PlacedUplink[] = [];
  const interfaces: LinuxInterface[] = [];
  const routes: LinuxRoute[] = [];
  const failed: string[] = [];
  const taken = usedRanges(input);
  for (
    const uplink of [...config.uplinks].sort((a, b) =>
      Number(b.addresses !== undefined) - Number(a.addresses !== undefined)
    )
  ) {
    const addresses = uplink.addresses ?? formerNetwork(input, uplink) ?? freeNetwork(config.name, uplink, taken);
    const range = addresses === undefined ? undefined : rangeOf(addresses);
    if (addresses === undefined || range === undefined) {
      failed.push(uplinkItem(uplinkName(uplink)));
      continue;
    }
    taken.push(range);
    const placed = { ...uplink, addresses };
    uplinks.push(placed);
    interfaces.push(...pairOf(placed, range));
    routes.push(routeOf(placed, range));
  }
  return {
    config: {
      ...config,
      namespaces: needsForwarding(input, uplinks) ? withForwarding(config.namespaces) : config.namespaces,
      interfaces: [...config.interfaces, ...interfaces],
      routes: [...config.routes, ...routes],
      uplinks,
    },
    failed,
  };
}

/** The sysctl by which the default namespace passes packets of IPv4 on. */
export const FORWARDING = "net.ipv4.ip_forward";

/** True unless somebody else has set it already: it is theirs, as that of a second file with uplinks. */
function needsForwarding({ claims, namespaceOf }: PlanInput, uplinks: readonly PlacedUplink[]): boolean {
  const home = namespaceOf();
  if (uplinks.length === 0 || !isAvailable(home)) return false;
  return claims.sysctlRecord(home, FORWARDING) !== undefined || home.sysctls([FORWARDING]).get(FORWARDING) !== "1";
}

/** The default namespace passes packets on; it is no other's to say that it does not. */
function withForwarding(namespaces: NetworkConfig["namespaces"]): NetworkConfig["namespaces"] {
  const isDefault = (one: string | NamespaceWithSysctls): boolean => isDefaultNamespace(namespaceOfEntry(one));
  const before = namespaces.flatMap((one) =>
    typeof one !== "string" && isDefault(one) ? Object.entries(one.sysctls) : []
  );
  const sysctls = { ...Object.fromEntries(before), [FORWARDING]: "1" };
  return [...namespaces.filter((one) => !isDefault(one)), { name: "PID:0", sysctls }];
}

function pairOf(uplink: PlacedUplink, { first }: Range): LinuxInterface[] {
  const { near, far } = uplinkEnds(uplink);
  const prefix = uplink.addresses.split("/")[1];
  const end = { type: "VETH", enabled: true } as const;
  return [
    {
      ...end,
      name: near,
      hostIfName: NEAR_LINK,
      namespace: uplink.namespace,
      ipAddresses: [`${addressOf32(first + 2)}/${prefix}`],
      veth: { peerIfName: far },
    },
    {
      ...end,
      name: far,
      hostIfName: uplinkHostLink(uplink),
      ipAddresses: [`${addressOf32(first + 1)}/${prefix}`],
      veth: { peerIfName: near },
    },
  ];
}

function routeOf(uplink: PlacedUplink, { first }: Range): LinuxRoute {
  const { near } = uplinkEnds(uplink);
  return {
    name: near,
    default: true,
    namespace: genericToRouteNs(ifNsToGeneric(uplink.namespace)),
    interface: near,
    dstIpAddr: "0.0.0.0/0",
    gwAddr: addressOf32(first + 1),
  };
}

/** The network that the pair of an uplink has already. */
function formerNetwork({ claims }: PlanInput, uplink: Uplink): string | undefined {
  const item = interfaceItem(uplinkEnds(uplink).far);
  const ends = claims.linkOfItem(item)?.record.ends ?? [];
  const address = ends.find((end) => end.item === item)?.described?.[0];
  const range = address === undefined ? undefined : rangeOf(address);
  if (range === undefined || address === undefined) return undefined;
  const isOfPool = range.first >= POOL.first && range.last < POOL.first + POOL.networks * POOL.size;
  const prefix = address.split("/")[1];
  return isOfPool && prefix === `${POOL.prefix}` ? `${addressOf32(range.first)}/${prefix}` : undefined;
}

/** The first network that is not taken, from one that the names lead to. */
function freeNetwork(config: string | undefined, uplink: Uplink, taken: readonly Range[]): string | undefined {
  const start = hash32(`${config ?? ""} ${uplinkName(uplink)}`);
  for (let i = 0; i < POOL.networks; i++) {
    const first = POOL.first + (start + i) % POOL.networks * POOL.size;
    const last = first + POOL.size - 1;
    if (!taken.some((one) => one.first <= last && first <= one.last)) return `${addressOf32(first)}/${POOL.prefix}`;
  }
  return undefined;
}

/** The networks that the routes of the namespaces and the addresses of the file use, but for everything. */
function usedRanges({ config, claims, namespaceOf }: PlanInput): Range[] {
  const uplinks = config.uplinks ?? [];
  const namespaces = new Set([namespaceOf(), ...uplinks.map((one) => namespaceOf(namespaceOfItem(one)))]);
  const own = new Set(
    uplinks.flatMap((one) => {
      const { near, far } = uplinkEnds(one);
      return [near, far].flatMap((name) => claims.linkOfItem(interfaceItem(name))?.ends ?? []);
    }).map((end) => end && `${end.namespace.cookie} ${end.link.index}`),
  );
  const routes = [...namespaces].flatMap((namespace) =>
    !isAvailable(namespace) ? [] : namespace.routes(4, RT_TABLE_MAIN)
      .filter(({ index }) => index === undefined || !own.has(`${namespace.cookie} ${index}`))
      .map(({ destination }) => destination)
  );
  const described = [
    ...config.interfaces.flatMap(({ ipAddresses = [] }) => ipAddresses),
    ...config.routes.map(({ dstIpAddr }) => dstIpAddr),
  ];
  return [...routes, ...described].filter((one) => !one.endsWith("/0")).flatMap((one) => rangeOf(one) ?? []);
}

/** The addresses of the network of an address of IPv4. */
function rangeOf(text: string): Range | undefined {
  const prefix = parseIpPrefix(text);
  if (prefix === undefined || prefix.address.family !== 4) return undefined;
  const size = 2 ** (32 - prefix.length);
  const address = prefix.address.bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1 };
}
