/** Links that `--adopt` replaced, after the ones in their place are gone: a crash or a failure may have come between. */
import { peerIn } from "../observed/other_end.ts";
import type { LinkBefore } from "../ownership/prior_state.ts";
import type { ClaimedEnd } from "../ownership/claims.ts";
import { asLost, type LinkRecord } from "../ownership/records.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { giveBackHere } from "./remove_link.ts";
import { groupsOf, isDescribed, restoreLinks } from "./restore.ts";

/**
 * Plans that what was replaced comes back although the link in its place is gone, unless the place is taken. What is
 * made again already gets what it lacks.
 */
export function restoreLost(builder: PlanBuilder, item: string, record: LinkRecord): void {
  const { replaced = [] } = record;
  if (builder.isEnded(record) || isRemembered(builder, record) || isStillAdopted(builder, record)) return;
  if (replaced.some((one) => isDescribed(builder, one))) return builder.keep(record, asLost(record));
  for (const group of groupsOf(replaced)) {
    const made = madeAgain(builder, group);
    if (made !== undefined) {
      made.forEach((end, position) => {
        const before = group[position];
        if (before !== undefined) giveBackHere(builder, item, record, end, before);
      });
    } else restoreLinks(builder, item, record, group);
  }
}

/** True if a link that is there now has replaced the same: a crash came before the record of the first one was dropped. */
function isRemembered({ input: { claims } }: PlanBuilder, record: LinkRecord): boolean {
  const text = JSON.stringify(record.replaced);
  return record.replaced !== undefined &&
    claims.records.some((one) =>
      one !== record && one.kind === "link" && JSON.stringify(one.replaced) === text &&
      claims.claimed(one) !== undefined
    );
}

/** True if what was adopted is there still, and remembered: a crash came before it made room. */
function isStillAdopted({ input: { claims } }: PlanBuilder, { replaced = [] }: LinkRecord): boolean {
  const keyOf = ({ namespace, name, kind, address }: LinkBefore): string => (
    JSON.stringify([namespace, name, kind, address])
  );
  const keys = replaced.map(keyOf).join();
  return claims.records.some((one) => (
    one.kind === "borrowed" && one.before.map(keyOf).join() === keys && claims.claimed(one) !== undefined
  ));
}

/** The links of a group, if they are there again: each by its name, its kind and its hardware address. */
function madeAgain(builder: PlanBuilder, group: readonly LinkBefore[]): readonly ClaimedEnd[] | undefined {
  const { claims } = builder.input;
  const ends = group.flatMap(({ namespace: cookie, name, kind, address }): ClaimedEnd[] => {
    const namespace = claims.namespace(cookie);
    const link = namespace === undefined ? undefined : builder.remainingLink(namespace, name);
    const isSame = link !== undefined && link.kind === kind && address !== undefined && link.address === address;
    return isSame && namespace !== undefined && claims.linkAt(namespace, link) === undefined
      ? [{ namespace, link }]
      : [];
  });
  const [near, far] = ends;
  if (near === undefined || ends.length < group.length) return undefined;
  const isPair = far === undefined || peerIn(near.namespace, near.link, far.namespace)?.index === far.link.index;
  return isPair ? ends : undefined;
}
