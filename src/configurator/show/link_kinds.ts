/** The kinds of links as the types of the file, with what the file says of each. */
import { defined } from "../../collections.ts";
import type { InterfaceInput } from "../../models/interface/linux_interface.ts";
import type { BondFields } from "../../models/interface/bond.ts";
import type { MacvlanFields } from "../../models/interface/macvlan.ts";
import type { VxlanEntry } from "../../models/interface/vxlan.ts";
import { isAgeingShortened } from "../observed/bridge_options.ts";
import type { LinkKind } from "../../netlink/link/kinds/link_spec.ts";
import type { WireguardDevice } from "../../netlink/wireguard/types.ts";
import type { Link } from "../../netlink/link/types.ts";

/** What the file calls what a link refers to. */
export interface LinkNames {
  /** The link that it stands on; undefined if there is none. */
  readonly parent: string | undefined;
  /** What the file calls the link of its namespace with this index. */
  at(index: number): string | undefined;
  /** The permanent entries of its forwarding table. */
  readonly entries: readonly VxlanEntry[];
  /** What a WireGuard link has; its keys are not shown. */
  readonly device: WireguardDevice | undefined;
  /** The namespace in which its packets stay, if that is another one that is shown. */
  readonly birthNamespace: string | undefined;
}

/** A link as an interface of the file. */
export interface DescribedKind {
  /** Its type. */
  readonly type: NonNullable<InterfaceInput["type"]>;
  /** The object that is particular to the type. */
  readonly object?: Partial<InterfaceInput> | undefined;
  /** The options of its kind that the object says. */
  readonly said?: readonly string[];
  /** What is never shown. */
  readonly secrets?: readonly string[];
}

/** A link of a kind as an interface; undefined, or why not, if it is none. */
type Describe = (link: Link, names: LinkNames) => DescribedKind | string;

/** The options of a kind, of a link that has it. */
type Options<K extends LinkKind["kind"]> = Partial<Omit<Extract<LinkKind, { readonly kind: K }>, "kind">>;

/** What the kernel has for a tunnel that names no time to live. */
const IP6_TTL = 64;
/** ETH_P_8021Q, ETH_P_8021AD of linux/if_ether.h */
const VLAN_PROTOCOLS: ReadonlyMap<unknown, "802.1Q" | "802.1ad" | undefined> = new Map([
  [undefined, undefined],
  [0x8100, undefined],
  [0x88a8, "802.1ad"],
]);
const WITHOUT_PARENT = "the link below it is not shown";

/** A value that is not what the kernel has by itself. */
function unless<T>(initial: T, value: T | undefined): T | undefined {
  return value === initial ? undefined : value;
}

/** The value, if it is one of those that the file has a word for. */
function oneOf<const T extends string>(words: readonly T[], value: unknown): T | undefined {
  return words.find((word) => word === value);
}

const dataOf = <K extends LinkKind["kind"]>({ data }: Link, _kind: K): Options<K> => ({ ...data }) as Options<K>; // its kind was looked up

function bridge(link: Link): DescribedKind {
  const isShortened = isAgeingShortened(link.data);
  const { stpState, vlanFiltering, ageingTime, forwardDelay, priority, mcastSnooping, vlanDefaultPvid } = dataOf(
    link,
    "bridge",
  );
  const object = defined({
    stp: stpState === 1 || undefined,
    vlanFiltering: vlanFiltering || undefined,
    ageingTime: isShortened ? undefined : unless(30_000, ageingTime),
    forwardDelay: unless(1500, forwardDelay),
    priority: unless(32_768, priority),
    multicastSnooping: unless(true, mcastSnooping),
    vlanDefaultPvid: unless(1, vlanDefaultPvid),
  });
  const said = ["vlanFiltering", "ageingTime", "forwardDelay", "priority", "mcastSnooping", "vlanDefaultPvid"];
  return {
    type: "BRIDGE",
    object: Object.keys(object).length === 0 ? undefined : { bridge: object },
    said: stpState === 1 ? [...said, "stpState"] : said,
    secrets: isShortened ? ["its ageingTime, which the kernel shortens while the topology changes"] : [],
  };
}

