/** The link that a request of traffic control is about. */
import type { LinkRef } from "../link/ref.ts";
import { labelOf } from "../link/ref.ts";

/** A link to work on: as `link`, or by the `linkIndex` of something that was listed; if both are given, `link`. */
export interface OnLink {
  /** The link: its name, `{ name }` or `{ index }`. */
  readonly link?: LinkRef | undefined;
  /** The index of the link, as lists give it. */
  readonly linkIndex?: number | undefined;
}

/**
 * The link that `spec` is about.
 *
 * @param what What an error calls it: `"a qdisc"`.
 * @throws {TypeError} It names none.
 */
export function linkOf({ link, linkIndex }: OnLink, what: string): LinkRef {
  if (link !== undefined) return link;
  if (linkIndex !== undefined) return { index: linkIndex };
  throw new TypeError(`Cannot use ${what} without a link: expected link or linkIndex`);
}

/** That link, as errors name it. */
export function labelOfLink(spec: OnLink, what: string): string {
  return labelOf(linkOf(spec, what));
}
