/** The last line of a report: how many items there are of each sort. */

/** How many items of each sort there are, in the order in which they are said. */
export interface Counts {
  /** Steps that were done. */
  readonly done?: number;
  /** Steps that an apply would do. */
  readonly toDo?: number;
  /** Items that are as described. */
  readonly unchanged: number;
  /** Items that wait. */
  readonly pending: number;
  /** Items that cannot be made. */
  readonly failed: number;
}

/** What is not zero: `"27 done, 1 pending"`; `"nothing to do"` if every item is as described. */
export function countsText({ done = 0, toDo = 0, unchanged, pending, failed }: Counts): string {
  if (done + toDo + pending + failed === 0) return "nothing to do";
  const parts = Object.entries({ done, "to do": toDo, unchanged, pending, failed });
  return parts.filter(([, count]) => count > 0).map(([word, count]) => `${count} ${word}`).join(", ");
}
