/** `--atomic`: what an apply changed is as it was before, in reverse order. */
import { linkAt, rootQdisc } from "../observed/lookup.ts";
import type { ObservedNamespace, ObservedRoute } from "../observed/observed_namespace.ts";
import { qdiscOfText, recordedQdisc } from "../ownership/recorded_extras.ts";
import { IMPAIR_HANDLE } from "../ownership/records.ts";
import { fullRoute } from "../ownership/snapshot.ts";
import type { ActionOf, RouteFields, Task } from "../plan/actions.ts";
import { LOOPBACK_INDEX } from "../../netlink/constants/link.ts";
import type { Qdisc } from "../../netlink/tc/qdisc/types.ts";
import { type ImpairQdisc, isChangeable, knownImpairment, qdiscOf, qdiscText } from "../plan/impair_qdisc.ts";
import { keptOwners } from "../link_types/owners_back.ts";
import { fillMoved } from "../link_types/restore.ts";
import { spreadValue } from "../../sysctl/spreading.ts";
import { NamespaceSets } from "../plan/effects.ts";
import { carrierOf, PlannedLink } from "../plan/planned_link.ts";
import { routesAt } from "../plan/remaining_routes.ts";
import { routeBack } from "../plan/remove_routes.ts";
import { stageOfSysctl } from "../plan/sysctls.ts";
import { commentIn } from "../plan/table_rules.ts";
import { linkOf, makeAgain, planWireguard, restore } from "./undo_links.ts";
import { type NotedForUndo, type TableAction, tableNameOf } from "./undo_noted.ts";
import { UndoPlan } from "./undo_plan.ts";

/**
 * The tasks that take back what was `done`, the last first. The namespaces must have been read anew.
 *
 * @param noted What there was before.
 */
export function undoTasks(noted: NotedForUndo, done: readonly Task[]): Task[] {
  const plan = new UndoPlan();
  const deleted = new Set<ObservedNamespace>();
  for (const task of [...done].reverse()) {
    const { action } = task;
    // A second plan deletes once more what is gone already.
    if (action.kind === "delete-namespace" && deleted.has(action.namespace)) continue;
    if (action.kind === "delete-namespace") deleted.add(action.namespace);
    undo(plan, noted, task, done);
  }
  const links = [...done].reverse().flatMap((task) => {
    const links = noted.deleted.get(task);
    return links === undefined ? [] : [{ item: task.item, links }];
  });
  makeAgain(plan, links);
  const cycled = new NamespaceSets<number>();
  for (const one of noted.links.values()) restore(plan, one, cycled);
  return plan.tasks;
}

