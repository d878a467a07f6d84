/** The MTU of IPv6 that somebody gave a link. The kernel sets it to that of the link where this changes, or is set up. */
import { IPV6_MIN_MTU } from "../../netlink/constants/link.ts";
import { printable } from "../../../ffi/mod.ts";
import { isLinkLocal6 } from "../../ip/arithmetic.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { namespaceOfEntry, sysctlsOfEntry } from "../../models/sysctls.ts";
import { ipv6MtuKey, isIpv6Sysctl, stableSecretKey } from "../../sysctl/link_sysctls.ts";
import { addressesOf, linkAt } from "../observed/lookup.ts";
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import type { LinkBefore } from "../ownership/prior_state.ts";
import { extrasBefore } from "../ownership/recorded_extras.ts";
import { linkLabel, type Refusal } from "../ownership/refusal.ts";
import { givenLinkLocals, uppersOf } from "../ownership/snapshot.ts";
import { isIpv6 } from "./address_change.ts";
import type { LinkChange } from "./actions.ts";
import type { Ownership, PlanBuilder } from "./plan_builder.ts";
import type { PlannedLink, PlannedLinkFields } from "./planned_link.ts";
import { stageOfSysctl } from "./sysctls.ts";

/**
 * What becomes of IPv6 on a link that is changed: the kernel takes it where the MTU gets too small, and brings it back, as on a
 * new link, with a larger one.
 *
 * @param isSetUp True if the link is set up, or down and up again.
 */
export function ipv6Of(
  { mtu }: Pick<ObservedLink, "mtu">,
  change: Pick<LinkChange, "mtu"> | undefined,
  isSetUp: boolean,
): Pick<PlannedLinkFields, "ipv6Mtu" | "ipv6Comes"> {
  const ipv6Mtu = change?.mtu ?? (isSetUp ? mtu : undefined);
  return { ipv6Mtu, ipv6Comes: ipv6Mtu !== undefined && mtu < IPV6_MIN_MTU && ipv6Mtu >= IPV6_MIN_MTU };
}

/**
 * Why a link is not made too small for IPv6: something of somebody else would be lost that nothing brings back.
 *
 * @param isOwn True of a link of this configuration: what is lost of it alone is the file's.
 */
export function refusedSmall(
  { input: { claims } }: PlanBuilder,
  { mtu }: Pick<LinuxInterface, "mtu">,
  namespace: ObservedNamespace,
  link: ObservedLink,
  isOwn: boolean,
): Refusal | undefined {
  if (mtu === undefined || mtu >= IPV6_MIN_MTU || link.mtu < IPV6_MIN_MTU) return undefined;
  const refused = (why: string): Refusal => ({
    reason: `${linkLabel(namespace, link)} is not made too small for IPv6: ${why}`,
    owner: null,
    hint: `give it an mtu of ${IPV6_MIN_MTU} or more`,
  });
  const secret = stableSecretKey(link.name);
  if (!isOwn && namespace.sysctls([secret]).has(secret)) return refused(`${secret} is a secret, which is not recorded`);
  for (const upper of uppersOf(namespace, link)) {
    if (upper.mtu < IPV6_MIN_MTU || claims.linkAt(namespace, upper) !== undefined) continue;
    const [lost] = [
      ...addressesOf(namespace, upper.index).map(({ text }) => text).filter((text) =>
        isIpv6(text) && !isLinkLocal6(text)
      ),
      ...givenLinkLocals(namespace, upper).map(({ address }) => address),
    ];
    if (lost !== undefined) return refused(`the link ${printable(upper.name)}, which stands on it, would lose ${lost}`);
  }
  return undefined;
}

/** The kinds whose MTU becomes another one with what has them as its master. */
const WITH_PORTS: ReadonlySet<string | undefined> = new Set(["bridge", "bond", "team"]);

/**
 * Why the kernel takes nothing of IPv6 on a link, so far as its MTU at the end of the plan is known: not of a link that is made
 * with what the kernel gives it, has ports, or gets its own MTU back.
 */
