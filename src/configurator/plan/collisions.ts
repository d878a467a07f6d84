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

/** An item of the file: its path, and the namespace that it names. */
interface Located {
  readonly path: string;
  readonly ns: Namespace | undefined;
}

/** Two items that are one. */
interface Collision extends ConfigIssue {
  readonly one: Located;
  readonly other: Located;
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
    for (const here of blamed) {
      const there = here === one ? other : one;
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

/** The items whose references may mean another namespace again; none: the file says one thing in two ways. */
function oneForNow({ claims }: Compared, one: Located, other: Located): readonly Located[] {
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
function collisions({ config, namespaceOf }: Compared): readonly Collision[] {
  const { interfaces, forwards = [], rules = [], firewall = [] } = config;
  const identity = identityOf({ namespaceOf });
  const index = new InterfaceIndex(interfaces, identity);
  const found = new Collisions({ namespaceOf, identity });
  interfaces.forEach((one, position) => {
    found.add(itemAt("interfaces", position, one, namespaceOfItem(one)), "link", one.hostIfName, one.hostIfName);
  });
  const links = itemsOf(interfaces);
  found.addFaults([...sharing(links, index), ...sameIdentity(links, index)], interfaces, namespaceOfItem);
  config.routes.forEach((one, position) => {
    const item = itemAt("routes", position, one, index.namespaceOf(one));
    found.add(item, "route", routeKey(routeFields(one)), one.dstIpAddr);
  });
  const linkOf = (reference: Reference): string => index.find(reference)?.hostIfName ?? reference.interface ?? "";
  config.arpEntries.forEach((one, position) => {
    const item = itemAt("arpEntries", position, one, index.namespaceOf(one));
    found.add(item, "neighbour", `${linkOf(one)} ${one.ipAddr}`, one.ipAddr);
  });
  rules.forEach((one, position) => {
    const fields = ruleFields(withHostNames(one, index));
    const key = ruleKey({ ...fields, priority: fields.priority ?? 0 });
    found.add(itemAt("rules", position, one, namespaceOfItem(one)), "rule", key, describeRule(fields));
  });
  firewall.forEach((one, position) => {
    const item = itemAt("firewall", position, one, namespaceOfItem(one));
    for (const direction of DIRECTIONS) {
      if (one[direction] !== undefined) found.add(item, "direction", direction, direction);
    }
  });
  found.addFaults(sharedPorts(itemsOf(forwards), index), forwards, (one) => index.namespaceOf(linkReference(one)));
  config.namespaces.forEach((entry, position) => {
    const { path, ns } = itemAt("namespaces", position, { name: nameOfEntry(entry) }, namespaceOfEntry(entry));
    for (const { key, value } of sysctlsOfEntry(entry)) {
      found.add({ path: `${path}.sysctls.${key}`, ns }, "sysctl", key, value, (before) => before === value);
    }
  });
  return found.all;
}

const itemsOf = <T>(values: readonly T[]): Item<T>[] => values.map((value, index) => ({ index, value }));

const itemAt = (
  section: string,
  position: number,
  { name }: { readonly name: string },
  ns: Namespace | undefined,
): Located => ({ path: `${section}[${position}] (${name})`, ns });

/** How a reference leads to a namespace, and what tells it from others. */
interface Namespaces extends Pick<Compared, "namespaceOf"> {
  readonly identity: ReturnType<typeof identityOf>;
}

/** Finds the items that are one; those in a namespace that is not available wait. */
class Collisions {
  /** Those that were found. */
  readonly all: Collision[] = [];
  readonly #namespaces: Namespaces;
  readonly #seen = new Map<string, Located & { readonly value: unknown }>();

  constructor(namespaces: Namespaces) {
    this.#namespaces = namespaces;
  }

  /**
   * Adds an item, which is one with another of the same kind and key in its namespace.
   *
   * @param isSame True of the value of another one that may stand beside it.
   */
  add(
    one: Located,
    kind: string,
    key: string,
    value: unknown,
    isSame: (before: unknown) => boolean = () => false,
  ): void {
    if (!this.#isAvailable(one)) return;
    const identity = `${this.#namespaces.identity(one.ns)} ${kind} ${key}`;
    const other = this.#seen.get(identity);
    if (other === undefined) this.#seen.set(identity, { ...one, value });
    else if (!isSame(other.value)) {
      const expected = `another ${kind}: ${other.path} is the same one, in the same namespace`;
      this.all.push({ path: one.path, value, expected, one, other });
    }
  }

  /** Adds faults of two items of a section, whose namespaces `namespaceIn` gives. */
  addFaults<T extends { readonly name: string }>(
    faults: Iterable<Fault>,
    items: readonly T[],
    namespaceIn: (item: T) => Namespace | undefined,
  ): void {
    const located = (section: string, position: number): Located | undefined => {
      const item = items[position];
      return item && itemAt(section, position, item, namespaceIn(item));
    };
    for (const { keys: [section, position, ...fields], value, expected, other: before } of faults) {
      const one = located(`${section}`, Number(position));
      const other = located(`${section}`, Number(before));
      if (one === undefined || other === undefined || !this.#isAvailable(one)) continue;
      this.all.push({ path: [one.path, ...fields].join("."), value, expected, one, other });
    }
  }

  #isAvailable({ ns }: Located): boolean {
    return isAvailable(this.#namespaces.namespaceOf(ns));
  }
}
