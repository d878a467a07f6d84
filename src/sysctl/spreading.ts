/** Sysctls that the kernel sets with others, in the order in which they can be set. (`devinet.c`, `addrconf.c`) */
import { spreadKey } from "./link_sysctls.ts";

/** Keys of links: `net.ipv4.conf.eth0.proxy_arp`. */
export const OF_LINK: RegExp = /^(net\.(?:ipv4|ipv6|mpls)\.(?:conf|neigh)\.)([^.]+)(\..+)$/;

/** The keys of all links, and of those that come. */
const OF_ALL: ReadonlySet<string> = new Set(["all", "default"]);

/** The name of the link whose key it is, if it is that of one. */
export function linkOfKey(key: string): string | undefined {
  const name = OF_LINK.exec(key)?.[2]?.replaceAll("/", ".");
  return name === undefined || OF_ALL.has(name) ? undefined : name;
}

/** By which sysctls are sorted so that what sets others comes before them. */
export function rankOfSysctl(key: string): number {
  if (key === "net.ipv4.ip_forward") return 0;
  const link = OF_LINK.exec(key)?.[2];
  return link === undefined ? 3 : link === "all" ? 1 : link === "default" ? 2 : 4;
}

/** That of `default`, which the kernel gives each link that has none of its own: of IPv4, and of neighbours. */
const OF_DEFAULT = /^(net\.(?:ipv4\.conf|ipv[46]\.neigh)\.)default(\..+)$/;

/** What becomes the opposite of whether packets of IPv4 are passed on, when that changes: a router takes no advice on routes. */
export const REDIRECTS = "net.ipv4.conf.all.accept_redirects";
const changesRedirects = (key: string): boolean => spreadKey(key, "default")?.startsWith("net.ipv4.") === true;

/** The keys that the kernel sets too when `key` is changed; of `links` those of each. */
export function spreadKeys(key: string, links: readonly string[]): string[] {
  const ofLinks = ["default", ...links].flatMap((link) => spreadKey(key, link) ?? []);
  return changesRedirects(key) ? [...ofLinks, REDIRECTS] : ofLinks;
}

/** What the kernel gives the sysctl `key` when one that sets it too is changed to `value`. */
export const spreadValue = (key: string, value: string): string =>
  key !== REDIRECTS ? value : value === "0" ? "1" : "0";

/** True if the kernel may set the sysctl `key` when `written`, another one, is written. */
export function spreadsTo(written: string, key: string): boolean {
  const [, start, link = "all", end] = OF_LINK.exec(key) ?? [];
  if (link === "all") return key === REDIRECTS && changesRedirects(written);
  if (spreadKey(written, link.replaceAll("/", ".")) === key) return written !== key;
  const [, ofDefault, same] = OF_DEFAULT.exec(written) ?? [];
  return link !== "default" && ofDefault !== undefined && ofDefault === start && same === end;
}
