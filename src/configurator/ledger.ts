/** The state of one configuration while it is worked on: what it owns is written before and after each change. */
import { namespaceToString } from "../namespace.ts";
import type { ObservedNamespace } from "./observed/observed_namespace.ts";
import type { Task } from "./plan/actions.ts";
import type { PlanResult } from "./plan/plan_builder.ts";
import type { Claims } from "./ownership/claims.ts";
import type { Cookie } from "./ownership/cookie.ts";
import { cookiesOf, type NamespaceRecord, type ObjectRecord } from "./ownership/records.ts";
import { becomesLost, intended, isNamed, keyOf, settled, withFormer } from "./record_stages.ts";
import { type ConfigurationState, EMPTY_STATE, isEmptyState } from "./ownership/state.ts";

/** Where a state is kept. */
export interface LedgerStore {
  /** Writes the state as a whole. */
  save(state: ConfigurationState): Promise<void>;
  /** Forgets it. */
  remove(): Promise<void>;
}

/** A namespace with what an apply knows of it. */
type Namespace = ObservedNamespace & { readonly isOwn?: boolean };

/** What a plan and its outcome mean for the records. */
export class Ledger {
  readonly #store: LedgerStore;
  readonly #work: { readonly claims: Claims };
  readonly #before: ConfigurationState;
  readonly #path: string | undefined;
  readonly #uses: readonly string[];
  readonly #namespaces: () => Iterable<Namespace>;
  readonly #goesOn: (error: unknown) => boolean;
  #saved: ConfigurationState;
  #unwritten: unknown;
  /** What is intended: what it makes is in no claim yet. */
  readonly #tasks: Task[] = [];

  /**
   * @param before What is kept now.
   * @param path The file that the name of the configuration was made of.
   * @param uses The namespaces that it describes.
   * @param namespaces Every namespace that is open.
   * @param goesOn True of an error of the store with which the work goes on: what is kept names all that is owned still.
   */
  constructor(
    store: LedgerStore,
    work: { readonly claims: Claims },
    before: ConfigurationState,
    { path, uses, namespaces, goesOn = () => false }: {
      readonly path: string | undefined;
      readonly uses: readonly string[];
      readonly namespaces: () => Iterable<Namespace>;
      readonly goesOn?: ((error: unknown) => boolean) | undefined;
    },
  ) {
    this.#store = store;
    this.#work = work;
    this.#before = before;
    this.#path = path;
    this.#uses = uses;
    this.#namespaces = namespaces;
    this.#goesOn = goesOn;
    this.#saved = before;
  }

  /** Why the store does not keep what is owned now, but what was owned before; undefined if it does. */
  get unwritten(): unknown {
    return this.#unwritten;
  }

