/** `--atomic`: what an apply changed is as it was before, in reverse order. */
import { isLinkLocal6 } from "../../ip/arithmetic.ts";
import { textAt } from "../observed/files.ts";
import { addressesOf, linkAt, linkNamed, rootQdisc } from "../observed/lookup.ts";
import type {
  LinkLocation,
  ObservedNamespace,
  ObservedNeighbour,
  ObservedRoute,
} from "../observed/observed_namespace.ts";
import { addEntries, fillLink, RestoredLinks } from "../link_types/restore.ts";
import type { NftObject } from "../../netlink/nftables/types.ts";
import type { Qdisc } from "../../netlink/tc/qdisc/types.ts";
import type { LinkBefore } from "../ownership/before.ts";
import { linkBefore, routeBefore } from "../ownership/snapshot.ts";
import { type Action, type ActionOf, type LinkChange, type Stage, STAGES, type Task } from "../plan/actions.ts";
import { formerInOrderOfAdding } from "../plan/addresses.ts";
import { qdiscText } from "../plan/impair_qdisc.ts";
import { carrierOf, PlannedLink } from "../plan/planned_link.ts";
import { routeFieldsOf } from "../plan/remove_routes.ts";
import { LOOPBACK_INDEX } from "../plan/effects.ts";
import { routesAt } from "../plan/remaining_routes.ts";
import { routeKey } from "../plan/route_fields.ts";
import { stepOf } from "../plan/step.ts";
import { commentIn, contentOf } from "../plan/table_rules.ts";

/** A link as it was, where it was. */
interface LinkRecord {
  readonly namespace: ObservedNamespace;
  readonly before: LinkBefore;
}

type TableAction = ActionOf<"set-table" | "delete-table">;
const tableNameOf = (action: TableAction): string => action.kind === "set-table" ? action.table.name : action.name;

/** What tasks will change, as it is before: read before the first of them is carried out. */
export class UndoLog {
  readonly #links = new Map<string, LinkRecord>();
  readonly #deleted = new Map<Task, readonly LinkRecord[]>();
  readonly #routes = new Map<Task, ObservedRoute | undefined>();
  readonly #neighbours = new Map<Task, ObservedNeighbour | undefined>();
  readonly #sysctls = new Map<Task, string | undefined>();
  readonly #qdiscs = new Map<Task, Qdisc | undefined>();
  readonly #files = new Map<Task, string | undefined>();
  readonly #tables = new Map<Task, readonly NftObject[] | undefined>();

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
      case "release":
      case "create-namespace":
      case "delete-namespace":
      case "create-link":
        return;
      case "move-link":
        return this.#noteLink({ namespace: action.from, index: action.index });
      case "delete-link":
        return void this.#deleted.set(task, action.ends.flatMap((end) => recordOf(end) ?? []));
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
      case "add-rule":
      case "delete-rule":
        return;
      case "set-qdisc":
      case "delete-qdisc": {
        const { link: { namespace, index } } = action;
        return void this.#qdiscs.set(task, index === undefined ? undefined : rootQdisc(namespace, index));
      }
      case "set-file":
      case "delete-file":
        return void this.#files.set(task, textAt(action.path));
      case "set-table":
      case "delete-table":
        return void this.#tables.set(task, contentOf(action.namespace.tables() ?? [], tableNameOf(action)));
    }
  }

  #noteLink(location: LinkLocation): void {
    const key = `${location.namespace.cookie} ${location.index}`;
    const record = this.#links.has(key) ? undefined : recordOf(location);
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
    for (const { namespace, before } of this.#links.values()) restore(plan, namespace, before);
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
      case "delete-link":
        return makeAgain(plan, item, this.#deleted.get(task) ?? []);
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
        return this.#undoQdisc(plan, task, action.link);
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
      case "adopt":
      case "release":
      case "name-namespace":
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
    const { destination, table, metric } = before;
    const fields = {
      ...routeFieldsOf({ ...routeBefore(before), destination, table, metric }),
      nextHops: before.hops.length < 2 ? undefined : before.hops.flatMap(({ index, gateway, weight }) => (
        index === undefined || linkAt(namespace, index) === undefined
          ? []
          : [{ link: linkOf(namespace, index), gateway, weight }]
      )),
    };
    const kind = now === undefined ? "add-route" : "replace-route";
    plan.add("after-carrier", task.item, { kind, link: linkOf(namespace, out.index), route: fields });
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
    const isThere = before !== undefined && now?.kind === before.kind;
    if (now !== undefined && !isThere) plan.add("delete-entries", task.item, { kind: "delete-qdisc", link });
    if (before?.kind !== "netem" && before?.kind !== "tbf") return;
    const { linkIndex: _, ...qdisc } = before;
    plan.add("configure", task.item, { kind: "set-qdisc", link, qdisc, isThere, text: qdiscText(before) });
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
    const { address, state } = before;
    if (address === undefined || typeof state === "number") return;
    plan.add("after-carrier", task.item, { kind: "set-neighbour", link, ip, address, state });
  }
}