function undo(plan: UndoPlan, noted: NotedForUndo, task: Task, done: readonly Task[]): void {
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
    case "move-link":
      return undoMove(plan, noted, task, action, done);
    case "add-route":
    case "replace-route":
    case "delete-route":
      return undoRoute(plan, noted, task, action);
    case "set-neighbour":
    case "delete-neighbour":
      return undoNeighbour(plan, noted, task, action);
    case "set-sysctl": {
      const value = noted.sysctls.get(task);
      if (value === undefined) return; // of a namespace or a link that goes
      const stage = stageOfSysctl(action.key);
      plan.add(stage === "link-sysctls" ? "sysctls" : stage, item, { ...action, value, before: action.value });
      for (const [key, one] of noted.spread.get(task) ?? []) {
        if (one === spreadValue(key, value)) continue;
        plan.add(stage, item, { ...action, key, value: one, before: spreadValue(key, value) });
      }
      return;
    }
    case "add-rule":
      return plan.add("delete-entries", item, { ...action, kind: "delete-rule" });
    case "delete-rule":
      return plan.add("configure", item, { ...action, kind: "add-rule" });
    case "set-qdisc":
    case "delete-qdisc":
    case "restore-qdisc":
      return undoQdisc(plan, noted, task, action.link);
    case "set-wireguard":
      return undoWireguard(plan, noted, task, action.link);
    case "set-tun": {
      const { owner, group } = action.before;
      const [remains] = keptOwners(action.before, action.change);
      if (action.link.isNew || owner === undefined && group === undefined && remains === undefined) return;
      return plan.add("configure", item, { ...action, change: { owner, group }, before: action.change, remains });
    }
    case "set-file":
    case "delete-file": {
      const { namespace, path, folders } = action;
      const text = noted.files.get(task);
      const undo = text === undefined ? { kind: "delete-file" } as const : { kind: "set-file", text } as const;
      return plan.add("configure", item, { ...undo, namespace, path, folders });
    }
    case "set-table":
    case "delete-table":
      return undoTable(plan, noted, task, action);
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
      return undoVlans(plan, noted, task, action);
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

/** A link goes back with what it had, and not with what it has now: that is of the namespace to which it was moved. */
function undoMove(
  plan: UndoPlan,
  noted: NotedForUndo,
  task: Task,
  { link: { namespace, index, name }, from, index: newIndex, name: nameBefore }: ActionOf<"move-link">,
  done: readonly Task[],
): void {
  if (index === undefined) return;
  const was = noted.moved.get(task)?.before;
  const now = linkAt(namespace, index);
  const up = was?.up ?? false;
  const link = new PlannedLink({ namespace: from, name: nameBefore, up, carrier: carrierOf(true, up) });
  const back = { kind: "move-link", link, from: namespace, index, name: now?.name ?? name, newIndex } as const;
  plan.add("delete-links", task.item, { ...back, whole: false });
  // Where an earlier step had moved it to, it only passes through.
  const isHome = !done.some(({ action }) =>
    action.kind === "move-link" && action.link.namespace === from && action.link.index === newIndex
  );
  if (isHome && now !== undefined && was !== undefined) {
    fillMoved(plan, task.item, link, now, was, was.master);
  }
}

function undoRoute(
  plan: UndoPlan,
  noted: NotedForUndo,
  task: Task,
  { link, route, append }: ActionOf<"add-route" | "replace-route" | "delete-route">,
): void {
  const { namespace } = link;
  if (append) return undoAppended(plan, task, link, route);
  const before = noted.routes.get(task);
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

/** A route that was added behind others with its key. */
function undoAppended(plan: UndoPlan, { item }: Task, { namespace, index = 0 }: PlannedLink, route: RouteFields): void {
  if (linkAt(namespace, index) === undefined || !routesAt(namespace, route).some((one) => one.index === index)) return;
  plan.add("delete-entries", item, { kind: "delete-route", link: linkOf(namespace, index), route });
}

/** One by one: each may have had flags of its own. */
function undoVlans(
  plan: UndoPlan,
  noted: NotedForUndo,
  task: Task,
  { link: planned, ids: [from, to] }: ActionOf<"add-vlan" | "delete-vlan">,
): void {
  const { namespace, index, isNew } = planned;
  if (isNew || index === undefined || linkAt(namespace, index) === undefined) return;
  const link = linkOf(namespace, index);
  const before = new Map(noted.vlans.get(task)?.map((one) => [one.id, one]));
  for (let id = from; id <= to; id++) {
    const flags = before.get(id);
    const ids = [id, id] as const;
    if (flags === undefined) plan.add("configure", task.item, { kind: "delete-vlan", link, ids });
    else plan.add("configure", task.item, { kind: "add-vlan", link, ids, flags });
  }
}

function undoTable(plan: UndoPlan, noted: NotedForUndo, task: Task, action: TableAction): void {
  const { namespace } = action;
  const { item } = task;
  const name = tableNameOf(action);
  const before = noted.tables.get(task);
  if (before === undefined) return plan.add("delete-tables", item, { kind: "delete-table", namespace, name });
  const table = { name, comment: commentIn(before) ?? "", objects: before.filter((one) => !("table" in one)) };
  const isThere = action.kind === "set-table";
  plan.add("tables", item, { kind: "set-table", namespace, table, isThere, items: [item] });
}

/** A qdisc as it was: with the distribution, if that is recorded, which the kernel does not list. */
function qdiscBack(before: Qdisc, { action }: Task): ImpairQdisc | undefined {
  if (before.kind !== "netem" && before.kind !== "tbf") return undefined;
  const recorded = action.kind === "set-qdisc" || action.kind === "delete-qdisc" ? action.before : undefined;
  const known = knownImpairment(before, recorded);
  if (known !== undefined) return qdiscOf(known);
  const { linkIndex: _, ...rest } = before;
  return rest;
}

function undoQdisc(plan: UndoPlan, noted: NotedForUndo, task: Task, { namespace, index, isNew }: PlannedLink): void {
  if (isNew || index === undefined || linkAt(namespace, index) === undefined) return;
  const link = linkOf(namespace, index);
  const [before, now] = [noted.qdiscs.get(task), rootQdisc(namespace, index)];
  if (before !== undefined && before.handle !== IMPAIR_HANDLE) { // of somebody else
    const recorded = recordedQdisc(before);
    const restored = recorded === undefined ? undefined : qdiscOfText(recorded);
    if (restored !== undefined) plan.add("configure", task.item, { kind: "restore-qdisc", link, qdisc: restored });
    return;
  }
  const qdisc = before && qdiscBack(before, task);
  const isThere = qdisc !== undefined && now !== undefined && isChangeable(now, qdisc);
  if (now !== undefined && !isThere) plan.add("delete-entries", task.item, { kind: "delete-qdisc", link });
  if (before === undefined || qdisc === undefined) return;
  plan.add("configure", task.item, { kind: "set-qdisc", link, qdisc, isThere, text: qdiscText(before) });
}

/** Of several steps on a link the first one has all that it was. */
function undoWireguard(plan: UndoPlan, noted: NotedForUndo, task: Task, { namespace, index }: PlannedLink): void {
  const before = noted.wireguards.get(task);
  if (before === undefined || index === undefined || linkAt(namespace, index) === undefined) return;
  planWireguard(plan, task.item, linkOf(namespace, index), before);
}

function undoNeighbour(
  plan: UndoPlan,
  noted: NotedForUndo,
  task: Task,
  { link: { namespace, index }, ip }: ActionOf<"set-neighbour" | "delete-neighbour">,
): void {
  if (index === undefined || linkAt(namespace, index) === undefined) return;
  const link = linkOf(namespace, index);
  const before = noted.neighbours.get(task);
  if (before === undefined) return plan.add("delete-entries", task.item, { kind: "delete-neighbour", link, ip });
  const { address, state, protocol, flags } = before;
  if (address === undefined || typeof state === "number") return;
  plan.add("after-carrier", task.item, { kind: "set-neighbour", link, ip, address, state, protocol, flags });
}

const same = (a: ObservedRoute, b: ObservedRoute): boolean =>
  a.index === b.index && a.gateway === b.gateway && a.protocol === b.protocol && a.source === b.source &&
  a.type === b.type && a.mtu === b.mtu && JSON.stringify(a.hops) === JSON.stringify(b.hops);
