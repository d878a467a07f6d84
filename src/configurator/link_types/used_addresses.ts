/** Addresses that this configuration adds to a link that it uses, and takes back. */
import { familyOf } from "../../ip/address.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import { addressesOf } from "../observed/lookup.ts";
import type { ObservedAddress } from "../observed/observed_namespace.ts";
import { isAdded } from "../ownership/added_addresses.ts";
import type { AddressBefore } from "../ownership/prior_state.ts";
import type { BorrowedRecord } from "../ownership/records.ts";
import { foreignEntry, linkLabel, type Refusal } from "../ownership/refusal.ts";
import { addressBefore } from "../ownership/snapshot.ts";
import { planUsedAddresses } from "../plan/addresses.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { interfaceItem } from "../report.ts";
import type { FoundMember } from "./link_type.ts";

/** An address of somebody else with another prefix than the one that the file gives the same address. */
export function addressInTheWay(
  { model: { ipAddresses = [] }, namespace, link }: Pick<FoundMember, "model" | "namespace" | "link">,
  record: BorrowedRecord | undefined,
): Refusal | undefined {
  const present = addressesOf(namespace, link.index);
  const texts = new Set(present.map(({ text }) => text));
  const wanted = new Set(ipAddresses.filter((text) => !texts.has(text)).map(ipOf));
  const other = present.find((one) =>
    wanted.has(ipOf(one.text)) && !(record !== undefined && isAdded(namespace, one, record))
  );
  return other && foreignEntry(`${other.text} on ${linkLabel(namespace, link)}`);
}

/** The address of a prefix, as text. */
export const ipOf = (text: string): string => parseIpPrefix(text)?.address.text ?? text;

/** True if a link has the addresses that the file adds to it. */
export function hasAddedAddresses({ model: { ipAddresses = [] }, namespace, link }: FoundMember): boolean {
  const texts = new Set(addressesOf(namespace, link.index).map(({ text }) => text));
  return ipAddresses.every((text) => texts.has(text));
}

/** Plans that a link has the addresses of the file beside its own. */
export function planAddedAddresses(
  builder: PlanBuilder,
  { model, namespace, link: observed }: FoundMember,
  link: PlannedLink,
  record: BorrowedRecord | undefined,
): void {
  const { ipAddresses = [] } = model;
  const replaced = new Set(ipAddresses.map(ipOf));
  const present = addressesOf(namespace, observed.index).filter(({ text, advertised }) =>
    advertised !== true || replaced.has(ipOf(text))
  );
  const stays = (one: ObservedAddress): boolean => {
    if (ipAddresses.includes(one.text)) return true;
    if (link.ipv6Goes && familyOf(one.text) === 6) return false;
    return !replaced.has(ipOf(one.text)) && !(record !== undefined && isAdded(namespace, one, record));
  };
  const added = ipAddresses.filter((text) => !present.some((one) => one.text === text));
  const lost = lostWithIpv6(link, record, [...present.map(({ text }) => text), ...ipAddresses]);
  const former = present.filter((one) => !ipAddresses.includes(one.text))
    .map((one) => addressBefore(one, observed.name));
  const wanted = withAdded(present.filter(stays), [...added, ...lost.map(({ address }) => address)]);
  planUsedAddresses(builder, interfaceItem(model.name), link, present, wanted, [...former, ...lost]);
}

/** The addresses that went with IPv6 from a link that was too small for it, and come back with it. */
export function lostWithIpv6(
  { ipv6Comes }: PlannedLink,
  record: BorrowedRecord | undefined,
  others: readonly string[],
): readonly AddressBefore[] {
  if (!ipv6Comes) return [];
  const taken = new Set(others.map(ipOf));
  const before = record?.before[0]?.addresses ?? [];
  return before.filter(({ address }) => familyOf(address) === 6 && !taken.has(ipOf(address)));
}

/** Addresses with further ones, as the kernel lists them then: of IPv6 the newest first. */
export function withAdded(present: readonly ObservedAddress[], added: readonly string[]): string[] {
  const isOfIpv6 = (text: string): boolean => familyOf(text) === 6;
  const texts = present.map(({ text }) => text);
  return [
    ...texts.filter((text) => !isOfIpv6(text)),
    ...added.filter((text) => !isOfIpv6(text)),
    ...added.filter(isOfIpv6),
    ...texts.filter(isOfIpv6),
  ];
}
