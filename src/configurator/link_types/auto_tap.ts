/** AUTO_TAP: a TAP that another program makes in the default namespace. It is moved, and given back at the end. */
import { isLinkLocal6 } from "../../ip/arithmetic.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { givenAddressesOf } from "../observed/lookup.ts";
import { isAvailable, type ObservedLink, type ObservedNamespace } from "../observed/observed_namespace.ts";
import type { LinkBefore } from "../ownership/prior_state.ts";
import { lastingQdisc } from "../ownership/recorded_extras.ts";
import type { BorrowedRecord, LinkEnd } from "../ownership/records.ts";
import { linkLabel } from "../ownership/refusal.ts";
import { planAddresses } from "../plan/addresses.ts";
import { changeOf } from "../plan/change_link.ts";
import { refusedSmall } from "../plan/ipv6_mtu.ts";
import type { NoLink, PlanBuilder } from "../plan/plan_builder.ts";
import { carrierOf, PlannedLink } from "../plan/planned_link.ts";
import { interfaceItem } from "../report.ts";
import { findLink } from "./find_link.ts";
import { wholeForeignBefore } from "./link_records.ts";
import type { FoundMember, LinkType, Member } from "./link_type.ts";

/** The type AUTO_TAP. */
export const autoTap: LinkType = {
  kind: "tap",
  members: (_builder, model) => [model],
  matches: isTap,
  find: (builder, members) => {
    const found = members.flatMap((member) => findTap(builder, member) ?? []);
    return found.length === members.length ? found : undefined;
  },
  change: (_builder, { model, link }) => changeOf(model, link),
  borrows: true,
  create: (builder, members) => {
    const missing = members.flatMap((member) => fetchTap(builder, member) ?? []);
    return missing[0];
  },
};

function isTap({ kind }: ObservedLink): boolean {
  return kind === "tun";
}

/** The name under which the other program makes the TAP. */
const temporaryName = ({ tap, hostIfName }: LinuxInterface): string => tap?.tempIfName ?? hostIfName;

function findTap(builder: PlanBuilder, member: Member): FoundMember | undefined {
  const { model, namespace } = member;
  const link = findLink(builder, member) ??
    (namespace === builder.input.namespaceOf() ? waitingTap(builder, namespace, model) : undefined);
  const isMeant = link !== undefined && isTap(link) && !isAnotherTap(builder, member, link);
  return isMeant ? { ...member, link, hasCarrier: link.carrier } : undefined;
}

/** True of a TAP that came from the default namespace under another name than the one that the file gives now. */
function isAnotherTap({ input }: PlanBuilder, { model: { tap }, namespace }: Member, link: ObservedLink): boolean {
  const home = input.namespaceOf();
  const record = input.claims.linkAt(namespace, link)?.record;
  const [before] = record?.kind === "borrowed" && record.used === undefined ? record.before : [];
  if (tap?.tempIfName === undefined || before === undefined || !isAvailable(home) || home === namespace) return false;
  return before.namespace === home.cookie && before.name !== tap.tempIfName;
}

/** The TAP that the other program has made for the interface. */
function waitingTap(
  builder: PlanBuilder,
  defaultNamespace: ObservedNamespace,
  model: LinuxInterface,
): ObservedLink | undefined {
  const link = builder.remainingLink(defaultNamespace, temporaryName(model));
  return link !== undefined && isTap(link) ? link : undefined;
}

/** Plans that the TAP is moved from the default namespace, with its addresses and routes. */
function fetchTap(builder: PlanBuilder, { model, namespace }: Member): NoLink | undefined {
  const from = builder.input.namespaceOf();
  if (!isAvailable(from)) return from;
  const observed = waitingTap(builder, from, model);
  if (observed === undefined) {
    return { reason: `there is no TAP ${temporaryName(model)} in the default namespace` };
  }
  const lasting = lastingQdisc(from, observed, builder.input.claims);
  if (lasting !== undefined) return { reason: `${linkLabel(from, observed)} is not moved: ${lasting}`, broken: true };
  const small = refusedSmall(builder, model, from, observed, false);
  if (small !== undefined) return { reason: small.reason, broken: true };
  const { index, name } = observed;
  const item = interfaceItem(model.name);
  const link = movedLink(namespace, model, observed);
  builder.need(namespace, item);
  builder.effects.take(from, index, item);
  builder.links.set(model.name, link);
  const before = beforeOf(builder, item, from, observed);
  const makes = (): BorrowedRecord => ({
    kind: "borrowed",
    link: "tun",
    ends: [endOf(model, observed.address, link)],
    before: [before],
  });
  builder.add("create", item, { kind: "move-link", link, from, index, name, whole: true }, { makes });
  planAddresses(
    builder,
    model,
    link,
    givenAddressesOf(from, index, model.ipAddresses).filter(({ text }) => !isLinkLocal6(text)),
  );
  const change = changeOf(model, { ...observed, name: link.name });
  // A link that is set down loses its IPv6 addresses, so it gets them after that.
  const stage = change?.up === false ? "create" : "configure";
  if (change !== undefined) builder.add(stage, item, { kind: "change-link", link, name: link.name, change });
  return undefined;
}

/** What the TAP was before it was borrowed: now, or before a crash came while it was given back. */
function beforeOf(builder: PlanBuilder, item: string, from: ObservedNamespace, tap: ObservedLink): LinkBefore {
  const claimed = builder.input.claims.linkOfItem(item);
  const [end] = claimed?.ends ?? [];
  const isSame = end?.namespace === from && end.link.index === tap.index;
  const [recorded] = isSame && claimed?.record.kind === "borrowed" ? claimed.record.before : [];
  return recorded ?? wholeForeignBefore(builder, from, tap);
}

function endOf(
  { name, physAddress, ipAddresses, hostIfName }: LinuxInterface,
  address: string | undefined,
  link: PlannedLink,
): LinkEnd {
  return {
    item: interfaceItem(name),
    namespace: link.namespace.cookie ?? "0",
    index: link.index,
    name: hostIfName,
    address: physAddress ?? address,
    former: physAddress === undefined || physAddress === address ? undefined : address,
    described: ipAddresses,
  };
}

function movedLink(
  namespace: ObservedNamespace,
  { hostIfName: name, enabled: up }: LinuxInterface,
  before: ObservedLink,
): PlannedLink {
  const carrier = carrierOf(false, up && before.carrier);
  return new PlannedLink({ namespace, name, up, goesDown: before.up && !up, carrier });
}
