/** Entries of somebody else that go with a change of their link, and come back. */
import type { ObservedLink, ObservedNamespace, ObservedNeighbour } from "../observed/observed_namespace.ts";
import type { BorrowedRecord } from "../ownership/records.ts";
import { fullRoute, isMadeByHand, isSetNeighbour } from "../ownership/snapshot.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { routeKey } from "../plan/route_fields.ts";
import { interfaceItem } from "../report.ts";
import type { FoundMember } from "./link_type.ts";
import { addEntries } from "./entries_back.ts";

/**
 * Plans that a link which stays keeps what the kernel takes with a change of it and is not this configuration's: its
 * neighbours that were set. One that this configuration had set down, or made too small for IPv6, gets its routes back too when that
 * ends.
 *
 * @param record What is recorded of a link that is used.
 * @param isCycled True if it is set down and up again for its options, or with the link below.
 */
export function keepEntriesOfOthers(
  builder: PlanBuilder,
  { model, namespace, link: observed }: FoundMember,
  link: PlannedLink,
  record: BorrowedRecord | undefined,
  isCycled: boolean,
): void {
  const isSetUp = link.up && (!observed.up && record?.used?.up === false || link.ipv6Comes);
  if (!isSetUp && !(link.up && observed.up && link.losesNeighbours)) return;
  const item = interfaceItem(model.name);
  const { adopt, config } = builder.input;
  const adopted = adopt ? config.arpEntries.filter((entry) => builder.describedBy(entry) === model) : [];
  const present = neighboursOfOthers(builder, namespace, observed);
  for (const { ip, address, state, protocol, flags } of present) {
    if (address === undefined || typeof state === "number" || adopted.some(({ ipAddr }) => ipAddr === ip)) continue;
    const action = { kind: "set-neighbour", link, ip, address, state, protocol, flags } as const;
    builder.add("configure", item, action, { why: "went with a change of its link" });
  }
  if (isCycled) {
    const routes = namespace.routesOf(observed.index).filter((one) => (
      isMadeByHand(one) && builder.input.claims.routeAt(namespace, one) === undefined
    ));
    addEntries(builder, item, link, { up: true, routes: routes.map(fullRoute), neighbours: [] });
  }
  const [before] = record?.before ?? [];
  if (!isSetUp || before === undefined) return;
  const has = new Set(namespace.routesOf(observed.index).map(routeKey));
  addEntries(builder, item, link, {
    up: true,
    routes: before.routes.filter((route) => !has.has(routeKey(route))),
    neighbours: before.neighbours.filter(({ ip }) => present.every((one) => one.ip !== ip)),
  });
}

/** The neighbours that were set on a link, and that this configuration did not set. */
function neighboursOfOthers(
  { input: { claims } }: PlanBuilder,
  namespace: ObservedNamespace,
  link: ObservedLink,
): readonly ObservedNeighbour[] {
  const { index } = link;
  return [...namespace.neighbours(4), ...namespace.neighbours(6)].filter((one) =>
    one.index === index && isSetNeighbour(one, link) && claims.neighbourRecord(namespace, index, one.ip) === undefined
  );
}
