/** Removes the links that the file no longer describes. */
import { itemsOf, type LinkRecord } from "../ownership/records.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { removeClaimed } from "./remove_link.ts";
import { restoreLost } from "./restore_lost.ts";

/** Plans that links go which this configuration made and no longer describes, and that borrowed ones are given back. */
export function removeInterfaces(builder: PlanBuilder): void {
  const { claims } = builder.input;
  const lost: LinkRecord[] = [];
  for (const record of claims.records) {
    if (record.kind !== "link" && record.kind !== "borrowed" || builder.isKept(record)) continue;
    const claimed = claims.claimed(record);
    if (!itemsOf(record).some((item) => builder.input.removes(item))) builder.keep(record);
    else if (claimed !== undefined) removeClaimed(builder, record.ends[0]?.item ?? "", claimed);
    else if (claims.isUnknown(record)) builder.keep(record);
    else if (record.kind === "link") lost.push(record);
  }
  // Last: what goes is in nobody's way.
  for (const record of lost) restoreLost(builder, record.ends[0]?.item ?? "", record);
}
