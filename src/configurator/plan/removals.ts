/** What was described before and is described no longer: it goes, and nothing else does. */
import type { LinuxInterface } from "../../models/interface.ts";
import { NamedNs } from "../../namespace.ts";
import { InterfaceIndex, type Reference } from "../../models/references.ts";
import { type Draft, interfaceItem, isSpace, namespaceItem } from "./plan_builder.ts";
import { placeFor, removeNeighbour } from "./neighbours.ts";
import { removeRoute, routeFields, routeKey } from "./routes.ts";
import { type ActualLink, arePeers, linkNamed, type Space } from "../observed/observed_namespace.ts";
import { releaseTap } from "../link_types/tap.ts";

/** A link that was described, and is there. */
interface Found {
  readonly space: Space;
  readonly link: ActualLink;
}

function find(draft: Draft, { namespace, hostIfName }: LinuxInterface): Found | undefined {
  const space = draft.situation.spaceOf(namespace);
  const link = isSpace(space) ? linkNamed(space, hostIfName) : undefined;
  return isSpace(space) && link !== undefined ? { space, link } : undefined;
}

/** Plans that the links of interfaces go that were described before and are so no longer. */
export function pruneInterfaces(draft: Draft): void {
  for (const { interfaces } of draft.situation.earlier) {
    const index = new InterfaceIndex(interfaces);
    for (const model of interfaces) {
      const found = find(draft, model);
      if (found === undefined || draft.isDescribed(found.space, model.hostIfName)) continue;
      if (draft.isKept(found.space, found.link) || draft.isDeleted(found.space, found.link.index)) continue;
      if (model.type === "AUTO_TAP") releaseTap(draft, model, found.space, found.link);
      else pruneVeth(draft, model, found, index);
    }
  }
}

function pruneVeth(draft: Draft, model: LinuxInterface, { space, link }: Found, index: InterfaceIndex): void {
  const item = interfaceItem(model.name);
  const peer = model.veth === undefined ? undefined : index.named(model.veth.peerIfName);
  const end = peer && find(draft, peer);
  if (link.kind !== "veth") {
    draft.leave(item, `${link.name} in ${space.label} is left: it is not of a veth pair (${link.kind ?? "hardware"})`);
  } else if (end !== undefined && !arePeers(space, link, end.space, end.link)) {
    draft.leave(item, `${link.name} in ${space.label} is left: its other end is not the one that was described`);
  } else draft.unlink(item, space, link, end && { space: end.space, index: end.link.index });
}

/** Plans that routes and ARP entries go that were described before and are so no longer. */
export function pruneEntries(draft: Draft): void {
  const { config, earlier } = draft.situation;
  if (earlier.length === 0) return;
  const routes = new Keys();
  const entries = new Keys();
  // What waits has not taken the place of what was there before.
  for (const route of config.routes) {
    const target = draft.target(route);
    if (!("reason" in target) && target.up) routes.add(target.space, routeKey(routeFields(route)));
  }
  for (const entry of config.arpEntries) {
    const target = placeFor(draft, entry);
    if (!("reason" in target)) entries.add(target.space, `${target.index} ${entry.ipAddr}`);
  }
  for (const before of earlier) {
    const index = new InterfaceIndex(before.interfaces);
    // What two descriptions have is taken away once.
    for (const route of before.routes) {
      const found = linkOf(draft, index, route);
      if (found === undefined || !routes.add(found.space, routeKey(routeFields(route)))) continue;
      removeRoute(draft, route, draft.slotOf(found.space, found.link));
    }
    for (const entry of before.arpEntries) {
      const found = linkOf(draft, index, entry);
      if (found === undefined || !entries.add(found.space, `${found.link.index} ${entry.ipAddr}`)) continue;
      removeNeighbour(draft, entry, draft.slotOf(found.space, found.link));
    }
  }
}

/** Texts, each in a namespace. */
class Keys {
  readonly #keys = new Map<Space, Set<string>>();

  /** Adds one; false if it is there already. */
  add(space: Space, key: string): boolean {
    const keys = this.#keys.get(space) ?? new Set<string>();
    this.#keys.set(space, keys);
    const before = keys.size;
    return keys.add(key).size > before;
  }
}

/** The namespace of a route or an ARP entry. */
function spaceOf(draft: Draft, index: InterfaceIndex, reference: Reference): Space | undefined {
  const space = draft.situation.spaceOf(reference.namespace ?? index.find(reference)?.namespace);
  return isSpace(space) ? space : undefined;
}

/** The link of a route or an ARP entry of an earlier description, if it is there and stays. */
function linkOf(draft: Draft, index: InterfaceIndex, reference: Reference): Found | undefined {
  const space = spaceOf(draft, index, reference);
  const link = space && linkNamed(space, index.find(reference)?.hostIfName ?? reference.interface);
  return space === undefined || link === undefined || draft.isDeleted(space, link.index) ? undefined : { space, link };
}

/** Plans that namespaces go that were listed before, or made by an apply, and that nothing refers to now. */
export function pruneNamespaces(draft: Draft): void {
  const { config, earlier, made } = draft.situation;
  if (earlier.length === 0 && made.length === 0) return;
  const used = new Set([
    ...config.namespaces,
    ...[...config.interfaces, ...config.routes, ...config.arpEntries].flatMap(({ namespace }) => namespace?.name ?? []),
  ]);
  for (const name of new Set([...earlier.flatMap(({ namespaces }) => namespaces), ...made])) {
    if (used.has(name)) continue;
    const space = draft.situation.spaceOf({ type: NamedNs, name });
    if (!isSpace(space) || !(space.exists || space.stale)) continue; // gone already
    const reason = space.exists ? linksLeft(draft, space) ?? draft.situation.occupants(space) : undefined;
    if (reason !== undefined) draft.leave(namespaceItem(name), `it is left: ${reason}`);
    else draft.do("cleanup", namespaceItem(name), { kind: "delete-namespace", space, name });
  }
}

/** The links that the kernel puts into each new namespace, where the modules of tunnels are loaded. */
const BORN_WITH = new Set(
  ["lo", "tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "sit0", "ip6tnl0", "ip6gre0", "ip6_vti0", "teql0"],
);

function linksLeft(draft: Draft, space: Space): string | undefined {
  const names = space.links()
    .filter(({ name, index, up }) => !draft.isDeleted(space, index) && !(BORN_WITH.has(name) && (name === "lo" || !up)))
    .map(({ name }) => name);
  if (names.length === 0) return undefined;
  return `${names.length === 1 ? "the link" : "the links"} ${names.slice(0, 5).join(", ")}${
    names.length > 5 ? " and others" : ""
  } live in it`;
}
