/** The link that a request of traffic control is about. */
import { labelOf, type LinkRef, type NamesLink } from "../link/ref.ts";

/**
 * The link that `spec` is about.
 *
 * @param what What an error calls it: `"a qdisc"`.
 * @throws {TypeError} It names none.
 */
export function linkOf({ link, linkIndex }: NamesLink, what: string): LinkRef {
  if (link !== undefined) return link;
  if (linkIndex !== undefined) return { index: linkIndex };
  throw new TypeError(`Cannot use ${what} without a link: expected link or linkIndex`);
}

/** That link, as errors name it. */
export function labelOfLink(spec: NamesLink, what: string): string {
  return labelOf(linkOf(spec, what));
}
