/** Addresses as the kernel reports them. See rtnetlink(7). */
import {
  IFA_F_DADFAILED,
  IFA_F_HOMEADDRESS,
  IFA_F_MANAGETEMPADDR,
  IFA_F_NODAD,
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
  // Key by key, as each address of a list has them.
  const one: { -readonly [K in keyof Address]: Address[K] } = {
    linkIndex: index,
    family,
    address,
    prefixLength,
    cidr: `${address}/${prefixLength}`,
    scope,
    flags,
    tentative: (flags & IFA_F_TENTATIVE) !== 0,
    duplicate: (flags & IFA_F_DADFAILED) !== 0,
    permanent: (flags & IFA_F_PERMANENT) !== 0,
  };
  if (a.address !== undefined && a.address !== address) one.peer = a.address;
  if (a.broadcast !== undefined) one.broadcast = a.broadcast;
  if (a.label !== undefined) one.label = a.label;
  if (a.cacheInfo !== undefined) {
    const { preferred, valid } = a.cacheInfo;
    if (preferred !== FOREVER) one.preferredLifetime = preferred;
    if (valid !== FOREVER) one.validLifetime = valid;
  }
  if (flags & IFA_F_NOPREFIXROUTE) one.noPrefixRoute = true;
  if (flags & IFA_F_NODAD) one.noDad = true;
  if (flags & IFA_F_HOMEADDRESS) one.home = true;
  if (flags & IFA_F_MANAGETEMPADDR) one.managedTemporaries = true;
  if (a.priority !== undefined) one.metric = a.priority;
  if (a.protocol !== undefined) one.protocol = a.protocol;
  if (a.unknown !== undefined) one.unknown = a.unknown;
  return one;
}
