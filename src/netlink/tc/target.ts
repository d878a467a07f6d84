/** The link that a request of traffic control is about. */
import { shown } from "../../errors.ts";
import { labelOf, type LinkRef, type NamesLink } from "../link/ref.ts";

/**
 * The link that `spec` is about.
 *
 * @param what What an error calls it: `"a qdisc"`.
 * @throws {TypeError} It names none.
 */
export function linkOf(spec: NamesLink, what: string): LinkRef {
  // Untyped code may give anything; a string has a method `link`.
  const { link, linkIndex }: NamesLink = typeof spec === "object" && spec !== null ? spec : {};
  if (link !== undefined) return link;
  if (linkIndex !== undefined) return { index: linkIndex };
  throw new TypeError(`Cannot use ${shown(spec)} as ${what}: expected one with link or linkIndex`);
}

/** That link, as errors name it. */
export function labelOfLink(spec: NamesLink, what: string): string {
  return labelOf(linkOf(spec, what));
}
