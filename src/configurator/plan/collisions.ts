/** Items that mean one object because they name one namespace in two ways: refused before anything is done. */
import { ConfigError, type ConfigIssue } from "../../errors.ts";
import { DIRECTIONS } from "../../models/firewall.ts";
import { InterfaceIndex, namespaceOfItem, type Reference } from "../../models/references.ts";
import type { Namespace } from "../../namespace.ts";
import type { ObservedNamespace, UnavailableNamespace } from "../observed/observed_namespace.ts";
import { ruleKey } from "../ownership/records.ts";
import type { PlanInput } from "./plan_input.ts";
import { routeFields, routeKey } from "./route_fields.ts";
import { describeRule } from "./rule_text.ts";
import { ruleFields } from "./rules.ts";

/**
 * Compares the items by the namespaces that they are really in.
 *
 * @throws {ConfigError} Two items describe one link, route, neighbour or rule; it names both.
 */
export function refuseCollisions({ config, namespaceOf }: Pick<PlanInput, "config" | "namespaceOf">): void {
  const { interfaces, routes, arpEntries } = config;
  const index = new InterfaceIndex(interfaces);
  const issues: ConfigIssue[] = [];
  const seen = new Map<ObservedNamespace | UnavailableNamespace, Map<string, string>>();
  const check = (ns: Namespace | undefined, key: string, path: string, value: unknown, what: string): void => {
    const namespace = namespaceOf(ns);
    let keys = seen.get(namespace);
    if (keys === undefined) seen.set(namespace, keys = new Map());
    const before = keys.get(key);
    if (before === undefined) keys.set(key, path);
    else issues.push({ path, value, expected: `another ${what}: ${before} is the same one, in the same namespace` });
  };
  interfaces.forEach((one, position) => {
    const path = `interfaces[${position}] (${one.name})`;
    check(namespaceOfItem(one), `link ${one.hostIfName}`, path, one.hostIfName, "link");
  });
  const linkOf = (reference: Reference): string => index.find(reference)?.hostIfName ?? reference.interface ?? "";
  routes.forEach((one, position) => {
    const key = `route ${routeKey(routeFields(one))}`;
    check(index.namespaceOf(one), key, `routes[${position}] (${one.name})`, one.dstIpAddr, "route");
  });
  arpEntries.forEach((one, position) => {
    const key = `neighbour ${linkOf(one)} ${one.ipAddr}`;
    check(index.namespaceOf(one), key, `arpEntries[${position}] (${one.name})`, one.ipAddr, "neighbour");
  });
  config.rules?.forEach((one, position) => {
    const fields = ruleFields(one);
    const key = `rule ${ruleKey({ ...fields, priority: fields.priority ?? 0 })}`;
    check(namespaceOfItem(one), key, `rules[${position}] (${one.name})`, describeRule(fields), "rule");
  });
  config.firewall?.forEach((one, position) => {
    for (const direction of DIRECTIONS) {
      if (one[direction] === undefined) continue;
      const path = `firewall[${position}] (${one.name})`;
      check(namespaceOfItem(one), `firewall ${direction}`, path, direction, "direction");
    }
  });
  if (issues.length > 0) throw new ConfigError(issues);
}