function vlan(link: Link, { parent }: LinkNames): DescribedKind | string {
  const { id = 0, protocol } = dataOf(link, "vlan");
  if (parent === undefined) return WITHOUT_PARENT;
  const known = VLAN_PROTOCOLS.has(protocol);
  return {
    type: "VLAN",
    object: { vlan: defined({ parent, id, protocol: VLAN_PROTOCOLS.get(protocol) }) },
    said: known ? ["id", "protocol"] : ["id"],
  };
}

const MACVLAN_MODES: readonly NonNullable<MacvlanFields["mode"]>[] = [
  "private",
  "vepa",
  "bridge",
  "passthru",
  "source",
];

function macvlan(link: Link, { parent }: LinkNames): DescribedKind | string {
  if (parent === undefined) return WITHOUT_PARENT;
  const mode = oneOf(MACVLAN_MODES, dataOf(link, "macvlan").mode);
  return { type: "MACVLAN", object: { macvlan: defined({ parent, mode }) }, said: mode === undefined ? [] : ["mode"] };
}

function ipvlan(link: Link, { parent }: LinkNames): DescribedKind | string {
  if (parent === undefined) return WITHOUT_PARENT;
  const mode = oneOf(["l2", "l3", "l3s"], dataOf(link, "ipvlan").mode);
  return { type: "IPVLAN", object: { ipvlan: defined({ parent, mode }) }, said: mode === undefined ? [] : ["mode"] };
}

function vxlan(link: Link, { parent, entries }: LinkNames): DescribedKind {
  const data = dataOf(link, "vxlan");
  const { id = 0, port, ttl, learning } = data;
  const group = data.group ?? data.group6;
  const said = ["id", "local", "local6", "remote", "remote6", "port", "ttl", "learning"];
  // The file wants the link beside a group, without which the kernel asks its routes.
  const isWhole = group === undefined || parent !== undefined;
  const object = defined({
    id,
    local: data.local ?? data.local6,
    remote: data.remote ?? data.remote6,
    group: isWhole ? group : undefined,
    parent,
    port,
    ttl: unless(0, ttl),
    learning: unless(true, learning),
    entries: entries.length === 0 ? undefined : entries,
  });
  return { type: "VXLAN", object: { vxlan: object }, said: isWhole ? [...said, "group", "group6"] : said };
}

function geneve(link: Link): DescribedKind | string {
  const { id = 0, remote, remote6, port, ttl } = dataOf(link, "geneve");
  const end = remote ?? remote6;
  if (end === undefined) return "a GENEVE link without another end";
  return {
    type: "GENEVE",
    object: { geneve: defined({ id, remote: end, port, ttl: unless(0, ttl) }) },
    said: ["id", "remote", "remote6", "port", "ttl"],
  };
}

const TUNNEL_MODES = ["gre", "gretap", "ip6gre", "ip6gretap", "ipip", "sit", "ip6tnl"] as const;

function tunnel(link: Link, { parent }: LinkNames): DescribedKind | string {
  const mode = oneOf(TUNNEL_MODES, link.kind);
  if (mode === undefined) return `a link of the kind ${link.kind}`;
  const { local, remote, ttl, ikey, okey } = dataOf(link, "gre"); // what all modes have
  const key = ikey === okey ? ikey : undefined;
  const object = defined({
    mode,
    local,
    remote,
    key: unless(0, key),
    ttl: unless(mode.startsWith("ip6") ? IP6_TTL : 0, ttl),
    parent,
  });
  const said = ["local", "remote", "ttl", ...ikey === okey ? ["ikey", "okey"] : []];
  return { type: "TUNNEL", object: { tunnel: object }, said };
}