  /**
   * Writes what is owned now, and what the plan is about to make.
   *
   * @throws What the store throws; nothing may be changed then.
   */
  async intend({ kept, tasks }: PlanResult): Promise<void> {
    // Of a link that is to go, both: a crash may come before that, or after it.
    const records = this.#work.claims.records.flatMap((record) => {
      const next = kept.get(record) ?? record;
      if (!becomesLost(record, next)) return [next === record ? record : withFormer(next, record)];
      return record.kind === "borrowed" ? [record, next] : [record];
    });
    for (const task of tasks) this.#tasks.push(task); // of a large file too many to be arguments
    for (const task of this.#tasks) {
      const record = task.makes?.();
      if (record !== undefined && isNamed(record)) records.push(intended(task, record));
    }
    const made = this.#tasks.flatMap(({ action }) => action.kind === "create-namespace" ? [action.namespace] : []);
    await this.#save(records, this.#namespacesOf(records, new Set(made)));
  }

  /**
   * Writes what was owned before: everything was taken back.
   *
   * @throws What the store throws.
   */
  async reset(): Promise<void> {
    if (this.#before === EMPTY_STATE) await this.#store.remove();
    else await this.#store.save(this.#before);
    this.#saved = this.#before;
  }

  /**
   * Writes what is owned when the plan has run.
   *
   * @param done What was done.
   * @param uncertain What failed in a way that does not say whether it was done: its records stay intents.
   * @returns What is owned now.
   * @throws What the store throws.
   */
  async settle(
    { kept, handovers }: Pick<PlanResult, "kept" | "handovers">,
    done: ReadonlySet<Task>,
    uncertain: ReadonlySet<Task> = new Set(),
  ): Promise<ConfigurationState> {
    const tasks = this.#tasks.splice(0);
    const notDone = tasks.filter((task) => !done.has(task));
    const isWhole = notDone.length === 0;
    // A record that several tasks end is ended when all of them are done.
    const left = new Set(droppedBy(notDone));
    const ended = new Set(droppedBy(tasks).filter((record) => !left.has(record)));
    const [staysWithLink, isNotChanged] = [recordsOnLinks(notDone), recordsOf(notDone, CHANGES)];
    const isNotDeleted = recordsOf(notDone, DELETIONS);
    const records: ObjectRecord[] = [];
    const made = new Map<string, { readonly record: ObjectRecord; readonly position: number }[]>();
    // Several tasks may make one record.
    const make = (record: ObjectRecord, result: ObjectRecord): void => {
      const key = keyOf(record);
      const others = made.get(key);
      const same = others?.find((other) => isSameRecord(other.record, record));
      if (same !== undefined) records[same.position] = result;
      else {
        const one = { record, position: records.push(result) - 1 };
        if (others === undefined) made.set(key, [one]);
        else others.push(one);
      }
    };
    for (const { makes } of done) {
      const record = makes?.();
      if (record !== undefined) make(record, record);
    }
    for (const task of uncertain) {
      const record = task.makes?.();
      if (record !== undefined && isNamed(record)) make(record, intended(task, record));
    }
    for (const record of this.#work.claims.records) {
      const next = kept.get(record) ?? (left.has(record) || staysWithLink(record) ? record : undefined);
      const isLeft = next !== undefined && becomesLost(record, next) && isNotDeleted(record);
      const now = isLeft ? record : next !== undefined && isNotChanged(record) ? withFormer(next, record) : next;
      if (now === undefined || ended.has(record) || made.has(keyOf(now))) continue;
      records.push(isWhole ? settled(now) : now);
    }
    const names = new Set<string>();
    const own = new Set<ObservedNamespace>();
    for (const { action } of done) {
      if (action.kind === "create-namespace") own.add(action.namespace);
      if (action.kind === "delete-namespace") names.add(namespaceToString({ type: "named", name: action.name }));
    }
    const given = new Set([...handovers.keys()].map((one) => "cookie" in one ? one.cookie : undefined));
    const named = cookiesIn(records);
    const namespaces = this.#namespacesOf(records, own)
      // What stays in a namespace of another configuration is found by the record of that, as in anybody's.
      .map((record) => given.has(record.cookie) ? { ...record, made: false } : record)
      .filter(({ cookie, reference, made }) => (made || named.has(cookie)) && !names.has(reference));
    return await this.#save(records, namespaces);
  }

  /** The namespaces that the records name, and those that this configuration made. */
  #namespacesOf(records: readonly ObjectRecord[], made: ReadonlySet<ObservedNamespace>): NamespaceRecord[] {
    const wanted = cookiesIn(records);
    const result = new Map<Cookie, NamespaceRecord>();
    for (const namespace of this.#namespaces()) {
      const { cookie, inode, reference, isOwn = false } = namespace;
      if (cookie === undefined || inode === undefined) continue;
      const before = this.#work.claims.namespaceMade(namespace);
      const isMade = before !== undefined || (isOwn && made.has(namespace));
      if (!isMade && !wanted.has(cookie)) continue;
      result.set(cookie, { cookie, reference: before?.reference ?? reference, inode, made: isMade });
    }
    for (const record of this.#work.claims.namespaces) {
      // One that cannot be looked at now, and is still there or has something that is still recorded.
      const isKept = wanted.has(record.cookie) || (record.made && this.#work.claims.isUnknownNamespace(record));
      if (!result.has(record.cookie) && isKept) result.set(record.cookie, record);
    }
    return [...result.values()];
  }

  async #save(records: readonly ObjectRecord[], namespaces: readonly NamespaceRecord[]): Promise<ConfigurationState> {
    const state: ConfigurationState = { path: this.#path, uses: this.#uses, namespaces, records };
    this.#unwritten = undefined;
    if (isSameState(state, this.#saved)) return state;
    try {
      if (isEmptyState(state) && this.#uses.length === 0) await this.#store.remove();
      else await this.#store.save(state);
    } catch (error) {
      if (this.#tasks.some(({ makes }) => makes !== undefined) || !this.#goesOn(error)) throw error;
      this.#unwritten = error;
      return state;
    }
    this.#saved = state;
    return state;
  }
}

/** The records that end with tasks. */
function droppedBy(tasks: readonly Task[]): ObjectRecord[] {
  const records: ObjectRecord[] = [];
  for (const { drops } of tasks) if (drops !== undefined) records.push(drops);
  return records;
}

/**
 * True of a record of what a plan lets go with its link, where the link did not go and was not changed: `notDone` has
 * the task. It is there still, and nothing else would take it away. Of a route only the namespace is known.
 */
function recordsOnLinks(notDone: readonly Task[]): (record: ObjectRecord) => boolean {
  const namespaces = new Set<Cookie>();
  const links = new Set<string>();
  const add = ({ cookie }: ObservedNamespace, index?: number): void => {
    if (cookie === undefined) return;
    namespaces.add(cookie);
    links.add(`${cookie} ${index}`);
  };
  for (const { action } of notDone) {
    if (action.kind === "change-link") add(action.link.namespace, action.link.index);
    else if (action.kind === "move-link") add(action.from, action.index);
    else if (action.kind === "delete-link") action.ends.forEach(({ namespace, index }) => add(namespace, index));
  }
  return (record) => {
    if (record.kind === "neighbour" || record.kind === "qdisc") return links.has(`${record.namespace} ${record.link}`);
    return (record.kind === "route" || record.kind === "sysctl") && namespaces.has(record.namespace);
  };
}

const CHANGES: ReadonlySet<Task["action"]["kind"]> = new Set(["change-link", "delete-address", "delete-entry"]);
const DELETIONS: ReadonlySet<Task["action"]["kind"]> = new Set(["delete-link"]);

/** True of the record of a link to which none of these `kinds` was done as was planned. */
function recordsOf(
  notDone: readonly Task[],
  kinds: ReadonlySet<Task["action"]["kind"]>,
): (record: ObjectRecord) => boolean {
  const links = new Set<string>();
  for (const { action } of notDone) {
    if (!kinds.has(action.kind)) continue;
    if ("ends" in action) action.ends.forEach(({ namespace, index }) => links.add(`${namespace.cookie} ${index}`));
    else if ("link" in action) links.add(`${action.link.namespace.cookie} ${action.link.index}`);
  }
  return (record) => (
    links.size > 0 && (record.kind === "link" || record.kind === "borrowed") &&
    record.ends.some(({ namespace, index }) => links.has(`${namespace} ${index}`))
  );
}

/** The namespaces that records name. */
function cookiesIn(records: readonly ObjectRecord[]): ReadonlySet<Cookie> {
  const cookies = new Set<Cookie>();
  for (const record of records) {
    if (record.kind !== "link" && record.kind !== "borrowed") cookies.add(record.namespace);
    else for (const cookie of cookiesOf(record)) cookies.add(cookie);
  }
  return cookies;
}

/** True if a state would be written as it is. */
function isSameState(a: ConfigurationState, b: ConfigurationState): boolean {
  const isSameList = <T>(a: readonly T[], b: readonly T[], isSame: (a: T, b: T) => boolean): boolean => (
    a.length === b.length && a.every((one, position) => isSame(one, b[position] ?? one))
  );
  return a.path === b.path && a.legacy === b.legacy && isSameList(a.uses, b.uses, (a, b) => a === b) &&
    // Mostly a record differs, and the first one tells.
    isSameList(a.records, b.records, isSameRecord) && isSameList(a.namespaces, b.namespaces, isSameRecord);
}

/** True if two records say the same. */
const isSameRecord = <T extends ObjectRecord | NamespaceRecord>(a: T, b: T): boolean => (
  a === b || JSON.stringify(a) === JSON.stringify(b)
);