export function refusedIpv6(
  { descriptions, input: { claims } }: PlanBuilder,
  { namespace, name, index, label }: Pick<PlannedLink, "namespace" | "name" | "index" | "label">,
): Refusal | undefined {
  const described = descriptions.at(namespace, name)?.mtu;
  const link = described !== undefined || index === undefined ? undefined : linkAt(namespace, index);
  const isLeft = link !== undefined && !WITH_PORTS.has(link.kind) &&
    claims.linkAt(namespace, link)?.record.kind !== "borrowed";
  const mtu = described ?? (isLeft ? link.mtu : undefined);
  return mtu === undefined || mtu >= IPV6_MIN_MTU ? undefined : tooSmallForIpv6(label, mtu);
}

/** In words, for which the kernel has only numbers of errors. */
const tooSmallForIpv6 = (label: string, mtu: number): Refusal => ({
  reason: `${label} has no IPv6: its mtu ${mtu} is below ${IPV6_MIN_MTU}`,
  hint: `give it an mtu of ${IPV6_MIN_MTU} or more`,
});

/** The sysctls of IPv6 that somebody gave a link, with what comes back of those that this configuration set. */
export function givenIpv6Sysctls(
  { input: { claims } }: PlanBuilder,
  namespace: ObservedNamespace,
  link: ObservedLink,
): Readonly<Record<string, string>> {
  const { sysctls = {} } = extrasBefore(namespace, link, claims) ?? {};
  return Object.fromEntries(Object.entries(sysctls).filter(([key]) => isIpv6Sysctl(key)));
}

/** The MTU that somebody gave IPv6 on a link; undefined if it follows that of the link. */
export function givenIpv6Mtu(
  { input: { claims } }: PlanBuilder,
  namespace: ObservedNamespace,
  { name, mtu }: Pick<ObservedLink, "name" | "mtu">,
): string | undefined {
  const key = ipv6MtuKey(name);
  const now = namespace.sysctls([key]).get(key);
  const record = claims.sysctlRecord(namespace, key);
  const value = record?.value === now ? record?.before : now;
  return value === String(mtu) ? undefined : value;
}

/**
 * Plans that a link which stays has the MTU of IPv6 that somebody gave it, where a change of the link takes that away and
 * the kernel takes it again: it is no larger than that of the link.
 *
 * @param before What the link was before this configuration used it.
 */
export function keepIpv6Mtu(
  builder: PlanBuilder,
  item: string,
  link: PlannedLink,
  observed: ObservedLink,
  before?: LinkBefore,
  ends?: Ownership,
): void {
  const { namespace, name, ipv6Mtu } = link;
  const key = ipv6MtuKey(name);
  if (ipv6Mtu === undefined) return;
  if (link.ipv6Comes) giveSysctlsBack(builder, item, link, before, ends);
  if (isDescribed(builder, namespace, key)) return;
  const given = givenIpv6Mtu(builder, namespace, observed) ?? ipv6MtuBefore(before);
  if (given === undefined || Number(given) >= ipv6Mtu || Number(given) < IPV6_MIN_MTU) return;
  builder.add(stageOfSysctl(key), item, { kind: "set-sysctl", namespace, key, value: given, before: undefined }, {
    ...ends,
    why: "goes with a change of its link",
  });
}

/** Plans that a link to which IPv6 comes has the sysctls of it that somebody gave it, but for the MTU. */
function giveSysctlsBack(
  builder: PlanBuilder,
  item: string,
  { namespace, name }: PlannedLink,
  before: LinkBefore | undefined,
  ends: Ownership | undefined,
): void {
  for (const [key, value] of Object.entries(before?.extras?.sysctls ?? {})) {
    if (!isIpv6Sysctl(key) || key === ipv6MtuKey(name) || isDescribed(builder, namespace, key)) continue;
    builder.add(stageOfSysctl(key), item, { kind: "set-sysctl", namespace, key, value, before: undefined }, ends);
  }
}

const ipv6MtuBefore = (before: LinkBefore | undefined): string | undefined =>
  before?.extras?.sysctls?.[ipv6MtuKey(before.name)];

/** True if the file sets a sysctl, which is planned then. */
function isDescribed(
  { input: { config, namespaceOf } }: PlanBuilder,
  namespace: ObservedNamespace,
  key: string,
): boolean {
  return config.namespaces.some((entry) => (
    sysctlsOfEntry(entry).some((one) => one.key === key) && namespaceOf(namespaceOfEntry(entry)) === namespace
  ));
}
