/**
 * Works out what must be done so that everything is as described. Nothing is touched; what exists is read and compared,
 * so a second apply finds nothing to do.
 */
import { UPLINK_POOL, uplinkName } from "../models/uplinks.ts";
import { planPrimaries } from "./link_types/bond.ts";
import { planBridgeMtus } from "./link_types/bridge_mtu.ts";
import { keepRoutesOfOthers } from "./link_types/kept_routes.ts";
import { planInterfaces } from "./link_types/plan_interfaces.ts";
import { removeInterfaces } from "./link_types/remove_interfaces.ts";
import { nameOfEntry, namespaceOfEntry } from "../models/sysctls.ts";
import { isAvailable } from "./observed/observed_namespace.ts";
import { withoutCollisions } from "./plan/collisions.ts";
import { planImpairments, removeImpairments } from "./plan/impair.ts";
import { planLoopbacks } from "./plan/loopback.ts";
import { planNeighbours } from "./plan/neighbours.ts";
import { PlanBuilder, type PlanResult } from "./plan/plan_builder.ts";
import type { PlanInput } from "./plan/plan_input.ts";
import { removeEntries } from "./plan/remove_entries.ts";
import { removeNamespaces } from "./plan/remove_namespaces.ts";
import { planResolvers, removeFiles } from "./plan/resolv_conf.ts";
import { planRoutes } from "./plan/routes.ts";
import { planRules, removeRules } from "./plan/rules.ts";
import { planSysctls, removeSysctls } from "./plan/sysctls.ts";
import { filterItems, planTables, removeTables } from "./plan/tables.ts";
import { expandUplinks } from "./plan/uplinks.ts";
import { arpItem, interfaceItem, namespaceItem, routeItem, ruleItem, uplinkItem } from "./report.ts";

/**
 * Plans what makes the namespaces what `input.config` describes.
 *
 * @throws {ConfigError} Two items describe one object, because the file names one namespace in two ways.
 */
export function plan(given: PlanInput): PlanResult {
  const { config, failed } = expandUplinks(given);
  const input = { ...given, config, namespaceOf: withoutCollisions({ ...given, config }) };
  const builder = new PlanBuilder(input);
  const { namespaces, interfaces, routes, arpEntries, rules = [] } = input.config;
  for (const entry of namespaces) {
    const name = nameOfEntry(entry);
    const namespace = input.namespaceOf(namespaceOfEntry(entry));
    if (isAvailable(namespace)) builder.need(namespace, namespaceItem(name));
    else builder.cannotEnter(namespaceItem(name), namespace);
  }
  planLoopbacks(builder);
  planInterfaces(builder);
  planPrimaries(builder);
  // Links first: routes and ARP entries go with the links that are deleted.
  removeInterfaces(builder);
  planBridgeMtus(builder);
  keepRoutesOfOthers(builder);
  planSysctls(builder);
  removeSysctls(builder);
  planRoutes(builder);
  planRules(builder);
  removeRules(builder);
  planNeighbours(builder);
  planImpairments(builder);
  for (const item of failed) builder.fail(item, { reason: `no network of ${UPLINK_POOL} is left for its pair` });
  planTables(builder);
  planResolvers(builder);
  removeFiles(builder);
  removeTables(builder);
  removeEntries(builder);
  removeImpairments(builder);
  removeNamespaces(builder);
  return builder.result([
    ...namespaces.map(nameOfEntry).map(namespaceItem),
    ...interfaces.map(({ name }) => interfaceItem(name)),
    ...routes.map(({ name }) => routeItem(name)),
    ...rules.map(({ name }) => ruleItem(name)),
    ...arpEntries.map(({ name }) => arpItem(name)),
    ...filterItems(input.config),
    ...(given.config.uplinks ?? []).map((one) => uplinkItem(uplinkName(one))),
  ]);
}