function vrf(link: Link): DescribedKind {
  return { type: "VRF_DEVICE", object: { vrf: { table: dataOf(link, "vrf").table ?? 0 } }, said: ["table"] };
}

const BOND_MODES: readonly NonNullable<BondFields["mode"]>[] = [
  ...["balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"] as const,
];
const HASH_POLICIES: readonly NonNullable<BondFields["xmitHashPolicy"]>[] = [
  ...["layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac"] as const,
];

function bond(link: Link, names: LinkNames): DescribedKind {
  const { mode, miimon, primary, adLacpRate, xmitHashPolicy } = dataOf(link, "bond");
  const member = typeof primary === "number" && primary !== 0 ? names.at(primary) : undefined;
  const object = defined({
    mode: oneOf(BOND_MODES, mode),
    miimon: unless(0, miimon),
    primary: member,
    lacpRate: unless("slow", oneOf(["slow", "fast"], adLacpRate)),
    xmitHashPolicy: unless("layer2", oneOf(HASH_POLICIES, xmitHashPolicy)),
  });
  const said = ["mode", "miimon", "adLacpRate", "xmitHashPolicy", ...member === undefined ? [] : ["primary"]];
  return { type: "BOND", object: { bond: object }, said };
}

function tun(link: Link): DescribedKind | string {
  const { mode, owner, group, multiQueue, persistent } = dataOf(link, "tun");
  if (!persistent) return "a link of a program, which goes with it";
  if (mode !== "tun" && mode !== "tap") return `a link of the mode ${mode}`;
  const object = defined({ owner, group, multiQueue: multiQueue || undefined });
  return {
    type: mode === "tun" ? "TUN" : "TAP",
    object: Object.keys(object).length === 0 ? undefined : { tun: object },
    said: ["mode", "owner", "group", "multiQueue", "persistent", "numqueues", "numdisabled"],
  };
}

function wireguard(_link: Link, { device, birthNamespace }: LinkNames): DescribedKind {
  const { listenPort, fwmark, peers = [] } = device ?? {};
  const shown = peers.map(({ publicKey, endpoint, allowedIps, persistentKeepalive }) =>
    defined({ publicKey, endpoint, allowedIps, persistentKeepalive: unless(0, persistentKeepalive) })
  );
  const object = defined({
    listenPort: unless(0, listenPort),
    fwMark: unless(0, fwmark),
    birthNamespace,
    peers: shown.length === 0 ? undefined : shown,
  });
  const secrets = [
    ...device?.privateKey === undefined ? [] : ["its private key: add privateKeyFile"],
    ...peers.some(({ presharedKey }) => presharedKey !== undefined) ? ["the keys that it shares with peers"] : [],
  ];
  return { type: "WIREGUARD", object: { wireguard: object }, secrets };
}

/** How a link of each kind is described; a pair is described by its two ends. */
const KINDS: ReadonlyMap<string | undefined, Describe> = new Map<string | undefined, Describe>([
  ["dummy", () => ({ type: "DUMMY" })],
  ["ifb", () => ({ type: "IFB" })],
  ["bridge", bridge],
  ["vlan", vlan],
  ["macvlan", macvlan],
  ["ipvlan", ipvlan],
  ["vxlan", vxlan],
  ["geneve", geneve],
  ["vrf", vrf],
  ["bond", bond],
  ["tun", tun],
  ["wireguard", wireguard],
  ...TUNNEL_MODES.map((mode) => [mode, tunnel] as const),
]);

/** True of a kind of which a file can describe links. */
export const isDescribable = (kind: string | undefined): boolean => kind === "veth" || KINDS.has(kind);

/** A link as an interface of the file, or why it is none. */
export function describeKind(link: Link, names: LinkNames): DescribedKind | string {
  const { kind } = link;
  return KINDS.get(kind)?.(link, names) ??
    (kind === undefined ? "a link of hardware" : `a link of the kind ${kind}`);
}
