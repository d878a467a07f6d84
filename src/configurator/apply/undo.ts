/** `--atomic`: what an apply changed is as it was before, in reverse order. */
import type { BridgeVlan } from "../../netlink/bridge/vlans.ts";
import type { NftObject } from "../../netlink/nftables/types.ts";
import type { Qdisc } from "../../netlink/tc/qdisc/types.ts";
import { textAt } from "../observed/owned_file.ts";
import { linkAt, rootQdisc } from "../observed/lookup.ts";
import type {
  LinkLocation,
  ObservedNamespace,
  ObservedNeighbour,
  ObservedRoute,
} from "../observed/observed_namespace.ts";
import { NO_KEY } from "../../netlink/wireguard/keys.ts";
import type { WireguardDevice } from "../../netlink/wireguard/types.ts";
import { qdiscOfText, recordedQdisc } from "../ownership/extras.ts";
import { IMPAIR_HANDLE } from "../ownership/records.ts";
import { fullRoute } from "../ownership/snapshot.ts";
import type { Action, ActionOf, Task } from "../plan/actions.ts";
import { LOOPBACK_INDEX } from "../plan/effects.ts";
import { qdiscText } from "../plan/impair_qdisc.ts";
import { PlannedLink } from "../plan/planned_link.ts";
import { routesAt } from "../plan/remaining_routes.ts";
import { routeBack } from "../plan/remove_routes.ts";
import { commentIn, contentOf } from "../plan/table_rules.ts";
import { linkAsItIs, type LinkAsItWas, linkOf, makeAgain, restore } from "./undo_links.ts";
import { UndoPlan } from "./undo_plan.ts";

type TableAction = ActionOf<"set-table" | "delete-table">;
const tableNameOf = (action: TableAction): string => action.kind === "set-table" ? action.table.name : action.name;

/** What tasks will change, as it is before: read before the first of them is carried out. */
export class UndoLog {
  readonly #links = new Map<string, LinkAsItWas>();
  readonly #deleted = new Map<Task, readonly LinkAsItWas[]>();
  readonly #routes = new Map<Task, ObservedRoute | undefined>();
  readonly #neighbours = new Map<Task, ObservedNeighbour | undefined>();
  readonly #sysctls = new Map<Task, string | undefined>();
  readonly #qdiscs = new Map<Task, Qdisc | undefined>();
  readonly #wireguards = new Map<Task, WireguardDevice | undefined>();
  readonly #files = new Map<Task, string | undefined>();
  readonly #tables = new Map<Task, readonly NftObject[] | undefined>();
  readonly #vlans = new Map<Task, readonly BridgeVlan[]>();

  /** Reads what `tasks` will change. */
  constructor(tasks: readonly Task[]) {
    this.note(tasks);
  }

  /** Reads what further tasks will change, after the ones before are carried out. */
  note(tasks: readonly Task[]): void {
    for (const task of tasks) this.#note(task);
  }

