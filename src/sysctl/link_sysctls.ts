/** Which sysctls of a link say something: those that are not as a new link has them. */

/** What holds keys, which nothing may show. */
const SECRETS: ReadonlySet<string> = new Set(["tcp_fastopen_key", "stable_secret"]);
/** Keys that are another one in another unit. */
const REPEATED: ReadonlySet<string> = new Set(["base_reachable_time", "retrans_time"]);
/** The largest packet of IPv6, in bytes: it follows that of the link, until somebody sets it. */
const IPV6_MTU = /^net\.ipv6\.conf\.[^.]+\.mtu$/;
/** A key that a link has only while it has IPv6. */
const OF_IPV6 = /^net\.ipv6\./;
/** What the kernel itself sets of links that have no hardware addresses. */
const MADE: ReadonlySet<string> = new Set(["accept_dad=-1", "use_tempaddr=-1", "rtr_solicits=0"]);

/** A key of IPv6 of a link, or of `all`: `"net.ipv6.conf.v/5.accept_ra"`. */
export const ipv6Key = (link: string, last: string): string => `net.ipv6.conf.${link.replaceAll(".", "/")}.${last}`;

/** The key of the MTU of IPv6 of a link. */
export const ipv6MtuKey = (link: string): string => ipv6Key(link, "mtu");

/** The key of the secret of which a link makes its own IPv6 addresses. */
export const stableSecretKey = (link: string): string => ipv6Key(link, "stable_secret");

/** True of a key that a link has only while it has IPv6. */
export const isIpv6Sysctl = (key: string): boolean => OF_IPV6.test(key);

/** What the kernel sets of every link, and of those that come, with a key of all; the first part is that of the links' keys. */
const SPREADING = /^(net\.ipv4)\.(?:ip_forward|conf\.all\.(forwarding))$/;
const SPREADING6 = /^(net\.ipv6)\.conf\.all\.(forwarding|disable_ipv6|ignore_routes_with_linkdown|addr_gen_mode)$/;

/** The key of a link, or of those that come (`"default"`), that the kernel sets too when `key` is set; undefined: none. */
export function spreadKey(key: string, link: string): string | undefined {
  const found = SPREADING.exec(key) ?? SPREADING6.exec(key);
  return found === null ? undefined : `${found[1]}.conf.${link.replaceAll(".", "/")}.${found[2] ?? "forwarding"}`;
}

/** The last part of a key: `"proxy_arp"`. */
export const lastOf = (key: string): string => key.slice(key.lastIndexOf(".") + 1);

/** What is said in place of a secret. */
export const A_SECRET = "(a secret)";

/** True of a key whose value is a secret. */
export const isSecretSysctl = (key: string): boolean => SECRETS.has(lastOf(key));

/** True of a key that says what another one says too. */
export const isRepeatedSysctl = (key: string): boolean => REPEATED.has(lastOf(key));

/** The value that a key of a link has by what the link is, whatever other links have; undefined: none. */
export const sysctlByLink = (key: string, { mtu }: { readonly mtu: number }): string | undefined =>
  IPV6_MTU.test(key) ? String(mtu) : undefined;

/**
 * True if a link has a value that somebody gave it.
 *
 * @param usual The value that a new link in its namespace has.
 */
export const isGivenSysctl = (key: string, value: string, usual: string | undefined): boolean => (
  value !== usual && !MADE.has(`${lastOf(key)}=${value}`)
);
