/** Follows the keys of a label: from member to member, with a list first and a watch from there. */
import { backoff } from "../async/backoff.ts";
import { pause } from "../async/pause.ts";
import { reasonOf } from "../reason.ts";
import { type EtcdConf, USUAL_ENDPOINT } from "./etcd_conf.ts";
import type { EtcdEvent } from "./events.ts";
import { GRPC, GrpcError } from "./grpc_error.ts";
import { deletedKeys, keyOf } from "./history.ts";
import { beginningOf, type Layout } from "./keys.ts";
import type { KeyChange, KnownKeys, Position } from "./known_keys.ts";
import { type KeyRange, Member, rangeOf } from "./member.ts";
import { memberOptions } from "./member_options.ts";
import type { KeyValue, ResponseHeader } from "./messages.ts";
import { CompactedError, type WatchMessage } from "./watch_messages.ts";

/** What is followed, and how. */
export interface FollowOptions {
  /** How the cluster is reached. */
  readonly conf: EtcdConf;
  /** Whose keys. */
  readonly label: string;
  /** Which of them. */
  readonly layouts: readonly Layout[];
  /** How often all keys are listed although a watch runs, in milliseconds. */
  readonly listEvery: number;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Hears what is to be known. */
  readonly onEvent: (event: EtcdEvent) => void;
}

/** A running watch goes on after its rights were taken away: a list finds that out. */
export const LIST_EVERY = 180_000;
/** How soon an empty list is asked for again, when the deletes may be on their way. */
const EMPTY_AGAIN = 2_000;
/** How long to wait when every member has failed. */
const RETRY = { first: 500, longest: 2_000 };
/** How long a member has to answer until its failures before that no longer count, in milliseconds. */
const STABLE = 5_000;
/** The longest time for which changes that come one after the other are taken together, in milliseconds. */
const TOGETHER = 100;

/** Follows a cluster; `member` is the one that answers now. */
export class Follower {
  readonly #options: FollowOptions;
  readonly #known: KnownKeys;
  #member: Member | undefined;
  /** The newest revision of each layout that is read. */
  #seen = new Map<Layout, number>();
  #cluster = "";
  readonly #said = new Set<string>();
  /** Why each member was lost last: with several that fail, each is said once, and not at each attempt. */
  readonly #losses = new Map<string, string>();
  #failures = 0;
  /** True from a {@linkcode Follower.reload} until a member has listed the keys. */
  #isAsked = false;
  /** Aborted by the next {@linkcode Follower.reload}. */
  #asked = new AbortController();
  #reloads: (() => void)[] = [];
  /** Ends the wait of a watch; one for each wait, because what is never resolved would remember every race. */
  #wake: () => void = () => {};
  /** Since when the member answers that answers now. */
  #since = Infinity;

  /** Keeps `known` as the cluster has the keys. */
  constructor(known: KnownKeys, options: FollowOptions) {
    this.#known = known;
    this.#options = options;
  }

  /** The member that answers; undefined if none does. */
  get member(): Member | undefined {
    return this.#member;
  }

  /**
   * Has all keys listed at once, and the next member tried at once where none answers. It resolves when that is done or
   * has failed; a list that failed comes first with the next member that answers.
   */
  reload(): Promise<void> {
    return new Promise((resolve) => {
      this.#reloads.push(resolve);
      this.#isAsked = true;
      this.#wake();
      this.#asked.abort();
      this.#asked = new AbortController();
    });
  }

