/** Sysctls that the kernel sets with others, in the order in which they can be set. (`devinet.c`, `addrconf.c`) */
import { spreadKey } from "./link_sysctls.ts";

/** Keys of links: `net.ipv4.conf.eth0.proxy_arp`. */
export const OF_LINK: RegExp = /^(net\.(?:ipv4|ipv6|mpls)\.(?:conf|neigh)\.)([^.]+)(\..+)$/;

/** By which sysctls are sorted so that what sets others comes before them. */
export function rankOfSysctl(key: string): number {
  if (key === "net.ipv4.ip_forward") return 0;
  const link = OF_LINK.exec(key)?.[2];
  return link === undefined ? 3 : link === "all" ? 1 : link === "default" ? 2 : 4;
}

/** That of `default` of IPv4, which the kernel gives each link that has none of its own. */
const OF_DEFAULT = /^(net\.ipv4\.conf\.)default(\..+)$/;

/** True if the kernel may set the sysctl `key` when `written`, another one, is written. */
export function spreadsTo(written: string, key: string): boolean {
  const [, start, link = "all", end] = OF_LINK.exec(key) ?? [];
  if (link === "all") { // a host that forwards packets takes no advice on routes
    return key === "net.ipv4.conf.all.accept_redirects" &&
      spreadKey(written, "default")?.startsWith("net.ipv4.") === true;
  }
  if (spreadKey(written, link.replaceAll("/", ".")) === key) return written !== key;
  const [, ofDefault, same] = OF_DEFAULT.exec(written) ?? [];
  return link !== "default" && ofDefault !== undefined && ofDefault === start && same === end;
}
