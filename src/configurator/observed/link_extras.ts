/** What only few links have, and lose when they are deleted or moved: read of one link, before that is done. */
import { isErrno, NetlinkError } from "../../errors.ts";
import type { Ethtool } from "../../netlink/ethtool/ethtool.ts";
import type { Link } from "../../netlink/link/types.ts";
import type { Netlink } from "../../netlink/netlink.ts";
import type { NsHandle } from "../../netns/handle.ts";
import { isGivenSysctl, isRepeatedSysctl, isSecretSysctl, sysctlByLink } from "../../sysctl/link_sysctls.ts";
import { listLinkSysctls } from "../../sysctl/sysctl.ts";

/** What a link has beside what every link has. */
export interface LinkExtras {
  /** Its group, if it is in another one than new links. */
  readonly group?: number | undefined;
  /** True if it takes all packets. */
  readonly promisc?: boolean | undefined;
  /** True if it takes all multicast packets. */
  readonly allmulti?: boolean | undefined;
  /** Its sysctls that are not as those of a new link, but for secrets. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** The features that can be changed, and whether each is wanted; undefined where the kernel does not say it. */
  readonly features?: Readonly<Record<string, boolean>> | undefined;
  /** The numbers of the nexthop objects that go by it. */
  readonly nextHops: readonly number[];
  /** True if a filter is at its root qdisc. */
  readonly isFiltered?: boolean | undefined;
  /** What cannot be made again, in words: `"the nexthop object 5 goes by it"`. */
  readonly lasting: readonly string[];
}

/** Reads what a link has; one that has gone meanwhile, as with the other end of its pair, has nothing. */
export function linkExtras(handle: NsHandle, netlink: Netlink, link: Pick<Link, "index" | "name">): LinkExtras {
  try {
    return extrasOf(handle, netlink, link);
  } catch (error) {
    if (error instanceof NetlinkError && error.code === "ENODEV") return { sysctls: {}, nextHops: [], lasting: [] };
    throw error;
  }
}

function extrasOf(handle: NsHandle, netlink: Netlink, { index, name }: Pick<Link, "index" | "name">): LinkExtras {
  const { group, promisc, allmulti, mtu } = netlink.getLink({ index });
  const filters = filtersOn(netlink, index);
  const nextHops = nextHopsBy(netlink, index);
  const given = Object.entries(givenSysctls(handle, { name, mtu }));
  return {
    group,
    promisc: promisc || undefined,
    allmulti: allmulti || undefined,
    sysctls: Object.fromEntries(given.filter(([key]) => !isSecretSysctl(key))),
    features: featuresOf(handle, index),
    nextHops,
    isFiltered: filters.length > 0 || undefined,
    lasting: [
      ...nextHops.map((id) => `the nexthop object ${id} goes by it`),
      ...filters.map((kind) => `it has a filter ${kind}`),
      ...given.flatMap(([key]) => isSecretSysctl(key) ? `${key} is a secret, which is not recorded` : []),
    ],
  };
}

/** The numbers of the nexthop objects that go by a link. */
function nextHopsBy(netlink: Netlink, index: number): number[] {
  try {
    return netlink.listNextHops().filter(({ linkIndex }) => linkIndex === index).map(({ id }) => id);
  } catch (error) {
    if (error instanceof NetlinkError && error.code === "EOPNOTSUPP") return []; // before Linux 5.3
    throw error;
  }
}

/** The kinds of qdiscs without classes that take filters. */
const FILTERED: ReadonlySet<string> = new Set(["fq_codel", "sfq", "cake"]);

/** The kinds of the filters at the root of a link. */
const filtersOn = (netlink: Netlink, index: number): string[] =>
  netlink.listQdiscs().filter(({ linkIndex, kind, handle }) => (
    linkIndex === index && FILTERED.has(kind) && handle !== "0:"
  )).flatMap(({ handle }) => netlink.listFilters({ linkIndex: index, parent: handle }).map(({ kind }) => kind));

/** The sysctls of a link that are not as those of new links. Of neighbours most namespaces have no default, but a `lo`. */
function givenSysctls(handle: NsHandle, link: Pick<Link, "name" | "mtu">): Record<string, string> {
  const { name } = link;
  const [own, usual, loopback] = [name, "default", "lo"].map((one) => listLinkSysctls(handle, one));
  const changed: Record<string, string> = {};
  for (const [key, value] of own ?? []) {
    if (isRepeatedSysctl(key)) continue;
    const written = name.replaceAll(".", "/");
    const as = (other: string): string => key.replace(`.${written}.`, `.${other}.`);
    const ofNew = sysctlByLink(key, link) ?? usual?.get(as("default")) ?? loopback?.get(as("lo"));
    if (isGivenSysctl(key, value, ofNew)) changed[key] = value;
  }
  return changed;
}

function featuresOf(handle: NsHandle, index: number): Record<string, boolean> | undefined {
  let ethtool: Ethtool | undefined;
  try {
    ethtool = handle.ethtool();
    const all = Object.entries(ethtool.getFeatures({ index }));
    return Object.fromEntries(all.flatMap(([name, { changeable, wanted }]) => changeable ? [[name, wanted]] : []));
  } catch (error) {
    // A kernel before 5.6 has no ethtool over netlink.
    if (error instanceof NetlinkError || isErrno(error, "ENOENT", "EOPNOTSUPP", "EPROTONOSUPPORT")) return undefined;
    throw error;
  } finally {
    ethtool?.close();
  }
}
