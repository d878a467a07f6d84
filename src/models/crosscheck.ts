/** What must hold between the items of a file, when each is sound by itself. */
import { familyOf } from "../ip/address.ts";
import { IP6_RT_PRIO_USER, RT_TABLE_LOCAL, RT_TABLE_MAIN } from "../netlink/constants/route.ts";
import type { LinuxArpEntry } from "./arp.ts";
import type { LinuxInterface } from "./interface/linux_interface.ts";
import { MASTER_KINDS, parentOf, particularOf } from "./interface/interface_types.ts";
import { ipv6Faults } from "./ipv6_faults.ts";
import type { Fault, Item } from "./item_faults.ts";
import { sameIdentity, sharing } from "./link_twins.ts";
import { namespaceKey } from "../namespace.ts";
import { InterfaceIndex, mayBeSame, namespaceOfItem, type Reference } from "./references.ts";
import type { LinuxRoute } from "./route.ts";
import { effectiveRule, type LinuxRule, withHostNames } from "./rule.ts";
import { HOST_NAME_RULE, isHostIfName } from "./values.ts";

/** The sound items of a file. */
export interface Items {
  /** Of `interfaces`. */
  readonly interfaces: readonly Item<LinuxInterface>[];
  /** Of `arpEntries`. */
  readonly arpEntries: readonly Item<LinuxArpEntry>[];
  /** Of `routes`. */
  readonly routes: readonly Item<LinuxRoute>[];
  /** Of `rules`. */
  readonly rules: readonly Item<LinuxRule>[];
}

/** Every fault between the items, in no particular order. */
export function crossCheck(items: Items): Fault[] {
  const interfaces = new InterfaceIndex(items.interfaces.map(({ value }) => value));
  return [
    ...repeated(items.interfaces, ({ name }) => name, "interfaces", "name"),
    ...repeated(items.arpEntries, ({ name }) => name, "arpEntries", "name"),
    ...repeated(items.routes, ({ name }) => name, "routes", "name"),
    ...repeated(items.rules, ({ name }) => name, "rules", "name"),
    ...repeated(
      items.interfaces,
      (one) => interfaces.linkKey(namespaceOfItem(one), one.hostIfName),
      "interfaces",
      ({ name, hostIfName }) => name === hostIfName ? "name" : "hostIfName",
      "a host name that is free in its namespace",
    ),
    ...repeated(
      items.interfaces.filter(({ value }) => value.type === "AUTO_TAP"),
      ({ tap, hostIfName }) => tap?.tempIfName ?? hostIfName,
      "interfaces",
      "tap",
      "another TAP",
    ),
    ...repeated(
      items.arpEntries,
      (entry) => `${targetKey(interfaces, entry)} ${entry.ipAddr}`,
      "arpEntries",
      "ipAddr",
      "one entry for each address of an interface",
    ),
    ...repeated(
      items.routes,
      (route) => routeKey(interfaces, route),
      "routes",
      "dstIpAddr",
      "another destination, metric or table",
    ),
    ...repeated(
      items.rules,
      (rule) => ruleKey(interfaces, rule),
      "rules",
      "priority",
      "another selector, priority, table or action",
    ),
    ...linksOfRules(items.rules, interfaces),
    ...peers(items.interfaces),
    ...masters(items.interfaces, interfaces),
    ...parents(items.interfaces, interfaces),
    ...ipv6Faults(items, interfaces),
    ...sharing(items.interfaces, interfaces),
    ...sameIdentity(items.interfaces, interfaces),
  ];
}

/** A fault for each item whose key an item before it has. Equal names are reported before what follows from them. */
function* repeated<T extends { readonly name: string }>(
  items: readonly Item<T>[],
  keyOf: (item: T) => string,
  section: string,
  field: string | ((item: T) => string),
  expected = "a name of its own",
): Generator<Fault> {
  const first = new Map<string, Item<T>>();
  for (const item of items) {
    const key = keyOf(item.value);
    const before = first.get(key);
    if (before === undefined) {
      first.set(key, item);
      continue;
    }
    if (field !== "name" && before.value.name === item.value.name) continue; // two of one name: reported already
    const name = typeof field === "string" ? field : field(item.value);
    const value: unknown = Object.entries(item.value).find(([other]) => other === name)?.[1];
    yield {
      keys: [section, item.index, name],
      value,
      expected: `${expected}; ${before.path ?? `${section}[${before.index}]`} has the same`,
    };
  }
}

/** What identifies a rule in its namespace for the kernel: everything but its name. */
function ruleKey(interfaces: InterfaceIndex, rule: LinuxRule): string {
  const entries = Object.entries(effectiveRule(withHostNames(rule, interfaces))).sort(([a], [b]) => a < b ? -1 : 1);
  return `${namespaceKey(namespaceOfItem(rule))} ${JSON.stringify(entries)}`;
}

