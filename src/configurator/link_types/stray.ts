/** The ends of a pair of this configuration of which somebody moved one to another namespace. */
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import { foreignLink, type Refusal, strayLink } from "../ownership/refusal.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";

/** Where a link is. */
interface FoundLink {
  readonly namespace: ObservedNamespace;
  readonly link: ObservedLink;
}

/** Where the other end of such an end is now, for people: `"eth0 in blue"`; undefined if it is not found. */
export function movedEndOf(
  { input: { claims, movedEnd } }: PlanBuilder,
  { namespace, link }: FoundLink,
): string | undefined {
  const address = claims.strayAt(namespace, link)?.moved.address;
  return address === undefined ? undefined : movedEnd(address);
}

/** Why a link is refused that is an end of such a pair; undefined if it is none. */
export function refusedStray(builder: PlanBuilder, found: FoundLink): Refusal | undefined {
  const { namespace, link } = found;
  const stray = builder.input.claims.strayAt(namespace, link);
  if (stray === undefined) return undefined;
  const { record: { kind }, isMoved } = stray;
  return strayLink(namespace, link, { isMade: kind === "link", isMoved, now: movedEndOf(builder, found) });
}

/**
 * Why a link is refused that no configuration owns.
 *
 * @param why Why it would not be adopted either.
 */
export function refusedForeign(
  builder: PlanBuilder,
  { namespace, link }: FoundLink,
  hint?: string,
  why?: string,
): Refusal {
  return refusedStray(builder, { namespace, link }) ?? foreignLink(namespace, link, hint, why);
}
