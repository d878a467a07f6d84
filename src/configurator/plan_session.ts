/** One plan or apply: what there is, what is to be, and whose it is. */
import type { NetworkConfig } from "../models/config.ts";
import { filterNamespaces } from "../models/filters.ts";
import { birthNamespaces, InterfaceIndex, namespaceOfItem } from "../models/references.ts";
import { namespaceOfEntry } from "../models/sysctls.ts";
import { processesByNamespace } from "../named/processes.ts";
import { isDefaultNamespace, type Namespace, parseNamespace } from "../namespace.ts";
import type { NsHandler } from "../ns_handler.ts";
import type { Surroundings } from "./apply/undo_links.ts";
import { leftBeside } from "./left_beside.ts";
import { type KernelNamespace, kernelNamespace } from "./observed/kernel_namespace.ts";
import {
  isAvailable,
  type ObservedLink,
  type ObservedNamespace,
  type UnavailableNamespace,
} from "./observed/observed_namespace.ts";
import type { KnownProcesses } from "./observed/known_processes.ts";
import { LinksElsewhere } from "./observed/links_elsewhere.ts";
import { ObservedNamespaces } from "./observed/observed_namespaces.ts";
import { Claims } from "./ownership/claims.ts";
import { OtherClaims } from "./ownership/other_claims.ts";
import { type ConfigurationState, EMPTY_STATE } from "./ownership/state.ts";
import type { PlanResult } from "./plan/plan_builder.ts";
import type { PlanInput } from "./plan/plan_input.ts";
import { usedNamespaces } from "./plan/remove_namespaces.ts";
import { plan } from "./planner.ts";
import { describeProcesses, type FailedItem, type PendingItem } from "./report.ts";
import { recordedNamespaces, takeOver } from "./upgrade.ts";

/** What the other configurations own. */
export interface OtherStates {
  /** Their states, by name. */
  readonly states: ReadonlyMap<string, ConfigurationState>;
  /** Those whose states are refused, and why. */
  readonly unreadable: readonly { readonly name: string; readonly reason: string }[];
}

const DEFAULT_BY_ANOTHER_NAME: UnavailableNamespace = {
  reason: "its namespace is the default one by another name, which is not allowed here",
  broken: true,
};

/** One plan or apply: the namespaces, opened, and who owns what is in them. */
export class PlanSession implements Disposable {
  readonly namespaces: ObservedNamespaces;
  readonly #others: OtherStates;
  readonly #netnsDir: string;
  #claims: Claims;
  readonly before: ConfigurationState;

  constructor(
    handler: NsHandler,
    netnsDir: string,
    config: NetworkConfig,
    remembered: ConfigurationState | undefined,
    others: OtherStates,
    processes?: KnownProcesses,
  ) {
    this.namespaces = new ObservedNamespaces(handler, netnsDir, processes);
    this.#others = others;
    this.#netnsDir = netnsDir;
    try {
      const legacy = remembered?.legacy;
      for (const one of [config, ...legacy?.configs ?? []]) this.#ask(one);
      for (const name of legacy?.made ?? []) this.namespaces.namespaceOf({ type: "named", name });
      for (const { reference } of remembered?.namespaces ?? []) this.namespaces.namespaceOf(parseNamespace(reference));
      this.namespaces.connect();
      this.before = legacy === undefined
        ? remembered ?? EMPTY_STATE
        : this.#readable(() => takeOver(legacy, (ns) => this.namespaces.namespaceOf(ns)));
      this.#claims = this.#claim(this.before);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Who owns what is there. */
  get claims(): Claims {
    return this.#claims;
  }

  /** Where links were made, for what takes an apply back. */
  get surroundings(): Surroundings {
    return {
      namespaces: () => this.namespaces.namespaces(),
      birthOf: (namespace, link) => {
        const record = this.claims.linkAt(namespace, link)?.record;
        return record?.kind === "link" ? record.birth : undefined;
      },
    };
  }

  /** Everything is read anew, and `state` is what is owned by now: a second plan follows. */
  startAnew(state: ConfigurationState): void {
    for (const namespace of this.namespaces.namespaces()) namespace.forget();
    this.#claims = this.#claim(state);
  }

  #claim(state: ConfigurationState): Claims {
    const { states, unreadable } = this.#others;
    return new Claims(state, new OtherClaims(states, unreadable.map(({ name }) => name)), {
      at: ({ cookie, reference, inode }) => {
        const named = this.namespaces.namespaceOf(parseNamespace(reference));
        if (isAvailable(named) && named.cookie === cookie) return named;
        for (const one of this.namespaces.namespaces()) if (one.cookie === cookie) return one;
        if (!isAvailable(named) && named.broken && !named.isNone) return named;
        // It may live on without what the configuration names it by: a process that ended, a name that was deleted.
        return this.namespaces.held(BigInt(inode), cookie, reference);
      },
    });
  }

  /** Reads; a namespace that cannot be read becomes unavailable, and everything is read again: nothing was touched. */
  #readable<T>(read: () => T): T {
    for (;;) {
      try {
        return read();
      } catch (error) {
        if (!this.namespaces.refuseUnreadable(error)) throw error;
        // While the records are taken over there are no claims yet.
        if (this.before !== undefined) this.#claims = this.#claim(this.#claims?.state ?? this.before);
      }
    }
  }

