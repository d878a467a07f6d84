/** What links do to the packets that leave them: the qdisc at the root of each, which is this configuration's. */
import { defined } from "../../collections.ts";
import type { Impairment } from "../../models/impair.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import type { Qdisc } from "../../netlink/tc/qdisc/types.ts";
import { linkAt, rootQdisc } from "../observed/lookup.ts";
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import { qdiscOfText, recordedQdisc } from "../ownership/recorded_extras.ts";
import { IMPAIR_HANDLE, type QdiscRecord } from "../ownership/records.ts";
import { foreignEntry, ownedByOther } from "../ownership/refusal.ts";
import { interfaceItem } from "../report.ts";
import { impairmentText, isChangeable, isQdisc, knownImpairment, qdiscOf } from "./impair_qdisc.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import type { PlannedLink } from "./planned_link.ts";

/** Plans the qdisc of each interface that has an impairment. */
export function planImpairments(builder: PlanBuilder): void {
  for (const { name, impair } of builder.input.config.interfaces) {
    if (impair === undefined) continue;
    const link = builder.links.get(name);
    const item = interfaceItem(name);
    if (link === undefined || "reason" in link) keepRecordsOf(builder, item);
    else planImpairment(builder, item, link, impair);
  }
}

/** True of a link that the file does not impair, or that impairs packets as it says: else its qdisc would go with it. */
export function isImpairedAsDescribed(
  { model: { impair }, namespace, link: { index } }: {
    readonly model: LinuxInterface;
    readonly namespace: ObservedNamespace;
    readonly link: Pick<ObservedLink, "index">;
  },
): boolean {
  const root = impair && rootQdisc(namespace, index);
  return impair === undefined || root !== undefined && isQdisc(root, qdiscOf(impair));
}

/** The link waits or is refused: what it has stays as it is. */
function keepRecordsOf(builder: PlanBuilder, item: string): void {
  for (const record of builder.input.claims.records) {
    if (record.kind === "qdisc" && record.item === item) builder.keep(record);
  }
}

function planImpairment(builder: PlanBuilder, item: string, link: PlannedLink, impairment: Impairment): void {
  const { namespace, index } = link;
  const { claims } = builder.input;
  const wanted = qdiscOf(impairment);
  const text = impairmentText(impairment);
  const present = link.isNew || index === undefined ? undefined : rootQdisc(namespace, index);
  const record = link.isNew || index === undefined ? undefined : claims.qdiscRecord(namespace, index);
  if (present !== undefined && (record === undefined || present.handle !== IMPAIR_HANDLE)) {
    if (isQdisc(present, wanted)) { // as described, and not ours: it stays as it is
      if (present.handle === IMPAIR_HANDLE && claims.others.ownerOfQdisc(namespace, present.linkIndex) === undefined) {
        builder.match(recordOf(item, link, text, undefined));
      }
      return;
    }
    const label = `the qdisc ${present.kind} on ${link.label}`;
    const owner = claims.others.ownerOfQdisc(namespace, present.linkIndex);
    if (owner !== undefined) return builder.fail(item, ownedByOther(label, owner));
    const before = isAlone(namespace, present) ? recordedQdisc(present) : undefined;
    if (before === undefined) {
      const reason = `${label} is not adopted: it could not be made again as it was`;
      return builder.fail(item, { reason, owner: null, hint: `tc qdisc del dev ${link.name} root takes it away` });
    }
    if (!builder.input.adopt) return builder.fail(item, foreignEntry(label));
    builder.add("adopt", item, { kind: "adopt", what: label, namespace, name: link.name });
    const makes = (): QdiscRecord => recordOf(item, link, text, before);
    return builder.add("configure", item, { kind: "set-qdisc", link, qdisc: wanted, isThere: true, text }, { makes });
  }
  if (record !== undefined) builder.keep(record, { ...record, item }); // says what it is until it is set
  // The kernel does not list the distribution, so the record says whether it is the same.
  if (present !== undefined && isQdisc(present, wanted) && record?.impairment === text) return;
  const known = present && knownImpairment(present, record?.impairment);
  const isThere = present !== undefined && isChangeable(present, wanted, known);
  const before = known && impairmentText(known);
  if (present !== undefined && !isThere) builder.add("configure", item, { kind: "delete-qdisc", link, before });
  const makes = (): QdiscRecord => recordOf(item, link, text, record?.before);
  builder.add("configure", item, { kind: "set-qdisc", link, qdisc: wanted, isThere, text, before }, { makes });
}

const recordOf = (
  item: string,
  { namespace, index = 0 }: PlannedLink,
  impairment: string,
  before: string | undefined,
): QdiscRecord => defined({ kind: "qdisc", item, namespace: namespace.cookie ?? "0", link: index, impairment, before });

/** True of a qdisc that has neither others below it nor filters. */
function isAlone(namespace: ObservedNamespace, { linkIndex, handle }: Qdisc): boolean {
  const isBelow = (one: Qdisc): boolean => one.linkIndex === linkIndex && one.parent?.startsWith(handle) === true;
  const link = linkAt(namespace, linkIndex);
  return !namespace.qdiscs().some((one) => isBelow(one) && one.handle !== "0:") && link !== undefined &&
    !namespace.extras(link).isFiltered;
}

/** Plans that qdiscs go which this configuration made and no longer describes. */
export function removeImpairments(builder: PlanBuilder): void {
  const { claims } = builder.input;
  for (const record of claims.records) {
    if (record.kind !== "qdisc" || !builder.goes(record)) continue;
    const namespace = claims.namespace(record.namespace);
    const observed = namespace && linkAt(namespace, record.link);
    if (namespace === undefined || observed === undefined || builder.effects.isGone(namespace, record.link)) continue;
    if (rootQdisc(namespace, record.link)?.handle !== IMPAIR_HANDLE) continue;
    const link = builder.effects.linkOf(namespace, observed);
    const before = record.before === undefined ? undefined : qdiscOfText(record.before);
    const action = before === undefined
      ? { kind: "delete-qdisc", link } as const
      : { kind: "restore-qdisc", link, qdisc: before } as const;
    builder.add("delete-entries", record.item, action, { drops: record });
  }
}
