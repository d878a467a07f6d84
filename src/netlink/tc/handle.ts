/** How qdiscs, classes and their parents are named. See tc(8), section "UNITS". */
import { shown } from "../../errors.ts";
import { TC_H_INGRESS, TC_H_MIN_EGRESS, TC_H_MIN_INGRESS, TC_H_ROOT, TC_H_UNSPEC } from "../constants/tc.ts";

const MAJOR = 0x10000;

/** Words for parents: of a qdisc or class, and of a filter. */
export type Words = Readonly<Record<string, number>>;

/** The words for the parent of a qdisc or a class. */
export const PARENTS: Words = { root: TC_H_ROOT, ingress: TC_H_INGRESS, clsact: TC_H_INGRESS };

/** The words for what a filter is attached to. */
export const FILTER_PARENTS: Words = { root: TC_H_UNSPEC, ingress: TC_H_MIN_INGRESS, egress: TC_H_MIN_EGRESS };

/**
 * The number of a handle: `"10:"`, `"10:1"`, `":1"`, both parts in hexadecimal, or one of `words`.
 *
 * @param name What an error calls it: `"parent"`.
 * @throws {TypeError} It is none.
 */
export function parseHandle(text: string, name: string, words: Words = {}): number {
  if (typeof text === "string") { // untyped code may give a number
    const word = Object.hasOwn(words, text) ? words[text] : undefined;
    if (word !== undefined) return word;
    const [, major, minor] = /^([0-9a-f]{0,4}):([0-9a-f]{0,4})$/i.exec(text) ?? [];
    if (major !== undefined && minor !== undefined && text !== ":") {
      return (Number.parseInt(major || "0", 16) * MAJOR) + Number.parseInt(minor || "0", 16);
    }
  }
  const others = Object.keys(words).map((word) => `, "${word}"`).join("");
  throw new TypeError(
    `Cannot use ${shown(text)} as ${name}: expected "10:" or "10:1", at most four hexadecimal digits each${others}`,
  );
}

/** A handle as text: `"10:"`, `"10:1"`. */
export function formatHandle(handle: number): string {
  const major = Math.floor(handle / MAJOR);
  const minor = handle % MAJOR;
  return `${major.toString(16)}:${minor === 0 ? "" : minor.toString(16)}`;
}

/** The parent of a qdisc or class as text; undefined for none. */
export function formatParent(parent: number, kind?: string): string | undefined {
  if (parent === TC_H_UNSPEC) return undefined;
  if (parent === TC_H_ROOT) return "root";
  if (parent === TC_H_INGRESS) return kind === "clsact" ? "clsact" : "ingress";
  return formatHandle(parent);
}

/** What a filter is attached to, as text. */
export function formatFilterParent(parent: number): string {
  if (parent === TC_H_UNSPEC) return "root";
  if (parent === TC_H_MIN_INGRESS) return "ingress";
  return parent === TC_H_MIN_EGRESS ? "egress" : formatHandle(parent);
}
