/** A namespace as the planner sees it: what is in it, read when it is first asked for. */

/** A link that is there. */
export interface ObservedLink {
  /** Its number in its namespace. */
  readonly index: number;
  /** Its name. */
  readonly name: string;
  /** `"veth"`, `"tun"`, `"dummy"`; hardware has none. */
  readonly kind?: string | undefined;
  /** True if it is set up (IFF_UP). */
  readonly up: boolean;
  /** True if what is below it carries packets: of a pair, if both ends are up (IFLA_CARRIER). */
  readonly carrier: boolean;
  /** Its largest packet, in bytes. */
  readonly mtu: number;
  /** Its hardware address, in lower case. */
  readonly address?: string | undefined;
  /** The index of the other end of a pair, in the namespace where that is (IFLA_LINK). */
  readonly peerIndex?: number | undefined;
  /** The id of that namespace in this one; absent if it is the same (IFLA_LINK_NETNSID). */
  readonly peerNamespaceId?: number | undefined;
}

/** An address of a link. */
export interface ObservedAddress {
  /** The link. */
  readonly index: number;
  /** Canonical text with the prefix. */
  readonly text: string;
  /** True for one that the kernel takes away with the first address of its network (IFA_F_SECONDARY, IPv4). */
  readonly secondary: boolean;
}

/** A route, if it has one next hop. */
export interface ObservedRoute {
  /** Canonical text with the prefix, also for the default route. */
  readonly destination: string;
  /** The routing table. */
  readonly table: number;
  /** The metric, as the kernel has it. */
  readonly metric: number;
  /** The next router. */
  readonly gateway?: string | undefined;
  /** The link it leaves by. */
  readonly index?: number | undefined;
  /** The preferred source. */
  readonly source?: string | undefined;
  /** The distance: RT_SCOPE_UNIVERSE 0, SITE 200, LINK 253, HOST 254. */
  readonly scope: number;
  /** True for a unicast route with one next hop: what the file can describe. */
  readonly plain: boolean;
  /** True if the kernel made it, for an address of a link (RTPROT_KERNEL). */
  readonly kernel: boolean;
}

/** A neighbour. */
export interface ObservedNeighbour {
  /** The link. */
  readonly index: number;
  /** Canonical text. */
  readonly ip: string;
  /** Its hardware address, in lower case, if it is known. */
  readonly address?: string | undefined;
  /** NUD_* of linux/neighbour.h. */
  readonly state: number;
}

/** A namespace. Two namespaces are the same namespace exactly if they are the same object. */
export interface ObservedNamespace {
  /** The namespace for people: `"blue"`, `"MICROSERVICE:web"`, `"the default namespace"`. */
  readonly label: string;
  /** Its name, if it was named by that. */
  readonly name?: string | undefined;
  /** False for a named namespace that will be made. */
  readonly exists: boolean;
  /** True if it does not exist, and a crash left a file of its name. */
  readonly stale?: boolean | undefined;
  /** All links. */
  links(): readonly ObservedLink[];
  /** All addresses. */
  addresses(): readonly ObservedAddress[];
  /** The routes of one IP version and one table. */
  routes(family: 4 | 6, table: number): readonly ObservedRoute[];
  /** The neighbours of one IP version. */
  neighbours(family: 4 | 6): readonly ObservedNeighbour[];
  /** The id that `other` has in this namespace, if it has one. See RTM_GETNSID in rtnetlink(7). */
  namespaceId(other: ObservedNamespace): number | undefined;
}

/** The IP version of an address or network in text. */
export function familyOf(text: string): 4 | 6 {
  return text.includes(":") ? 6 : 4;
}

/** Lists that are no longer than this are gone through: most namespaces have two links. */
const SHORT = 4;

/**
 * A look-up in a list of a namespace, made once for each list: a namespace with a thousand links is asked for each of
 * them. `keyOf` gives what the values are found by.
 */
export function lookup<T extends object, K>(keyOf: (value: T) => K): (list: readonly T[], key: K) => readonly T[] {
  const made = new WeakMap<readonly T[], Map<K, T[]>>();
  return (list, key) => {
    if (list.length <= SHORT) return list.filter((value) => keyOf(value) === key);
    let groups = made.get(list);
    if (groups === undefined) {
      groups = new Map();
      for (const value of list) {
        const group = groups.get(keyOf(value));
        if (group === undefined) groups.set(keyOf(value), [value]);
        else group.push(value);
      }
      made.set(list, groups);
    }
    return groups.get(key) ?? [];
  };
}

const linksByName = lookup((link: ObservedLink) => link.name);
const linksByIndex = lookup((link: ObservedLink) => link.index);
const addressesByLink = lookup((address: ObservedAddress) => address.index);

/** The link with this name. */
export function linkNamed(namespace: ObservedNamespace, name: string): ObservedLink | undefined {
  return linksByName(namespace.links(), name)[0];
}

/** The addresses of the link with this index. */
export function addressesOf(namespace: ObservedNamespace, index: number): readonly ObservedAddress[] {
  return addressesByLink(namespace.addresses(), index);
}

/** What is asked of a link to tell whether it is the end of a pair. */
export type PairEnd = Pick<ObservedLink, "index" | "kind" | "peerIndex" | "peerNamespaceId">;

/** True if the two are the ends of one veth pair. The indices alone say little: each namespace counts from 1. */
export function arePeers<S extends { namespaceId(other: S): number | undefined }>(
  a: S,
  left: PairEnd,
  b: S,
  right: PairEnd,
): boolean {
  if (left.kind !== "veth" || right.kind !== "veth") return false;
  if (left.peerIndex !== right.index || right.peerIndex !== left.index) return false;
  return a === b
    ? left.peerNamespaceId === undefined
    : left.peerNamespaceId !== undefined && left.peerNamespaceId === a.namespaceId(b);
}

/** The other end of `link`, if it is in `other`. */
export function peerIn(
  namespace: ObservedNamespace,
  link: ObservedLink,
  other: ObservedNamespace,
): ObservedLink | undefined {
  const [candidate] = link.peerIndex === undefined ? [] : linksByIndex(other.links(), link.peerIndex);
  return candidate !== undefined && arePeers(namespace, link, other, candidate) ? candidate : undefined;
}
