/** Which addresses a link keeps when it is set down: those of IPv4, and of IPv6 if a sysctl says so. (`addrconf_ifdown`) */
import { familyOf } from "../../ip/address.ts";
import { isLinkLocal6 } from "../../ip/arithmetic.ts";
import { ipv6Key } from "../../sysctl/link_sysctls.ts";
import { linkAt } from "./lookup.ts";
import type { ObservedAddress, ObservedNamespace } from "./observed_namespace.ts";

/** Tells of each address of a link whether it stays when that is set down. */
export function keptWhenDown(namespace: ObservedNamespace, index: number): (one: ObservedAddress) => boolean {
  let keeps: boolean | undefined; // of most links nobody asks
  return ({ text, options }) => {
    if (familyOf(text) === 4) return true;
    const isLasting = options?.validLifetime === undefined && !isLinkLocal6(text) && text !== "::1/128";
    return isLasting && (keeps ??= keepsIpv6(namespace, index));
  };
}

function keepsIpv6(namespace: ObservedNamespace, index: number): boolean {
  const name = linkAt(namespace, index)?.name;
  if (name === undefined) return false;
  const [ofAll, ofLink] = [ipv6Key("all", "keep_addr_on_down"), ipv6Key(name, "keep_addr_on_down")];
  const values = namespace.sysctls([ofAll, ofLink]);
  const all = Number(values.get(ofAll) ?? 0);
  return (all === 0 ? Number(values.get(ofLink) ?? 0) : all) > 0;
}