/** A fault for each link of a rule that is no interface of the file, and that no link can be named. */
function* linksOfRules(rules: readonly Item<LinuxRule>[], interfaces: InterfaceIndex): Generator<Fault> {
  for (const { index, value } of rules) {
    for (const key of ["iif", "oif"] as const) {
      const name = value[key];
      if (name === undefined || isHostIfName(name)) continue;
      if (interfaces.in(namespaceOfItem(value), name) !== undefined) continue;
      const expected = `an interface of the file in the same namespace, or ${HOST_NAME_RULE}`;
      yield { keys: ["rules", index, key], value: name, expected };
    }
  }
}

/** Where a reference leads, as text: an interface of the file, or a host name in a namespace. */
function targetKey(interfaces: InterfaceIndex, reference: Reference): string {
  const target = interfaces.find(reference);
  return target === undefined
    ? interfaces.linkKey(namespaceOfItem(reference), reference.interface ?? "")
    : interfaces.linkKey(namespaceOfItem(target), target.hostIfName);
}

/** What identifies a route in its namespace for the kernel. */
function routeKey(interfaces: InterfaceIndex, route: LinuxRoute): string {
  const metric = route.metric || (familyOf(route.dstIpAddr) === 6 ? IP6_RT_PRIO_USER : 0);
  const table = route.table || (route.type === "LOCAL" ? RT_TABLE_LOCAL : RT_TABLE_MAIN);
  return `${interfaces.keyOf(interfaces.namespaceOf(route))} ${route.dstIpAddr} ${metric} ${table}`;
}

/** A master that the file describes is one of a type that has ports, in the same namespace. */
function* masters(interfaces: readonly Item<LinuxInterface>[], known: InterfaceIndex): Generator<Fault> {
  for (const { index, value } of interfaces) {
    if (typeof value.master !== "string") continue;
    const expected = expectedMaster(value, value.master, known);
    if (expected !== undefined) yield { keys: ["interfaces", index, "master"], value: value.master, expected };
  }
}

/** A link stands on another one, and not on one that stands on it. */
function* parents(interfaces: readonly Item<LinuxInterface>[], known: InterfaceIndex): Generator<Fault> {
  for (const { index, value } of interfaces) {
    const parent = parentOf(value);
    if (parent === undefined) continue;
    const object = particularOf(value) ?? "";
    const keys = ["interfaces", index, object, "parent"];
    const above = new Set<LinuxInterface>();
    let below: LinuxInterface | undefined = value;
    while (below !== undefined && !above.has(below)) {
      above.add(below);
      below = known.parentOf(below);
    }
    if (below === value) yield { keys, value: parent, expected: "a link that does not stand on this one" };
    else if (known.parentOf(value) === undefined && parent === value.hostIfName) {
      yield { keys, value: parent, expected: "another link" };
    }
  }
}

/** The types of which none is a port of another. */
const ALONE: ReadonlySet<LinuxInterface["type"]> = new Set(["BRIDGE", "VRF_DEVICE"]);

/** What should stand in the place of `master`, if that is wrong. */
function expectedMaster(value: LinuxInterface, master: string, known: InterfaceIndex): string | undefined {
  const what = `a ${alternatives(Object.keys(MASTER_KINDS))} in the same namespace`;
  const found = known.in(namespaceOfItem(value), master);
  if (found === undefined) {
    const named = known.named(master);
    // Where it may be the same one by another name, the plan compares what they are.
    const isElsewhere = named !== undefined && !mayBeSame(namespaceOfItem(named), namespaceOfItem(value));
    return isElsewhere ? `${what}; ${master} is in another one` : undefined;
  }
  if (found === value) return "another interface";
  if (found.type === value.type && ALONE.has(value.type)) {
    return `another interface: the kernel takes no ${value.type} as a port of a ${value.type}`;
  }
  // What an EXISTING is, the plan sees.
  return found.type in MASTER_KINDS || found.type === "EXISTING"
    ? undefined
    : `${what}; ${master} is of type ${found.type}`;
}

const alternatives = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;

/** Pairs have two ends, which name each other. One whose other end is not in the file waits for it. */
function* peers(interfaces: readonly Item<LinuxInterface>[]): Generator<Fault> {
  const byName = new Map(interfaces.map(({ value }) => [value.name, value]));
  const claimed = new Map<string, string>();
  for (const { index, value: { name, veth } } of interfaces) {
    if (veth === undefined) continue;
    const expected = expectedPeer(name, veth.peerIfName, byName.get(veth.peerIfName), claimed.get(veth.peerIfName));
    if (expected !== undefined) {
      yield { keys: ["interfaces", index, "veth", "peerIfName"], value: veth.peerIfName, expected };
    }
    claimed.set(veth.peerIfName, name);
  }
}

/** What should stand in the place of `peerIfName`, if that is wrong. */
function expectedPeer(name: string, peerIfName: string, peer?: LinuxInterface, claimant?: string): string | undefined {
  if (peerIfName === name) return "another interface";
  if (peer !== undefined && peer.veth === undefined) return "an interface of type VETH";
  if (peer !== undefined && peer.veth?.peerIfName !== name) {
    return `an interface whose own peer is ${name}; the peer of ${peer.name} is ${peer.veth?.peerIfName}`;
  }
  return claimant === undefined ? undefined : `a peer that no other interface names, as ${claimant} does`;
}
