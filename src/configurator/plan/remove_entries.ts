/** Routes and ARP entries that were described before and are no longer: they go, and no others. */
import { InterfaceIndex, type Reference } from "../../models/references.ts";
import { isAvailable } from "../observed/observed_namespace.ts";
import { NamespaceSets } from "./effects.ts";
import { neighbourTarget, removeNeighbour } from "./neighbours.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import type { PlannedLink } from "./planned_link.ts";
import { removeRoute, routeFields, routeKey } from "./routes.ts";

/** Plans that routes and ARP entries go that were described before and are no longer. */
export function removeEntries(builder: PlanBuilder): void {
  const { config, earlier } = builder.input;
  if (earlier.length === 0) return;
  const routes = new NamespaceSets<string>();
  const entries = new NamespaceSets<string>();
  // What has to wait does not replace what was there before.
  for (const route of config.routes) {
    const target = builder.target(route);
    if (!("reason" in target) && target.up) routes.add(target.namespace, routeKey(routeFields(route)));
  }
  for (const entry of config.arpEntries) {
    const target = neighbourTarget(builder, entry);
    if (!("reason" in target)) entries.add(target.namespace, `${target.index} ${entry.ipAddr}`);
  }
  for (const before of earlier) {
    const index = new InterfaceIndex(before.interfaces);
    // What two descriptions have is deleted once.
    for (const route of before.routes) {
      const link = linkOf(builder, index, route);
      if (link === undefined || !routes.add(link.namespace, routeKey(routeFields(route)))) continue;
      removeRoute(builder, route, link);
    }
    for (const entry of before.arpEntries) {
      const link = linkOf(builder, index, entry);
      if (link === undefined || !entries.add(link.namespace, `${link.index} ${entry.ipAddr}`)) continue;
      removeNeighbour(builder, entry, link);
    }
  }
}

/** The link of a route or an ARP entry of an earlier description, if it exists and stays. */
function linkOf(builder: PlanBuilder, index: InterfaceIndex, reference: Reference): PlannedLink | undefined {
  const namespace = builder.input.namespaceOf(index.namespaceOf(reference));
  if (!isAvailable(namespace)) return undefined;
  const link = builder.remainingLink(namespace, index.find(reference)?.hostIfName ?? reference.interface);
  return link && builder.effects.linkOf(namespace, link);
}
