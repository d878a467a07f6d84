/** What is there and not in the file that `show` gives. */
import { groupBy } from "../../collections.ts";

/** How many things a line names; of the others it gives the number. */
const NAMED = 8;

/** Collects what a file cannot say, each with why. */
export class Omissions {
  readonly #list: { readonly what: string; readonly why: string }[] = [];

  /** How many there are. */
  get size(): number {
    return this.#list.length;
  }

  /** Adds one: `what` is not in the file, or not whole. */
  add(what: string, why: string): void {
    this.#list.push({ what, why });
  }

  /** A line for each reason, with all that it holds for. */
  lines(): string[] {
    return [...groupBy(this.#list, ({ why }) => why)].map(([why, list]) => {
      const names = [...new Set(list.map(({ what }) => what))];
      const more = names.length > NAMED + 1 ? ` and ${names.length - NAMED} more` : "";
      return `${names.slice(0, more === "" ? names.length : NAMED).join(", ")}${more}: ${why}`;
    });
  }
}