  #note(task: Task): void {
    const { action } = task;
    switch (action.kind) {
      case "adopt":
      case "use":
      case "release":
      case "create-namespace":
      case "delete-namespace":
      case "create-link":
        return;
      case "move-link":
        return this.#noteLink({ namespace: action.from, index: action.index });
      case "delete-link":
        for (const end of action.ends) this.#notePorts(end);
        return void this.#deleted.set(task, action.ends.flatMap((end) => linkAsItIs(end, true) ?? []));
      case "change-link":
      case "add-address":
      case "delete-address": {
        const { namespace, index } = action.link;
        return index === undefined || action.link.isNew ? undefined : this.#noteLink({ namespace, index });
      }
      case "add-route":
      case "replace-route":
      case "delete-route":
        return void this.#routes.set(task, routesAt(action.link.namespace, action.route)[0]);
      case "set-neighbour":
      case "delete-neighbour": {
        const { link: { namespace, index }, ip } = action;
        const all = [...namespace.neighbours(4), ...namespace.neighbours(6)];
        return void this.#neighbours.set(task, all.find((one) => one.index === index && one.ip === ip));
      }
      case "set-sysctl":
        return void this.#sysctls.set(task, action.namespace.sysctls([action.key]).get(action.key));
      case "add-vlan":
      case "delete-vlan": {
        const { link: { namespace, index } } = action;
        return void this.#vlans.set(task, index === undefined ? [] : namespace.bridgeVlans(index));
      }
      case "name-namespace":
      case "add-entry":
      case "delete-entry":
      case "add-rule":
      case "delete-rule":
        return;
      case "set-qdisc":
      case "delete-qdisc":
      case "restore-qdisc": {
        const { link: { namespace, index } } = action;
        return void this.#qdiscs.set(task, index === undefined ? undefined : rootQdisc(namespace, index));
      }
      case "set-wireguard": {
        const { link: { namespace, index, isNew } } = action;
        if (!isNew && index !== undefined) this.#wireguards.set(task, namespace.wireguard(index));
        return;
      }
      case "set-tun":
        return;
      case "set-file":
      case "delete-file":
        return void this.#files.set(task, textAt(action.path));
      case "set-table":
      case "delete-table":
        return void this.#tables.set(task, contentOf(action.namespace.tables() ?? [], tableNameOf(action)));
    }
  }

  /** With a bridge its ports lose their master. */
  #notePorts({ namespace, index }: LinkLocation): void {
    for (const port of namespace.links()) if (port.master === index) this.#noteLink({ namespace, index: port.index });
  }

  #noteLink(location: LinkLocation): void {
    const key = `${location.namespace.cookie} ${location.index}`;
    const record = this.#links.has(key) ? undefined : linkAsItIs(location);
    if (record !== undefined) this.#links.set(key, record);
  }

  /**
   * The tasks that take back what was `done`, the last first. The namespaces must have been read anew.
   */
  tasks(done: readonly Task[]): Task[] {
    const plan = new UndoPlan();
    const deleted = new Set<ObservedNamespace>();
    for (const task of [...done].reverse()) {
      const { action } = task;
      // A second plan deletes once more what is gone already.
      if (action.kind === "delete-namespace" && deleted.has(action.namespace)) continue;
      if (action.kind === "delete-namespace") deleted.add(action.namespace);
      this.#undo(plan, task);
    }
    const links = [...done].reverse().flatMap((task) => {
      const links = this.#deleted.get(task);
      return links === undefined ? [] : [{ item: task.item, links }];
    });
    makeAgain(plan, links);
    for (const one of this.#links.values()) restore(plan, one);
    return plan.tasks;
  }

  #undo(plan: UndoPlan, task: Task): void {
    const { action, item } = task;
    switch (action.kind) {
      case "create-namespace":
        return plan.add("delete-namespaces", item, { ...action, kind: "delete-namespace" });
      case "delete-namespace":
        return plan.add("namespaces", item, { ...action, kind: "name-namespace" });
      case "create-link": {
        const [near, far] = action.creation.links.flatMap(({ link: { namespace, index, name } }) =>
          index === undefined ? [] : [{ namespace, index, name }]
        );
        if (near === undefined) return;
        const ends = far === undefined ? [near] as const : [near, far] as const;
        return plan.add("delete-links", item, { kind: "delete-link", name: near.name, ends });
      }
      case "move-link": {
        const { link: { namespace, index, name, up }, from } = action;
        if (index === undefined) return;
        const link = new PlannedLink({ namespace: from, name: action.name, up, carrier: "stays" });
        return plan.add("delete-links", item, { kind: "move-link", link, from: namespace, index, name, whole: true });
      }
      case "add-route":
      case "replace-route":
      case "delete-route":
        return this.#undoRoute(plan, task, action);
      case "set-neighbour":
      case "delete-neighbour":
        return this.#undoNeighbour(plan, task, action);
      case "set-sysctl": {
        const value = this.#sysctls.get(task);
        if (value === undefined) return; // of a namespace or a link that goes
        return plan.add("sysctls", item, { ...action, value, before: action.value });
      }
      case "add-rule":
        return plan.add("delete-entries", item, { ...action, kind: "delete-rule" });
      case "delete-rule":
        return plan.add("configure", item, { ...action, kind: "add-rule" });
      case "set-qdisc":
      case "delete-qdisc":
      case "restore-qdisc":
        return this.#undoQdisc(plan, task, action.link);
      case "set-wireguard":
        return this.#undoWireguard(plan, task, action.link);
      case "set-tun": {
        const { owner, group } = action.before;
        if (action.link.isNew || owner === undefined && group === undefined) return;
        return plan.add("configure", item, { ...action, change: { owner, group }, before: action.change });
      }
      case "set-file":
      case "delete-file": {
        const { namespace, path } = action;
        const text = this.#files.get(task);
        const undo = text === undefined ? { kind: "delete-file" } as const : { kind: "set-file", text } as const;
        return plan.add("configure", item, { ...undo, namespace, path });
      }
      case "set-table":
      case "delete-table":
        return this.#undoTable(plan, task, action);
      case "add-entry":
      case "delete-entry": {
        const { link: { namespace, index, isNew } } = action;
        if (isNew || index === undefined || linkAt(namespace, index) === undefined) return;
        const link = linkOf(namespace, index);
        if (action.kind === "delete-entry") plan.add("configure", item, { ...action, kind: "add-entry", link });
        else plan.add("delete-entries", item, { ...action, kind: "delete-entry", link });
        return;
      }
      case "add-vlan":
      case "delete-vlan":
        return this.#undoVlans(plan, task, action);
      case "adopt":
      case "use":
      case "release":
      case "name-namespace":
      case "delete-link":
      case "change-link":
      case "add-address":
      case "delete-address":
        return; // the links are compared as a whole
    }
  }

  #undoRoute(
    plan: UndoPlan,
    task: Task,
    { link, route }: Extract<Action, { readonly kind: "add-route" | "replace-route" | "delete-route" }>,
  ): void {
    const { namespace } = link;
    const before = this.#routes.get(task);
    const now = routesAt(namespace, route)[0];
    if (before === undefined) {
      const index = now?.index ?? LOOPBACK_INDEX;
      if (now !== undefined && linkAt(namespace, index) !== undefined) {
        plan.add("delete-entries", task.item, { kind: "delete-route", link: linkOf(namespace, index), route });
      }
      return;
    }
    const out = linkAt(namespace, before.index ?? LOOPBACK_INDEX);
    if (out === undefined || (now !== undefined && same(now, before))) return;
    const fields = routeBack(fullRoute(before), (index = LOOPBACK_INDEX) => (
      linkAt(namespace, index) === undefined ? undefined : linkOf(namespace, index)
    ));
    if (fields === undefined) return;
    const kind = now === undefined ? "add-route" : "replace-route";
    plan.add("after-carrier", task.item, { kind, link: linkOf(namespace, out.index), route: fields });
  }

  /** One by one: each may have had flags of its own. */
  #undoVlans(
    plan: UndoPlan,
    task: Task,
    { link: planned, ids: [from, to] }: ActionOf<"add-vlan" | "delete-vlan">,
  ): void {
    const { namespace, index, isNew } = planned;
    if (isNew || index === undefined || linkAt(namespace, index) === undefined) return;
    const link = linkOf(namespace, index);
    const before = new Map(this.#vlans.get(task)?.map((one) => [one.id, one]));
    for (let id = from; id <= to; id++) {
      const flags = before.get(id);
      const ids = [id, id] as const;
      if (flags === undefined) plan.add("configure", task.item, { kind: "delete-vlan", link, ids });
      else plan.add("configure", task.item, { kind: "add-vlan", link, ids, flags });
    }
  }

  #undoTable(plan: UndoPlan, task: Task, action: TableAction): void {
    const { namespace } = action;
    const { item } = task;
    const name = tableNameOf(action);
    const before = this.#tables.get(task);
    if (before === undefined) return plan.add("delete-tables", item, { kind: "delete-table", namespace, name });
    const table = { name, comment: commentIn(before) ?? "", objects: before.filter((one) => !("table" in one)) };
    const isThere = action.kind === "set-table";
    plan.add("tables", item, { kind: "set-table", namespace, table, isThere, items: [item] });
  }

  #undoQdisc(plan: UndoPlan, task: Task, { namespace, index, isNew }: PlannedLink): void {
    if (isNew || index === undefined || linkAt(namespace, index) === undefined) return;
    const link = linkOf(namespace, index);
    const [before, now] = [this.#qdiscs.get(task), rootQdisc(namespace, index)];
    if (before !== undefined && before.handle !== IMPAIR_HANDLE) { // of somebody else
      const recorded = recordedQdisc(before);
      const restored = recorded === undefined ? undefined : qdiscOfText(recorded);
      if (restored !== undefined) plan.add("configure", task.item, { kind: "restore-qdisc", link, qdisc: restored });
      return;
    }
    const isThere = before !== undefined && now?.kind === before.kind;
    if (now !== undefined && !isThere) plan.add("delete-entries", task.item, { kind: "delete-qdisc", link });
    if (before?.kind !== "netem" && before?.kind !== "tbf") return;
    const { linkIndex: _, ...qdisc } = before;
    plan.add("configure", task.item, { kind: "set-qdisc", link, qdisc, isThere, text: qdiscText(before) });
  }

  /** Of several steps on a link the first one has all that it was. */
  #undoWireguard(plan: UndoPlan, task: Task, { namespace, index }: PlannedLink): void {
    const before = this.#wireguards.get(task);
    if (before === undefined || index === undefined || linkAt(namespace, index) === undefined) return;
    const { privateKey = NO_KEY, listenPort, fwmark } = before;
    const peers = before.peers.map((
      { publicKey, presharedKey = NO_KEY, endpoint, persistentKeepalive, allowedIps },
    ) => (
      { publicKey, presharedKey, endpoint, persistentKeepalive, allowedIps, replaceAllowedIps: true }
    ));
    const change = { privateKey, listenPort, fwmark, replacePeers: true, peers };
    const text = "its keys and peers as before";
    const link = linkOf(namespace, index);
    plan.add("configure", task.item, { kind: "set-wireguard", link, change, text, from: null });
  }

  #undoNeighbour(
    plan: UndoPlan,
    task: Task,
    { link: { namespace, index }, ip }: Extract<Action, { readonly kind: "set-neighbour" | "delete-neighbour" }>,
  ): void {
    if (index === undefined || linkAt(namespace, index) === undefined) return;
    const link = linkOf(namespace, index);
    const before = this.#neighbours.get(task);
    if (before === undefined) return plan.add("delete-entries", task.item, { kind: "delete-neighbour", link, ip });
    const { address, state, protocol } = before;
    if (address === undefined || typeof state === "number") return;
    plan.add("after-carrier", task.item, { kind: "set-neighbour", link, ip, address, state, protocol });
  }
}

const same = (a: ObservedRoute, b: ObservedRoute): boolean =>
  a.index === b.index && a.gateway === b.gateway && a.protocol === b.protocol && a.source === b.source &&
  a.type === b.type && a.mtu === b.mtu && JSON.stringify(a.hops) === JSON.stringify(b.hops);
