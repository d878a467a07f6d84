/** The sysctls of a namespace that differ from those of a new one, and whether it is a router. */
import { isErrno, reasonOf } from "../../errors.ts";
import { isSysctlKey } from "../../models/sysctls.ts";
import { NsHandle } from "../../netns/handle.ts";
import type { Link } from "../../netlink/link/types.ts";
import { isGivenSysctl, isRepeatedSysctl, isSecretSysctl, lastOf, sysctlByLink } from "../../sysctl/link_sysctls.ts";
import { OF_LINK, rankOfSysctl, REDIRECTS, spreadValue } from "../../sysctl/spreading.ts";
import { listSysctls } from "../../sysctl/sysctl.ts";
import { FORWARDING } from "../plan/uplinks.ts";
import type { Omissions } from "./omissions.ts";
import type { ShownNamespace } from "./shown_namespace.ts";

/** The sysctls of a new namespace, read once. */
export class InitialSysctls {
  #values: ReadonlyMap<string, string> | undefined;

  /**
   * The values. A namespace without a name is made, and goes when they are read.
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN. `ENOSPC`: there are as many namespaces as this machine takes.
   */
  get values(): ReadonlyMap<string, string> {
    if (this.#values === undefined) {
      using ns = NsHandle.create();
      this.#values = listSysctls(ns);
    }
    return this.#values;
  }
}

/** ARPHRD_NONE of linux/if_arp.h: links of which the kernel makes the IPv6 addresses in a way of its own. */
const WITHOUT_HARDWARE = 65_534;
/** Keys that set those of all links. */
const SPREADING: ReadonlySet<string> = new Set(["forwarding", "disable_ipv6"]);

/** The sysctls of a namespace as its entry in the file has them: those of all links first, because they set those of each. */
export function shownSysctls(
  { namespace, links }: ShownNamespace,
  initial: InitialSysctls,
  omissions: Omissions,
): Record<string, string> {
  const values = listSysctls(namespace.handle);
  let ofNew: ReadonlyMap<string, string>;
  try {
    ofNew = initial.values;
  } catch (error) {
    if (!isErrno(error, "ENOSPC")) throw error;
    omissions.add(`the sysctls of ${namespace.label}`, `those of a new one are not known: ${reasonOf(error)}`);
    return {};
  }
  const byName = new Map(links.map((link) => [link.name, link]));
  const ofKernel = new Set(links.flatMap(madeBySetUp));
  const shown: [key: string, value: string][] = [];
  // A new namespace has the machine's own value, which on another machine is another one.
  const isRouter = links.length > 2 && values.get(FORWARDING) === "1" && ofNew.get(FORWARDING) === "1";
  if (isRouter) shown.push([FORWARDING, "1"]);
  /** What a key has where the file makes the namespace, here and on such a machine; `own` if nothing is set with it. */
  const made = (key: string, from: string, own: string | undefined): readonly (string | undefined)[] => {
    const value = values.get(from);
    if (from === key || value === undefined) return [own];
    if (value !== ofNew.get(from)) return [spreadValue(key, value)];
    return isRouter && from === FORWARDING ? [own, spreadValue(key, value)] : [own];
  };
  for (const [key, value] of values) {
    const last = lastOf(key);
    if (!isSysctlKey(key) || isRepeatedSysctl(key)) continue;
    const [, start = "", written = "", end = ""] = OF_LINK.exec(key) ?? [];
    const link = written.replaceAll("/", ".");
    const present = byName.get(link);
    const byLink = present && sysctlByLink(key, present);
    const comesLater = present !== undefined && link !== "lo"; // with what `default` says by then
    if (byLink !== undefined && values.get(`${start}${written}.disable_ipv6`) === "1") continue; // it is not followed
    if (comesLater) {
      // Of neighbours a namespace has no default: all links begin with the same, as the `lo` of a new one did.
      const ofLink = byLink ?? values.get(`${start}default${end}`) ?? ofNew.get(`${start}lo${end}`);
      if (!isGivenSysctl(key, value, ofLink) || ofKernel.has(`${link} ${last}`)) continue;
    } else {
      const own = byLink ?? ofNew.get(key) ?? (link === "" ? undefined : value);
      if (made(key, spreadingKey(key, start, last), own).every((one) => one === value)) continue;
    }
    if (isSecretSysctl(key)) omissions.add(`${key} of ${namespace.label}`, "a secret");
    else shown.push([key, value]);
  }
  return inOrder(shown);
}

/** The keys that the kernel sets when a link is set up: a secret where its addresses are at random, and of one without hardware. */
function madeBySetUp({ name, kind, hardwareType, addrGenMode }: Link): string[] {
  if (hardwareType !== WITHOUT_HARDWARE) return addrGenMode === "random" ? [`${name} stable_secret`] : [];
  if (kind === "wireguard") return addrGenMode === "none" ? [`${name} addr_gen_mode`] : [];
  return addrGenMode === "random" ? [`${name} addr_gen_mode`, `${name} stable_secret`] : [];
}

/** The key that sets this one too, when it is set; the key itself, if none does. */
function spreadingKey(key: string, start: string, last: string): string {
  if (key === REDIRECTS) return FORWARDING;
  if (start === "" || !SPREADING.has(last)) return key;
  return start === "net.ipv4.conf." ? FORWARDING : `${start}all.${last}`;
}

/** Sysctls in the order in which they can be set one after the other: what sets others comes before them. */
export function inOrder(sysctls: readonly (readonly [key: string, value: string])[]): Record<string, string> {
  const ranked = sysctls.map(([key, value]) => [rankOfSysctl(key), key, value] as const);
  ranked.sort(([a, left], [b, right]) => a - b || (left < right ? -1 : 1));
  return Object.fromEntries(ranked.map(([, key, value]) => [key, value]));
}
