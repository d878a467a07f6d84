/** What must hold between the items of `nat`, `forwards`, `firewall` and `uplinks`, and the interfaces they name. */
import { groupBy } from "../collections.ts";
import { namespaceKey } from "../namespace.ts";
import { areOverlapping } from "../ip/networks.ts";
import { type IpPrefix, parseIpPrefix } from "../ip/prefix.ts";
import type { Fault, Item } from "./item_faults.ts";
import { DIRECTIONS, type Firewall } from "./firewall.ts";
import type { PortForward } from "./forwards.ts";
import type { LinuxInterface } from "./interface/linux_interface.ts";
import type { NatRule } from "./nat.ts";
import { portRange } from "./ports.ts";
import { InterfaceIndex, namespaceOfItem, type Reference } from "./references.ts";
import { type Uplink, uplinkName } from "./uplinks.ts";
import { HOST_NAME_RULE, isHostIfName } from "./values.ts";

/** The sound items of these sections. */
export interface FilterItems {
  /** Of `nat`. */
  readonly nat: readonly Item<NatRule>[];
  /** Of `forwards`. */
  readonly forwards: readonly Item<PortForward>[];
  /** Of `firewall`. */
  readonly firewall: readonly Item<Firewall>[];
  /** Of `uplinks`. */
  readonly uplinks: readonly Item<Uplink>[];
}

/** The links that an item names, each with the keys that lead to it. */
interface NamedLink {
  readonly keys: readonly (string | number)[];
  readonly reference: Reference;
}

/** Every fault between the items, in no particular order. */
export function* checkFilters(
  { nat, forwards, firewall, uplinks }: FilterItems,
  interfaces: readonly LinuxInterface[],
): Generator<Fault> {
  const index = new InterfaceIndex(interfaces);
  yield* once(nat, ({ name }) => [name], "nat", ["name"], "a name of its own");
  yield* once(forwards, ({ name }) => [name], "forwards", ["name"], "a name of its own");
  yield* once(firewall, ({ name }) => [name], "firewall", ["name"], "a name of its own");
  yield* once(uplinks, (one) => [uplinkName(one)], "uplinks", ["namespace"], "one uplink for each namespace");
  yield* sharedNetworks(uplinks);
  for (const direction of DIRECTIONS) {
    const keyOf = (one: Firewall): string[] => one[direction] === undefined ? [] : [namespaceKey(namespaceOfItem(one))];
    yield* once(firewall, keyOf, "firewall", [direction], `one filter with ${direction} for each namespace`);
  }
  yield* sharedPorts(forwards, index);
  const links: NamedLink[] = [
    ...nat.map(({ index, value }) => ({ keys: ["nat", index, "out"], reference: { ...value, interface: value.out } })),
    ...forwards.map(({ index, value }) => (
      { keys: ["forwards", index, "in"], reference: { ...value, interface: value.in } }
    )),
    ...firewall.flatMap(({ index, value: { namespace, except } }) =>
      except.flatMap((one, position) =>
        (["in", "out"] as const).flatMap((key) => {
          const link = one[key];
          const keys = ["firewall", index, "except", position, key];
          return link === undefined ? [] : [{ keys, reference: { namespace, interface: link } }];
        })
      )
    ),
  ];
  for (const { keys, reference } of links) {
    const { interface: name } = reference;
    // nf_tables takes a star at the end as the beginning of many names.
    if (index.find(reference) !== undefined || isHostIfName(name ?? "") && !name?.endsWith("*")) continue;
    yield { keys, value: name, expected: `an interface of the file, or ${HOST_NAME_RULE}, without "*" at its end` };
  }
}

/** A fault for each item that has a key which an item before it has. */
function* once<T>(
  items: readonly Item<T>[],
  keysOf: (item: T) => readonly string[],
  section: string,
  field: readonly string[],
  expected: string,
): Generator<Fault> {
  const first = new Map<string, number>();
  for (const { index, value } of items) {
    for (const key of keysOf(value)) {
      const before = first.get(key);
      if (before === undefined) first.set(key, index);
      else {yield {
          keys: [section, index, ...field],
          value: key,
          expected: `${expected}; ${section}[${before}] has it`,
        };}
    }
  }
}

/** The networks of two uplinks have no address in common: both are reached from the default namespace. */
function* sharedNetworks(uplinks: readonly Item<Uplink>[]): Generator<Fault> {
  const taken: { readonly network: IpPrefix; readonly index: number }[] = [];
  for (const { index, value: { addresses = "" } } of uplinks) {
    const network = parseIpPrefix(addresses);
    if (network === undefined) continue;
    const other = taken.find((one) => areOverlapping(one.network, network));
    if (other !== undefined) {
      const expected = `a network of its own; uplinks[${other.index}] has addresses of it`;
      yield { keys: ["uplinks", index, "addresses"], value: addresses, expected };
    }
    taken.push({ network, index });
  }
}

/** Two forwards of one link and protocol have no port in common. */
export function* sharedPorts(forwards: readonly Item<PortForward>[], index: InterfaceIndex): Generator<Fault> {
  const groups = groupBy(forwards, ({ value }) => {
    const reference = { ...value, interface: value.in };
    const version = value.to.includes(":") && !/^[\d.]+:\d+$/.test(value.to) ? 6 : 4;
    const link = index.find(reference)?.hostIfName ?? value.in;
    return `${index.keyOf(index.namespaceOf(reference))} ${link} ${value.protocol} ${version}`;
  });
  for (const group of groups.values()) {
    const taken: { readonly first: number; readonly last: number; readonly index: number }[] = [];
    for (const { index, value: { port } } of group) {
      const range = portRange(port);
      if (range === undefined) continue;
      const other = taken.find(({ first, last }) => range.first <= last && first <= range.last);
      if (other !== undefined) {
        const expected = `ports that no other forward of the link has; forwards[${other.index}] has some of them`;
        yield { keys: ["forwards", index, "port"], value: port, expected, other: other.index };
      }
      taken.push({ ...range, index });
    }
  }
}
