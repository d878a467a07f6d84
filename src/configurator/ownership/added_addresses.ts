/** Addresses that this configuration added to links that stay somebody else's. */
import { RTPROT_NETNS } from "../../netlink/constants/route.ts";
import { addressesOf } from "../observed/lookup.ts";
import type { ObservedAddress, ObservedNamespace } from "../observed/observed_namespace.ts";
import type { BorrowedRecord } from "./records.ts";

/** True of an address that this configuration added to a link that it uses. */
export function isAdded(
  namespace: ObservedNamespace,
  { text, options }: ObservedAddress,
  { ends: [end], before: [before] }: BorrowedRecord,
): boolean {
  if (!end?.described?.includes(text) || before?.addresses.some(({ address }) => address === text)) return false;
  return options?.protocol === RTPROT_NETNS || !marksAddresses(namespace);
}

/** The addresses of a link that this configuration added to it. */
export const addedAddresses = (namespace: ObservedNamespace, index: number, record: BorrowedRecord): string[] =>
  addressesOf(namespace, index).filter((one) => isAdded(namespace, one, record)).map(({ text }) => text);

/** True of Linux 5.18 and later, which mark addresses: that of the loopback link is the kernel's. */
const marksAddresses = (namespace: ObservedNamespace): boolean =>
  namespace.addresses().some(({ options }) => options?.protocol !== undefined);
