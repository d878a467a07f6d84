/** Items that mean one object because they name one namespace in two ways: found before anything is done. */
import { printable } from "../../../ffi/mod.ts";
import { ConfigError, type ConfigIssue } from "../../errors.ts";
import { sharedPorts } from "../../models/filter_check.ts";
import { linkReference } from "../../models/filters.ts";
import { DIRECTIONS } from "../../models/firewall.ts";
import type { Fault, Item } from "../../models/item_faults.ts";
import { sameIdentity, sharing } from "../../models/link_twins.ts";
import { InterfaceIndex, namespaceOfItem, type Reference } from "../../models/references.ts";
import { withHostNames } from "../../models/rule.ts";
import { nameOfEntry, namespaceOfEntry, sysctlsOfEntry } from "../../models/sysctls.ts";
import { isDefaultNamespace, type Namespace, namespaceKey } from "../../namespace.ts";
import { isAvailable, type UnavailableNamespace } from "../observed/observed_namespace.ts";
import { ruleKey } from "../ownership/records.ts";
import { identityOf } from "./described_interfaces.ts";
import type { PlanInput } from "./plan_input.ts";
import { routeFields, routeKey } from "./route_fields.ts";
import { describeRule } from "./rule_text.ts";
import { ruleFields } from "./rules.ts";

/** What {@linkcode withoutCollisions} compares. */
type Compared = Pick<PlanInput, "config" | "namespaceOf" | "claims" | "isNamedTwice">;

/** An item in a namespace, with its path. */
interface Place {
  readonly path: string;
  readonly ns: Namespace | undefined;
}

/** Two items that are one. */
interface Collision extends ConfigIssue {
  readonly one: Place;
  readonly other: Place;
}

/**
 * Compares the items by the namespaces that they are really in. Two references that mean one namespace only for now are no
 * fault of the file: what is in the namespace of a process or container fails for so long, and the rest goes on.
 *
 * @returns `namespaceOf`, where such a namespace is not available.
 * @throws {ConfigError} Two items describe one link, route, neighbour, rule, direction, port or sysctl, or what stands on one
 * link cannot stand there together; it names both.
 */
export function withoutCollisions(input: Compared): PlanInput["namespaceOf"] {
  // What a file says twice of one way to name a namespace is found when it is read; uplinks come later.
  if (!input.isNamedTwice() && (input.config.uplinks ?? []).length === 0) return input.namespaceOf;
  const faults: ConfigIssue[] = [];
  const refused = new Map<string, UnavailableNamespace>();
  for (const { one, other, ...issue } of collisions(input)) {
    const blamed = oneForNow(input, one, other);
    if (blamed.length === 0) faults.push(issue);
    for (const place of blamed) {
      const [here, there] = place === one ? [one, other] : [other, one];
      const reason = `${labelOf(here.ns)} is the same namespace as ${labelOf(there.ns)} now, and ${here.path} and ` +
        `${there.path} would be one`;
      if (!refused.has(namespaceKey(here.ns))) refused.set(namespaceKey(here.ns), { reason, broken: true });
    }
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return refused.size === 0 ? input.namespaceOf : (ns) => refused.get(namespaceKey(ns)) ?? input.namespaceOf(ns);
}

const labelOf = (ns: Namespace | undefined): string =>
  isDefaultNamespace(ns) ? "the default namespace" : printable(namespaceKey(ns));

/** The places whose references may mean another namespace again; none: the file says one thing in two ways. */
function oneForNow({ claims }: Compared, one: Place, other: Place): readonly Place[] {
  if (namespaceKey(one.ns) === namespaceKey(other.ns)) return [];
  const moving = [one, other].filter(({ ns }) => !isDefaultNamespace(ns) && isOfProcess(ns));
  if (moving.length > 0) return moving;
  const [cookie, otherCookie] = [one, other].map(({ ns }) => (
    claims.namespaces.find(({ reference }) => reference === namespaceKey(ns))?.cookie
  ));
  const wereTwo = cookie !== undefined && otherCookie !== undefined && cookie !== otherCookie;
  return wereTwo ? [one, other] : [];
}

const isOfProcess = (ns: Namespace | undefined): boolean => ns?.type === "pid" || ns?.type === "microservice";

/** The items that are one, each with the one before it. */
function collisions({ config, namespaceOf }: Compared): Collision[] {
  const { interfaces, routes, arpEntries, forwards = [] } = config;
  const identity = identityOf({ namespaceOf });
  const index = new InterfaceIndex(interfaces, identity);
  const found: Collision[] = [];
  const seen = new Map<string, Place & { readonly value: unknown }>();
  const check = (
    ns: Namespace | undefined,
    key: string,
    path: string,
    value: unknown,
    what: string,
    isSame: (before: unknown) => boolean = () => false,
  ): void => {
    if (!isAvailable(namespaceOf(ns))) return; // its items wait
    const place = `${identity(ns)} ${key}`;
    const other = seen.get(place);
    if (other === undefined) seen.set(place, { path, ns, value });
    else if (!isSame(other.value)) {
      const expected = `another ${what}: ${other.path} is the same one, in the same namespace`;
      found.push({ path, value, expected, one: { path, ns }, other });
    }
  };
  const add = <T extends { readonly name: string }>(
    items: readonly T[],
    { keys: [section, position, ...fields], value, expected, other }: Fault,
    namespaceIn: (item: T) => Namespace | undefined,
  ): void => {
    const [one, before] = [Number(position), Number(other)].map((at): Place => {
      const item = items[at];
      return { path: `${section}[${at}] (${item?.name})`, ns: item && namespaceIn(item) };
    });
    if (one === undefined || before === undefined || !isAvailable(namespaceOf(one.ns))) return;
    found.push({ path: [one.path, ...fields].join("."), value, expected, one, other: before });
  };
  interfaces.forEach((one, position) => {
    const path = `interfaces[${position}] (${one.name})`;
    check(namespaceOfItem(one), `link ${one.hostIfName}`, path, one.hostIfName, "link");
  });
  const items = itemsOf(interfaces);
  for (const fault of [...sharing(items, index), ...sameIdentity(items, index)]) {
    add(interfaces, fault, namespaceOfItem);
  }
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
    const fields = ruleFields(withHostNames(one, index));
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
  for (const fault of sharedPorts(itemsOf(forwards), index)) {
    add(forwards, fault, (one) => index.namespaceOf(linkReference(one)));
  }
  config.namespaces.forEach((entry, position) => {
    for (const { key, value } of sysctlsOfEntry(entry)) {
      const path = `namespaces[${position}] (${nameOfEntry(entry)}).sysctls.${key}`;
      check(namespaceOfEntry(entry), `sysctl ${key}`, path, value, "sysctl", (before) => before === value);
    }
  });
  return found;
}

const itemsOf = <T>(values: readonly T[]): Item<T>[] => values.map((value, index) => ({ index, value }));
