/** Which namespaces the keys of a cluster may reach: who may write them has CAP_NET_ADMIN there. */
import type { Fault, Item } from "../models/item_faults.ts";
import { linkReference } from "../models/filters.ts";
import type { LinuxInterface } from "../models/interface/linux_interface.ts";
import {
  birthNamespaces,
  type InterfaceIndex,
  type Located,
  namespaceOfItem,
  type Reference,
} from "../models/references.ts";
import { namespaceOfEntry } from "../models/sysctls.ts";
import { isDefaultNamespace, type Namespace, namespaceToString } from "../namespace.ts";
import type { Items } from "./items.ts";

/** A kind of namespace. `default`: that of the agent itself. */
export type NamespaceKind = Namespace["type"] | "default";

/** A fault for each item in a namespace of a kind that is not allowed. */
export function* checkAllowed(
  items: Items,
  index: InterfaceIndex,
  allowed: ReadonlySet<NamespaceKind> | undefined,
): Generator<Fault> {
  if (allowed === undefined) return;
  const expected = `a namespace of a kind that is allowed here: ${[...allowed].join(", ")}`;
  const isAllowed = (ns: Namespace | undefined): boolean => allowed.has(kindOf(ns));
  const check = function* <T>(
    section: keyof Items,
    list: readonly Item<T>[],
    namespaceOf: (value: T) => Namespace | undefined,
    path: readonly string[] = ["namespace"],
  ): Generator<Fault> {
    for (const { index, value } of list) {
      const ns = namespaceOf(value);
      if (isAllowed(ns)) continue;
      const shown = ns === undefined ? "the default namespace" : namespaceToString(ns);
      yield { keys: [section, index, ...path], value: shown, expected };
    }
  };
  const ofReference = (one: Reference): Namespace | undefined => index.namespaceOf(one);
  const ofItem = (one: Located): Namespace | undefined => namespaceOfItem(one);
  yield* check("namespaces", items.namespaces, namespaceOfEntry);
  yield* check("interfaces", items.interfaces, ofItem);
  // The packets of a WireGuard link are those of another namespace, and a TAP is taken from the default one.
  const ofBirth = (model: LinuxInterface): Namespace | undefined => birthNamespaces([model])[0];
  const born = items.interfaces.filter(({ value }) => value.wireguard?.birthNamespace !== undefined);
  yield* check("interfaces", born, ofBirth, ["wireguard", "birthNamespace"]);
  const taps = items.interfaces.filter(({ value }) => value.type === "AUTO_TAP");
  yield* check("interfaces", taps, () => undefined, ["tap"]);
  yield* check("arpEntries", items.arpEntries, ofReference);
  yield* check("routes", items.routes, ofReference);
  yield* check("rules", items.rules, ofItem);
  yield* check("nat", items.nat, (one) => ofReference(linkReference(one)));
  yield* check("forwards", items.forwards, (one) => ofReference(linkReference(one)));
  yield* check("firewall", items.firewall, ofItem);
  // An uplink has its other end, and its rules, in the default namespace.
  yield* check("uplinks", items.uplinks, (one) => isAllowed(ofItem(one)) ? undefined : ofItem(one));
}

function kindOf(ns: Namespace | undefined): NamespaceKind {
  return ns === undefined || isDefaultNamespace(ns) ? "default" : ns.type;
}
