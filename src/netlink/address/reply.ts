/** Addresses as the kernel reports them. See rtnetlink(7). */
import { defined } from "../../collections.ts";
import {
  IFA_F_DADFAILED,
  IFA_F_HOMEADDRESS,
  IFA_F_MANAGETEMPADDR,
  IFA_F_NOPREFIXROUTE,
  IFA_F_PERMANENT,
  IFA_F_TENTATIVE,
} from "../constants/address.ts";
import { isIpFamily } from "../wire/ip.ts";
import { addressMessage, FOREVER } from "./message.ts";
import type { Address } from "./types.ts";

/** The address that a message of the kernel is about; undefined for one that is neither IPv4 nor IPv6. */
export function decodeAddress(body: Uint8Array): Address | undefined {
  if (!isIpFamily(body)) return undefined;
  const { family, prefixLength, flags: low, scope, index, attributes: a } = addressMessage.decode(body);
  const address = a.local ?? a.address ?? "";
  const flags = a.flags ?? low;
  return defined({
    linkIndex: index,
    family,
    address,
    prefixLength,
    cidr: `${address}/${prefixLength}`,
    peer: a.address === address ? undefined : a.address,
    broadcast: a.broadcast,
    scope,
    flags,
    tentative: (flags & IFA_F_TENTATIVE) !== 0,
    duplicate: (flags & IFA_F_DADFAILED) !== 0,
    permanent: (flags & IFA_F_PERMANENT) !== 0,
    label: a.label,
    preferredLifetime: lifetimeOf(a.cacheInfo?.preferred),
    validLifetime: lifetimeOf(a.cacheInfo?.valid),
    noPrefixRoute: (flags & IFA_F_NOPREFIXROUTE) !== 0 || undefined,
    home: (flags & IFA_F_HOMEADDRESS) !== 0 || undefined,
    managedTemporaries: (flags & IFA_F_MANAGETEMPADDR) !== 0 || undefined,
    metric: a.priority,
    protocol: a.protocol,
    unknown: a.unknown,
  });
}

function lifetimeOf(seconds: number | undefined): number | undefined {
  return seconds === FOREVER ? undefined : seconds;
}
