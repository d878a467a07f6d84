/** What was described before and is described no longer: it goes, and nothing else does. */
import type { LinuxInterface } from "../../models/interface.ts";
import { InterfaceIndex, namespaceOfItem, type Reference } from "../../models/references.ts";
import { interfaceItem, isAvailable, namespaceItem, type PlanBuilder } from "./plan_builder.ts";
import { placeFor, removeNeighbour } from "./neighbours.ts";
import { removeRoute, routeFields, routeKey } from "./routes.ts";
import { arePeers, linkNamed, type ObservedLink, type ObservedNamespace } from "../observed/observed_namespace.ts";
import { releaseTap } from "../link_types/auto_tap.ts";

/** A link that was described, and is there. */
interface LinkAt {
  readonly namespace: ObservedNamespace;
  readonly link: ObservedLink;
}

function find(builder: PlanBuilder, model: LinuxInterface): LinkAt | undefined {
  const namespace = builder.input.namespaceOf(namespaceOfItem(model));
  const link = isAvailable(namespace) ? linkNamed(namespace, model.hostIfName) : undefined;
  return isAvailable(namespace) && link !== undefined ? { namespace, link } : undefined;
}

/** Plans that the links of interfaces go that were described before and are so no longer. */
export function pruneInterfaces(builder: PlanBuilder): void {
  for (const { interfaces } of builder.input.earlier) {
    const index = new InterfaceIndex(interfaces);
    for (const model of interfaces) {
      const found = find(builder, model);
      if (found === undefined || builder.isDescribed(found.namespace, model.hostIfName)) continue;
      if (builder.isKept(found.namespace, found.link) || builder.isDeleted(found.namespace, found.link.index)) continue;
      if (model.type === "AUTO_TAP") releaseTap(builder, model, found.namespace, found.link);
      else pruneVeth(builder, model, found, index);
    }
  }
}

function pruneVeth(
  builder: PlanBuilder,
  model: LinuxInterface,
  { namespace, link }: LinkAt,
  index: InterfaceIndex,
): void {
  const item = interfaceItem(model.name);
  const peer = model.veth === undefined ? undefined : index.named(model.veth.peerIfName);
  const end = peer && find(builder, peer);
  if (link.kind !== "veth") {
    builder.leave(
      item,
      `${link.name} in ${namespace.label} is left: it is not of a veth pair (${link.kind ?? "hardware"})`,
    );
  } else if (end !== undefined && !arePeers(namespace, link, end.namespace, end.link)) {
    builder.leave(item, `${link.name} in ${namespace.label} is left: its other end is not the one that was described`);
  } else builder.unlink(item, namespace, link, end && { namespace: end.namespace, index: end.link.index });
}

/** Plans that routes and ARP entries go that were described before and are so no longer. */
export function pruneEntries(builder: PlanBuilder): void {
  const { config, earlier } = builder.input;
  if (earlier.length === 0) return;
  const routes = new Keys();
  const entries = new Keys();
  // What waits has not taken the place of what was there before.
  for (const route of config.routes) {
    const target = builder.target(route);
    if (!("reason" in target) && target.up) routes.add(target.namespace, routeKey(routeFields(route)));
  }
  for (const entry of config.arpEntries) {
    const target = placeFor(builder, entry);
    if (!("reason" in target)) entries.add(target.namespace, `${target.index} ${entry.ipAddr}`);
  }
  for (const before of earlier) {
    const index = new InterfaceIndex(before.interfaces);
    // What two descriptions have is taken away once.
    for (const route of before.routes) {
      const found = linkOf(builder, index, route);
      if (found === undefined || !routes.add(found.namespace, routeKey(routeFields(route)))) continue;
      removeRoute(builder, route, builder.plannedLink(found.namespace, found.link));
    }
    for (const entry of before.arpEntries) {
      const found = linkOf(builder, index, entry);
      if (found === undefined || !entries.add(found.namespace, `${found.link.index} ${entry.ipAddr}`)) continue;
      removeNeighbour(builder, entry, builder.plannedLink(found.namespace, found.link));
    }
  }
}

/** Texts, each in a namespace. */
class Keys {
  readonly #keys = new Map<ObservedNamespace, Set<string>>();

  /** Adds one; false if it is there already. */
  add(namespace: ObservedNamespace, key: string): boolean {
    const keys = this.#keys.get(namespace) ?? new Set<string>();
    this.#keys.set(namespace, keys);
    const before = keys.size;
    return keys.add(key).size > before;
  }
}

/** The namespace of a route or an ARP entry. */
function namespaceOf(builder: PlanBuilder, index: InterfaceIndex, reference: Reference): ObservedNamespace | undefined {
  const namespace = builder.input.namespaceOf(index.namespaceOf(reference));
  return isAvailable(namespace) ? namespace : undefined;
}

/** The link of a route or an ARP entry of an earlier description, if it is there and stays. */
function linkOf(builder: PlanBuilder, index: InterfaceIndex, reference: Reference): LinkAt | undefined {
  const namespace = namespaceOf(builder, index, reference);
  const link = namespace && linkNamed(namespace, index.find(reference)?.hostIfName ?? reference.interface);
  return namespace === undefined || link === undefined || builder.isDeleted(namespace, link.index)
    ? undefined
    : { namespace, link };
}

/** Plans that namespaces go that were listed before, or made by an apply, and that nothing refers to now. */
export function pruneNamespaces(builder: PlanBuilder): void {
  const { config, earlier, made } = builder.input;
  if (earlier.length === 0 && made.length === 0) return;
  const used = new Set([
    ...config.namespaces,
    ...[...config.interfaces, ...config.routes, ...config.arpEntries].flatMap((one) => {
      const ns = namespaceOfItem(one);
      return ns?.type === "named" ? [ns.name] : [];
    }),
  ]);
  for (const name of new Set([...earlier.flatMap(({ namespaces }) => namespaces), ...made])) {
    if (used.has(name)) continue;
    const namespace = builder.input.namespaceOf({ type: "named", name });
    if (!isAvailable(namespace) || !(namespace.exists || namespace.stale)) continue; // gone already
    const reason = namespace.exists ? linksLeft(builder, namespace) ?? builder.input.occupants(namespace) : undefined;
    if (reason !== undefined) builder.leave(namespaceItem(name), `it is left: ${reason}`);
    else builder.do("delete-namespaces", namespaceItem(name), { kind: "delete-namespace", namespace, name });
  }
}

/** The links that the kernel puts into each new namespace, where the modules of tunnels are loaded. */
const BORN_WITH = new Set(
  ["lo", "tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "sit0", "ip6tnl0", "ip6gre0", "ip6_vti0", "teql0"],
);

function linksLeft(builder: PlanBuilder, namespace: ObservedNamespace): string | undefined {
  const names = namespace.links()
    .filter(({ name, index, up }) =>
      !builder.isDeleted(namespace, index) && !(BORN_WITH.has(name) && (name === "lo" || !up))
    )
    .map(({ name }) => name);
  if (names.length === 0) return undefined;
  return `${names.length === 1 ? "the link" : "the links"} ${names.slice(0, 5).join(", ")}${
    names.length > 5 ? " and others" : ""
  } live in it`;
}
