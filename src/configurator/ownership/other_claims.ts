/** What the other configurations own: whatever they claim is left alone. */
import type {
  ObservedLink,
  ObservedNamespace,
  ObservedNeighbour,
  ObservedRoute,
} from "../observed/observed_namespace.ts";
import type { Cookie } from "./cookie.ts";
import type { NamespaceRecord, ObjectRecord, RuleFields } from "./records.ts";
import {
  entryKeysOf,
  fileKey,
  hasMark,
  hasRecordedAddress,
  isRecordedRoute,
  linkKey,
  linkKeysOf,
  neighbourKey,
  qdiscKey,
  routeKey,
  ruleEntryKey,
  sysctlKey,
} from "./record_keys.ts";
import { linkOfSysctl } from "./sysctl_link.ts";
import type { ConfigurationState } from "./state.ts";

type Other = { readonly name: string; readonly record: ObjectRecord };

/** Finds the other configuration that owns an object, by name. */
export class OtherClaims {
  readonly #states: ReadonlyMap<string, ConfigurationState>;
  /** Configurations whose states cannot be read: what they own counts as somebody else's. */
  readonly unreadable: readonly string[];
  #links: Map<string, Other> | undefined;
  #entries: Map<string, Other> | undefined;
  #withRoutes: ReadonlySet<Cookie> | undefined;

  /**
   * Reads the records of the other configurations when they are first asked for.
   *
   * @param states What they remember, by name.
   * @param unreadable The names of those whose states cannot be read.
   */
  constructor(states: ReadonlyMap<string, ConfigurationState>, unreadable: readonly string[] = []) {
    this.#states = states;
    this.unreadable = unreadable;
  }

  /** Who owns a link. */
  ownerOfLink(namespace: ObservedNamespace, link: ObservedLink): string | undefined {
    const { cookie } = namespace;
    if (this.#states.size === 0 || cookie === undefined) return undefined;
    this.#links ??= indexOf(this.#states, linkKeysOf);
    const found = this.#links.get(linkKey(cookie, link.index));
    if (found === undefined || found.record.kind !== "link" && found.record.kind !== "borrowed") return undefined;
    return hasRecordedAddress(found.record, namespace, link) ? found.name : undefined;
  }

  /** Who owns a route. */
  ownerOfRoute({ cookie }: ObservedNamespace, route: ObservedRoute): string | undefined {
    const found = this.#entry(routeKey(cookie, route.destination, route.table, route.metric));
    return found?.record.kind === "route" && isRecordedRoute(found.record, route) ? found.name : undefined;
  }

  /** True if one of them has the record of a route in a namespace, whether it is there or not. */
  hasRoutes(namespace: ObservedNamespace): boolean {
    if (this.#states.size === 0) return false;
    this.#withRoutes ??= new Set(
      [...this.#states.values()].flatMap(({ records }) =>
        records.flatMap((one) => one.kind === "route" ? one.namespace : [])
      ),
    );
    return this.#withRoutes.size > 0 && namespace.cookie !== undefined && this.#withRoutes.has(namespace.cookie);
  }

  /** Who owns a neighbour. */
  ownerOfNeighbour({ cookie }: ObservedNamespace, neighbour: ObservedNeighbour): string | undefined {
    const found = this.#entry(neighbourKey(cookie, neighbour.index, neighbour.ip));
    return found?.record.kind === "neighbour" && hasMark(found.record, neighbour) ? found.name : undefined;
  }

  /** Who owns a rule. */
  ownerOfRule({ cookie }: ObservedNamespace, rule: RuleFields): string | undefined {
    return this.#entry(ruleEntryKey(cookie, rule))?.name;
  }

  /** Who set a sysctl. */
  ownerOfSysctl(namespace: ObservedNamespace, key: string): string | undefined {
    const found = this.#entry(sysctlKey(namespace.cookie, key));
    if (found?.record.kind !== "sysctl") return undefined;
    const { link } = found.record;
    return link === undefined || link === (linkOfSysctl(namespace, key)?.index ?? link) ? found.name : undefined;
  }

  /** Who wrote a file. */
  ownerOfFile(path: string): string | undefined {
    return this.#entry(fileKey(path))?.name;
  }

  /** Who owns the qdisc of a link. */
  ownerOfQdisc({ cookie }: ObservedNamespace, index: number): string | undefined {
    return this.#entry(qdiscKey(cookie, index))?.name;
  }

  /**
   * Those that describe a namespace or have something in it: none of them loses it.
   *
   * @param isIt True of what names the namespace.
   */
  usersOf({ cookie, reference }: NamespaceRecord, isIt: (reference: string) => boolean): readonly string[] {
    return [...this.#states].filter(([, { uses, namespaces }]) =>
      uses.includes(reference) || namespaces.some((one) => one.cookie === cookie) || uses.some(isIt)
    ).map(([name]) => name);
  }

  /** The first that has such a record. */
  withRecord(isIt: (record: ObjectRecord) => boolean): string | undefined {
    for (const [name, { records }] of this.#states) if (records.some(isIt)) return name;
    return undefined;
  }

  #entry(key: string): Other | undefined {
    if (this.#states.size === 0) return undefined;
    this.#entries ??= indexOf(this.#states, entryKeysOf);
    return this.#entries.get(key);
  }
}

function indexOf(
  states: ReadonlyMap<string, ConfigurationState>,
  keysOf: (record: ObjectRecord) => readonly string[],
): Map<string, Other> {
  const index = new Map<string, Other>();
  for (const [name, { records }] of states) {
    for (const record of records) for (const key of keysOf(record)) index.set(key, { name, record });
  }
  return index;
}