  /** What a state owns, to be looked at. */
  static toLookAt(handler: NsHandler, state: ConfigurationState): PlanSession {
    const nothing = { namespaces: [], interfaces: [], arpEntries: [], routes: [] };
    return new PlanSession(handler, handler.netnsDir, nothing, state, { states: new Map(), unreadable: [] });
  }

  /** Opens every namespace that a configuration names. */
  #ask({ namespaces, interfaces, routes, arpEntries, rules = [], ...filters }: NetworkConfig): void {
    this.namespaces.namespaceOf();
    for (const entry of namespaces) this.namespaces.namespaceOf(namespaceOfEntry(entry));
    const asked = [...interfaces, ...routes, ...arpEntries, ...rules].map(namespaceOfItem)
      .concat(filterNamespaces(filters, new InterfaceIndex(interfaces)), birthNamespaces(interfaces));
    // Those with a name first: the file of one that is to be made is the same namespace.
    for (const ns of asked) if (ns?.type === "named") this.namespaces.namespaceOf(ns);
    for (const ns of asked) this.namespaces.namespaceOf(ns);
  }

  plan(config: NetworkConfig, how: Pick<PlanInput, "adopt" | "removes" | "leavesToKernel">): PlanResult {
    let processes: Map<bigint, number[]> | undefined;
    const elsewhere = new LinksElsewhere(this.#netnsDir, () => this.namespaces.namespaces());
    const isClaimed = (namespace: ObservedNamespace, link: ObservedLink): boolean => (
      (this.claims.linkAt(namespace, link) ?? this.claims.others.ownerOfLink(namespace, link)) !== undefined
    );
    const input = (): PlanInput => ({
      config,
      ...how,
      claims: this.claims,
      namespaceOf: (ns) => this.#allowed(config, ns),
      isNamedTwice: () => this.namespaces.isNamedTwice(),
      namespaces: () => this.namespaces.namespaces(),
      movedEnd: (address) => elsewhere.endOf(address, isClaimed),
      linkOn: (...asked) => elsewhere.linkOn(...asked),
      occupants: (namespace) => {
        processes ??= processesByNamespace();
        return describeProcesses(processes.get(kernelNamespace(namespace).handle.inode));
      },
    });
    return this.#readable(() => plan(input()));
  }

  /** The namespace that `ns` names, unless it is the default one by another name and `config` may not reach that. */
  #allowed({ allowsDefault = true }: NetworkConfig, ns?: Namespace): KernelNamespace | UnavailableNamespace {
    const found = this.namespaces.namespaceOf(ns);
    const isRefused = !allowsDefault && !isDefaultNamespace(ns) && found === this.namespaces.namespaceOf();
    return isRefused ? DEFAULT_BY_ANOTHER_NAME : found;
  }

  /** What the state says is used, and what `config` uses. */
  uses(config: NetworkConfig): string[] {
    return [...new Set([...this.before.uses, ...usedNamespaces(config)])];
  }

  /** The records of everything that is exactly as described; what of it is left, whatever is asked; and what is not so. */
  matching(config: NetworkConfig): {
    readonly state: ConfigurationState;
    readonly spared: readonly FailedItem[];
    readonly left: readonly PendingItem[];
  } {
    const made = config.namespaces.map(namespaceOfEntry).flatMap((ns) => ns.type === "named" ? [ns.name] : []);
    const result = this.plan(config, { adopt: false, removes: () => false, leavesToKernel: false });
    const { matching, spared } = result;
    const namespaces = recordedNamespaces([config], made, (ns) => this.namespaces.namespaceOf(ns));
    const known = new Set(namespaces.map(({ cookie }) => cookie));
    for (const { cookie, inode = "0", reference } of this.namespaces.namespaces()) {
      if (cookie !== undefined && !known.has(cookie)) namespaces.push({ cookie, inode, reference, made: false });
    }
    const left = this.#readable(() => leftBeside(config, result, (ns) => this.#allowed(config, ns)));
    return { state: { uses: [], namespaces, records: matching }, spared, left };
  }

  [Symbol.dispose](): void {
    this.namespaces[Symbol.dispose]();
  }
}
