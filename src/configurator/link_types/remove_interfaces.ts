/** Removes the links that the file no longer describes. */
import { printable } from "../../../ffi/mod.ts";
import { type BorrowedRecord, isLost, itemsOf, type LinkRecord } from "../ownership/records.ts";
import { linkLabel, movedAway } from "../ownership/refusal.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { interfaceItem } from "../report.ts";
import { removeClaimed } from "./remove_link.ts";
import { restoreLost } from "./restore_lost.ts";
import { movedEndOf } from "./stray.ts";

/** Plans that links go which this configuration made and no longer describes, and that borrowed ones are given back. */
export function removeInterfaces(builder: PlanBuilder): void {
  const { claims } = builder.input;
  const lost: LinkRecord[] = [];
  for (const record of claims.records) {
    if (record.kind !== "link" && record.kind !== "borrowed" || builder.isKept(record)) continue;
    const claimed = claims.claimed(record);
    if (!itemsOf(record).some((item) => builder.input.removes(item))) builder.keep(record);
    else if (claimed !== undefined) removeClaimed(builder, record.ends[0]?.item ?? "", claimed);
    else if (claims.isUnknown(record)) {
      builder.keep(record);
      builder.leaveUnknown(record);
    } else if (!leavesStray(builder, record)) {
      sayMoved(builder, record);
      if (record.kind === "link") lost.push(record);
    }
  }
  // Last: what goes is in nobody's way.
  for (const record of lost) restoreLost(builder, record.ends[0]?.item ?? "", record);
}

/**
 * Says that an end of a pair stays, where its other end is one that this configuration did not make, or is somewhere else
 * under another number. False: there is no such end.
 */
function leavesStray(builder: PlanBuilder, record: LinkRecord | BorrowedRecord): boolean {
  const stray = builder.input.claims.strayEnd(record);
  if (stray === undefined) return false;
  builder.keep(record);
  const items = itemsOf(record);
  // What the file describes in its place is refused already.
  if (builder.input.config.interfaces.some(({ name }) => items.includes(interfaceItem(name)))) return true;
  const label = linkLabel(stray.namespace, stray.link);
  builder.leave(items[0] ?? "", `${label} is left: ${movedAway(movedEndOf(builder, stray))}`);
  return true;
}

/**
 * Says where a pair is whose two ends somebody moved: it is somebody else's from now on. It is looked for only if the
 * namespaces are there in which it was, because it went with those.
 */
function sayMoved(builder: PlanBuilder, record: LinkRecord | BorrowedRecord): void {
  const { claims, movedEnd } = builder.input;
  if (record.link !== "veth" || isLost(record)) return;
  if (record.ends.some(({ namespace }) => claims.namespace(namespace) === undefined)) return;
  const found = record.ends.flatMap(({ address }) => (address === undefined ? undefined : movedEnd(address)) ?? []);
  const [first, second] = found;
  const { item = "", name = "" } = record.ends[0] ?? {};
  if (first === undefined) return;
  const now = second === undefined ? `one of which is ${first}` : `which are ${first} and ${second}`;
  builder.leave(item, `${printable(name)} is left: somebody moved both ends of its pair, ${now} now`);
}