  /** Yields when the keys changed, and ends with the signal. What fails is tried again, with another member. */
  async *changes(): AsyncGenerator<void, void, undefined> {
    const { conf, signal, onEvent } = this.#options;
    const endpoints = conf.endpoints ?? [USUAL_ENDPOINT];
    const retry = { first: conf.reconnectInterval ?? RETRY.first, longest: RETRY.longest };
    for (let attempt = 0; !signal.aborted; attempt++) {
      const address = endpoints[attempt % endpoints.length] ?? USUAL_ENDPOINT;
      const close = (): void => this.#member?.[Symbol.dispose]();
      signal.addEventListener("abort", close);
      try {
        this.#member = await Member.connect(address, memberOptions(conf, signal));
        if (signal.aborted) return;
        yield* this.#followMember(this.#member);
      } catch (error) {
        if (signal.aborted) return;
        const reason = reasonOf(error);
        if (reason !== this.#losses.get(address)) onEvent({ kind: "lost", address, reason });
        this.#losses.set(address, reason);
      } finally {
        signal.removeEventListener("abort", close);
        close();
        this.#member = undefined;
        this.#endReloads();
      }
      if (performance.now() - this.#since > STABLE) this.#failures = 0;
      this.#since = Infinity;
      this.#failures++;
      const rounds = Math.floor(this.#failures / endpoints.length);
      if (rounds > 0) await this.#pause(backoff(rounds, retry), signal);
    }
  }

  async *#followMember(member: Member): AsyncGenerator<void, void, undefined> {
    const { label, layouts, onEvent } = this.#options;
    const ranges = new Map(layouts.map((layout) => [layout, rangeOf(beginningOf(label, layout))]));
    let isKnown = !this.#isAsked && await this.#canResume(member, ranges);
    if (isKnown) this.#answered(member);
    let hasListed = false;
    while (true) {
      if (!isKnown) {
        hasListed = true;
        await this.#list(member, ranges);
        this.#answered(member);
        yield;
      }
      const begin = performance.now();
      try {
        isKnown = true;
        yield* this.#watch(member, ranges);
      } catch (error) {
        // What was just listed is not compacted so soon: not again and again without a rest.
        if (!(error instanceof CompactedError) || hasListed && performance.now() - begin < STABLE) throw error;
        isKnown = false;
        onEvent({ kind: "lost", address: member.address, reason: `${error.message}: all keys are listed again` });
      }
    }
  }

  /** Waits until the time is over, the signal aborts, or all is to be read again. */
  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    await pause(ms, AbortSignal.any([signal, this.#asked.signal]));
  }

  #endReloads(): void {
    for (const resolve of this.#reloads.splice(0)) resolve();
  }

  #answered({ address }: Member): void {
    this.#since = performance.now();
    this.#losses.clear();
    this.#options.onEvent({ kind: "connected", address });
  }

  /** True if the cluster still is the one that was followed, so that a watch can go on where the last one ended. */
  async #canResume(member: Member, ranges: ReadonlyMap<Layout, KeyRange>): Promise<boolean> {
    if (this.#seen.size < ranges.size) return false;
    const newest = Math.max(...this.#seen.values());
    try {
      for (const range of ranges.values()) {
        const { cluster, revision } = positionOf(await member.probe(range));
        if (cluster !== this.#cluster || revision < newest) return false;
      }
      return true;
    } catch (error) {
      if (error instanceof GrpcError && error.code === GRPC.permissionDenied) return false; // the list says so
      throw error;
    }
  }

  /**
   * Lists all keys at one revision.
   *
   * @param ifEmpty What an empty list counts as: `"doubt"`, or `"ignore"` while deletes may be on their way.
   * @returns False if it was ignored.
   */
  async #list(
    member: Member,
    ranges: ReadonlyMap<Layout, KeyRange>,
    ifEmpty: "doubt" | "ignore" = "doubt",
  ): Promise<boolean> {
    const { label, onEvent } = this.#options;
    const entries = new Map<string, string>();
    const readable: Layout[] = [];
    let position: Position | undefined;
    let refusal: unknown;
    for (const [layout, range] of ranges) {
      try {
        const { header, entries: found } = await member.list(range, position?.revision);
        position ??= positionOf(header);
        readable.push(layout);
        for (const entry of found) entries.set(keyOf(entry), valueOf(entry));
      } catch (error) {
        if (!(error instanceof GrpcError) || error.code !== GRPC.permissionDenied) throw error;
        refusal = new GrpcError(error.code, `${member.address}: ${error.message}: ${beginningOf(label, layout)}`);
        this.#say("refused", reasonOf(refusal));
      }
    }
    if (position === undefined) throw refusal;
    this.#isAsked = false;
    this.#endReloads();
    const isUnread = (key: string): boolean => !readable.some((one) => key.startsWith(beginningOf(label, one)));
    const isEmpty = entries.size === 0 && [...this.#known.values.keys()].some((key) => !isUnread(key));
    if (isEmpty && ifEmpty === "ignore") return false;
    const wasThere = await deletedKeys(member, label, this.#known, { position, entries, layouts: readable });
    const { revision } = position;
    this.#seen = new Map(readable.map((layout) => [layout, revision]));
    this.#known.list({ ...position, layouts: Object.fromEntries(this.#seen) }, entries, isUnread, wasThere);
    this.#cluster = position.cluster;
    onEvent({ kind: "listed", keys: entries.size, revision });
    if (this.#known.held !== undefined) this.#say("held", this.#known.held);
    return true;
  }

  /** Says something once. */
  #say(kind: "refused" | "held", reason: string): void {
    if (this.#said.has(reason)) return;
    this.#said.add(reason);
    this.#options.onEvent({ kind, reason });
  }

  /** Takes the events after those that were seen; it ends when another set of layouts is to be watched. */
  async *#watch(member: Member, ranges: ReadonlyMap<Layout, KeyRange>): AsyncGenerator<void, void, undefined> {
    const { listEvery } = this.#options;
    const layouts = [...ranges.keys()].filter((layout) => this.#seen.has(layout));
    const messages = member.watch(layouts.map((layout) => (
      { range: ranges.get(layout) ?? NO_RANGE, startRevision: (this.#seen.get(layout) ?? 0) + 1 }
    )));
    let [isLost, isDue] = [false, false];
    void member.ended.then(() => {
      isLost = true;
      this.#wake();
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const listIn = (ms: number): void => {
      isDue = false;
      timer = setTimeout(() => {
        isDue = true;
        this.#wake();
      }, ms);
    };
    listIn(listEvery);
    let next = messages.next();
    next.catch(() => {}); // whoever awaits it gets the error
    let ifEmpty: "ignore" | "doubt" = "ignore";
    let changedAt = Infinity;
    try {
      while (true) {
        const isWaiting = changedAt === Infinity;
        const woken = new Promise<undefined>((resolve) => {
          this.#wake = () => resolve(undefined);
          // What has come already is taken with it, for a while: each configuration is read as a whole.
          if (!isWaiting) setTimeout(this.#wake, 0);
          else if (isLost || isDue || this.#isAsked) this.#wake();
        });
        // What was taken is yielded before an end of the watch counts.
        const got = await Promise.race([isWaiting ? next : next.catch(() => undefined), woken]);
        if (got?.done) {
          if (isWaiting) throw new GrpcError(GRPC.unavailable, `${member.address}: it ended the watch`);
        } else if (got !== undefined) {
          next = messages.next();
          next.catch(() => {});
          const layout = layouts[got.value.range];
          if (layout !== undefined && this.#take(layout, got.value) && isWaiting) changedAt = performance.now();
          if (changedAt === Infinity || performance.now() - changedAt < TOGETHER) continue;
        }
        if (changedAt !== Infinity) {
          changedAt = Infinity;
          yield;
        } else if (isLost) {
          throw new GrpcError(GRPC.unavailable, `${member.address}: ${member.lost}`);
        } else if (isDue || this.#isAsked) {
          clearTimeout(timer);
          const isTaken = await this.#list(member, ranges, ifEmpty);
          ifEmpty = isTaken ? "ignore" : "doubt";
          listIn(isTaken ? listEvery : EMPTY_AGAIN);
          if (isTaken) yield;
          const isSame = layouts.length === this.#seen.size && layouts.every((one) => this.#seen.has(one));
          if (!isSame) return;
        }
      }
    } finally {
      clearTimeout(timer);
      void messages.return().catch(() => {}); // not awaited: it waits for a message that may never come
    }
  }

  /** Takes the events of one message; false if there are none that are new. */
  #take(layout: Layout, { events }: WatchMessage): boolean {
    const seen = this.#seen.get(layout) ?? 0;
    const changes = events.filter(({ kv }) => kv.modRevision > seen).map(({ kv, deleted }): KeyChange => (
      { key: keyOf(kv), value: deleted ? undefined : valueOf(kv) }
    ));
    if (changes.length === 0) return false;
    const revision = Math.max(seen, events.at(-1)?.kv.modRevision ?? 0);
    const newest = Math.max(revision, ...this.#seen.values());
    const layouts = { ...Object.fromEntries(this.#seen), [layout]: revision };
    this.#known.change({ cluster: this.#cluster, revision: newest, layouts }, changes);
    this.#seen.set(layout, revision);
    return true;
  }
}

const NO_RANGE: KeyRange = { from: new Uint8Array(), to: new Uint8Array() };

const positionOf = ({ clusterId, revision }: ResponseHeader): Position => ({
  cluster: clusterId.toString(16),
  revision,
});
const valueOf = ({ value }: KeyValue): string => new TextDecoder().decode(value);