/** The tasks of an undo, by stage. */
class UndoPlan {
  readonly #stages = new Map<Stage, Task[]>();
  readonly #routes = new Set<string>();

  get tasks(): Task[] {
    return STAGES.flatMap((stage) => this.#stages.get(stage) ?? []);
  }

  add(stage: Stage, item: string, action: Action): void {
    if (this.#isPlanned(action)) return;
    const step = stepOf(action, item);
    const tasks = this.#stages.get(stage);
    if (tasks === undefined) this.#stages.set(stage, [{ stage, action, item, step }]);
    else tasks.push({ stage, action, item, step });
  }

  /** True of a route that is made already: a link gives its routes back, and so does the task that changed one. */
  #isPlanned(action: Action): boolean {
    if (action.kind !== "add-route" && action.kind !== "replace-route") return false;
    const key = `${action.link.namespace.cookie} ${routeKey(action.route)}`;
    return this.#routes.has(key) || this.#routes.add(key) === undefined;
  }
}

function recordOf({ namespace, index }: LinkLocation): LinkRecord | undefined {
  const link = linkAt(namespace, index);
  return link && { namespace, before: linkBefore(namespace, link) };
}

function linkOf(namespace: ObservedNamespace, index: number): PlannedLink {
  const { name = `${index}`, up = true, carrier = true } = linkAt(namespace, index) ?? {};
  return new PlannedLink({ namespace, name, index, up, carrier: carrierOf(carrier, up && carrier) });
}

const same = (a: ObservedRoute, b: ObservedRoute): boolean =>
  a.index === b.index && a.gateway === b.gateway && a.protocol === b.protocol && a.source === b.source &&
  a.type === b.type && a.mtu === b.mtu && JSON.stringify(a.hops) === JSON.stringify(b.hops);

/** Plans that links are made again which were deleted, with what they had. */
function makeAgain(plan: UndoPlan, item: string, records: readonly LinkRecord[]): void {
  const [first] = records;
  if (first === undefined) return;
  const links = records.map(({ namespace, before }) => ({
    before,
    link: new PlannedLink({ namespace, name: before.name, up: before.up, carrier: "comes" }),
  }));
  const creation = new RestoredLinks(
    links.map(({ before: { index, address, mtu }, link }) => ({ item, link, index, address, mtu })),
    first.before.kind ?? "",
  );
  plan.add("create", item, { kind: "create-link", creation });
  for (const { before, link } of links) fillLink(plan, item, link, before);
}

/** Plans that a link which is still there is as it was. */
function restore(plan: UndoPlan, namespace: ObservedNamespace, before: LinkBefore): void {
  const now = linkAt(namespace, before.index) ?? linkNamed(namespace, before.name);
  if (now === undefined) return; // deleted, or moved: undone by itself
  const item = before.name;
  const link = new PlannedLink({
    namespace,
    name: before.name,
    index: now.index,
    up: before.up,
    carrier: carrierOf(now.carrier, before.up && now.carrier),
  });
  const change: LinkChange = {
    ...now.name === before.name ? {} : { name: before.name },
    ...now.address === before.address ? {} : { address: before.address },
    ...now.mtu === before.mtu ? {} : { mtu: before.mtu },
    ...now.master === before.master ? {} : { master: before.master ?? 0 },
    ...now.up === before.up ? {} : { up: before.up },
  };
  if (Object.keys(change).length > 0) plan.add("change", item, { kind: "change-link", link, name: now.name, change });
  const has = addressesOf(namespace, now.index).map(({ text }) => text).filter((text) => !isLinkLocal6(text));
  const had = before.addresses.map(({ address }) => address);
  const isSame = has.length === had.length && has.every((text, position) => text === had[position]);
  // The order of addresses is kept by giving all of them anew.
  for (const address of isSame ? [] : [...has].reverse()) {
    plan.add("configure", item, { kind: "delete-address", link, address });
  }
  for (const one of isSame ? [] : formerInOrderOfAdding(before.addresses)) {
    plan.add("configure", item, { kind: "add-address", link, address: one.address, before: one });
  }
  const routes = new Set(isSame ? namespace.routesOf(now.index).map(routeKey) : []);
  const neighbours = new Set(
    isSame ? [...namespace.neighbours(4), ...namespace.neighbours(6)].map(({ index, ip }) => `${index} ${ip}`) : [],
  );
  addEntries(plan, item, link, {
    ...before,
    routes: before.routes.filter((route) => !routes.has(routeKey(route))),
    neighbours: before.neighbours.filter(({ ip }) => !neighbours.has(`${now.index} ${ip}`)),
  });
}
