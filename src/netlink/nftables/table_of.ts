/** The table to which a part of a ruleset belongs. */
import type { NftNamed } from "./names.ts";
import type { NftObject } from "./types.ts";

/** The family and the name of the table of a part; of a table its own. */
export function tableOf(part: NftObject): Pick<NftNamed, "family" | "table"> {
  if ("table" in part) return { family: part.table.family, table: part.table.name };
  const [own] = Object.values(part) as [NftNamed]; // each part has one key
  return own;
}
