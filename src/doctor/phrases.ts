/** Parts of the sentences in findings. */

/** A number and its noun: `"1 link"`, `"2 links"`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The first names, and how many more there are. */
export function firstOf(names: readonly string[], most = 8): string {
  const more = names.length - most;
  return names.slice(0, most).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
