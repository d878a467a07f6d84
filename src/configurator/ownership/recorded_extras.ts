/** What only few links have, as it is recorded before it goes, and what of it could not be made again. */
import { defined } from "../../collections.ts";
import { isMapping } from "../../models/fields.ts";
import { QDISC_KINDS } from "../../netlink/tc/qdisc/qdisc_kinds.ts";
import type { SfqOptions } from "../../netlink/tc/qdisc/kinds/sfq.ts";
import type { Qdisc, QdiscOptions, QdiscPlace, QdiscState } from "../../netlink/tc/qdisc/types.ts";
import { rootQdisc } from "../observed/lookup.ts";
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import type { ExtrasBefore } from "./prior_state.ts";
import type { Claims } from "./claims.ts";
import { isAsSet } from "./formerly.ts";
import { IMPAIR_HANDLE } from "./records.ts";

/** A qdisc that is given back. */
export type QdiscBefore = QdiscOptions & QdiscPlace & Pick<QdiscState, "handle">;

/** The kinds that are made again by one request: they have no classes. */
const WITHOUT_CLASSES: ReadonlySet<string> = new Set([
  ...["pfifo", "bfifo", "pfifo_fast", "tbf", "netem", "fq", "fq_codel", "codel", "red", "sfq", "cake"],
]);

/** A qdisc as a record has it; undefined if it could not be made again from that. */
export function recordedQdisc(qdisc: Qdisc): string | undefined {
  // The kernel does not list the distribution of a jitter.
  if (!WITHOUT_CLASSES.has(qdisc.kind) || qdisc.stab !== undefined || qdisc.kind === "netem" && qdisc.jitter) {
    return undefined;
  }
  const fields = QDISC_KINDS.all.get(qdisc.kind)?.fields ?? {};
  const given = qdisc.kind === "sfq" && isUsualLimit(qdisc) ? { ...qdisc, limit: undefined } : qdisc;
  const entries = Object.entries<unknown>({ ...given }).filter(([name]) => Object.hasOwn(fields, name));
  let isWhole = true;
  const text = JSON.stringify(
    { kind: qdisc.kind, handle: qdisc.handle, ...Object.fromEntries(entries) },
    (_, value: unknown) => {
      const isText = typeof value !== "bigint" && !(value instanceof Uint8Array);
      isWhole &&= isText;
      return isText ? value : null;
    },
  );
  return isWhole ? text : undefined;
}

/** True of a limit that nobody gave: one that somebody gives cuts the number of flows to it. */
const isUsualLimit = ({ limit = 0, flows = 0 }: Pick<SfqOptions, "limit" | "flows">): boolean => flows > limit;

/** The qdisc that {@linkcode recordedQdisc} wrote; undefined for any other text. */
export function qdiscOfText(text: string): QdiscBefore | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isQdisc(value) ? value : undefined;
  } catch {
    return undefined; // somebody else wrote it
  }
}

/** True of a kind that is recorded; netlink checks its options one by one. */
const isQdisc = (value: unknown): value is QdiscBefore =>
  isMapping(value) && typeof value["kind"] === "string" && WITHOUT_CLASSES.has(value["kind"]) &&
  typeof value["handle"] === "string";

/**
 * What a link has that it loses when it goes; undefined for nothing.
 *
 * @param claims What of it is this configuration's, and is not recorded. Without them, all of it is.
 */
export function extrasBefore(
  namespace: ObservedNamespace,
  link: ObservedLink,
  claims?: Claims,
): ExtrasBefore | undefined {
  const { lasting: _, isFiltered: __, nextHops: ___, sysctls, ...rest } = namespace.extras(link);
  const qdisc = foreignRoot(namespace, link, claims);
  const kept = Object.entries(sysctls).flatMap(([key, value]): [string, string][] => {
    const record = claims?.sysctlRecord(namespace, key);
    if (record === undefined || !isAsSet(record, value)) return [[key, value]];
    return record.before === undefined ? [] : [[key, record.before]];
  });
  const before = defined({
    ...rest,
    qdisc: qdisc === undefined ? claims?.qdiscRecord(namespace, link.index)?.before : recordedQdisc(qdisc),
    altNames: link.altNames?.length ? link.altNames : undefined,
    sysctls: kept.length === 0 ? undefined : Object.fromEntries(kept),
  });
  return Object.keys(before).length === 0 ? undefined : before;
}

/** Why a link is not deleted for another one in its place: what it has could not be made again. */
export function lastingReason(namespace: ObservedNamespace, link: ObservedLink, claims: Claims): string | undefined {
  return lastingQdisc(namespace, link, claims) ?? namespace.extras(link).lasting[0];
}

/** The qdisc of a link that could not be made again, in words. */
export function lastingQdisc(namespace: ObservedNamespace, link: ObservedLink, claims: Claims): string | undefined {
  const root = foreignRoot(namespace, link, claims);
  const isOwn = claims.qdiscRecord(namespace, link.index) !== undefined;
  const found = namespace.qdiscs().find((one) =>
    one.linkIndex === link.index && one.handle !== "0:" && !(isOwn && one.handle === IMPAIR_HANDLE) &&
    (one !== root || recordedQdisc(one) === undefined)
  );
  return found && `its qdisc ${found.kind} could not be made again as it was`;
}

/** The qdisc at the root of a link that neither the kernel nor this configuration made. */
function foreignRoot(namespace: ObservedNamespace, { index }: ObservedLink, claims?: Claims): Qdisc | undefined {
  const root = rootQdisc(namespace, index);
  const isOwn = root?.handle === IMPAIR_HANDLE && claims?.qdiscRecord(namespace, index) !== undefined;
  return isOwn ? undefined : root;
}
