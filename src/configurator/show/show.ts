/** What is there, as a file that describes it: a plan of that file has nothing to do. */
import { defined } from "../../collections.ts";
import { ConfigError, reasonOf } from "../../errors.ts";
import { readConfig } from "../../models/config.ts";
import type { NetworkConfigInput } from "../../models/config_input.ts";
import type { DescribedNamespaceInput } from "../../models/sysctls.ts";
import { type Namespace, parseNamespace } from "../../namespace.ts";
import type { NsHandler } from "../../ns_handler.ts";
import { Configurator } from "../configurator.ts";
import { ObservedNamespaces } from "../observed/observed_namespaces.ts";
import type { KernelNamespace } from "../observed/kernel_namespace.ts";
import { isAvailable } from "../observed/observed_namespace.ts";
import { ITEMS, namespaceItem, type Plan, tableItem } from "../report.ts";
import type { ObjectRecord } from "../ownership/records.ts";
import { MemoryStateStore } from "../store/memory.ts";
import { describeNamespaces } from "./describe_namespaces.ts";
import { Omissions } from "./omissions.ts";
import { ownSysctls, withSysctls } from "./own_sysctls.ts";
import { readNamespace } from "./shown_namespace.ts";
import { shownFilters } from "./tables.ts";
import { shownUplinks } from "./uplinks.ts";
import { UsedLinks } from "./used_links.ts";

/** What is there. */
export interface Shown {
  /** The file. */
  readonly config: NetworkConfigInput & Items;
  /** What is there, and not in the file or not whole, with why: a line for each reason. */
  readonly omitted: readonly string[];
  /**
   * The configurations that own a part of it, sorted. Not empty: the file has no name, and on this machine a plan of it
   * fails for what they own.
   */
  readonly owners: readonly string[];
}

/** A file that may be what is shown. */
interface Candidate extends Omit<Shown, "owners"> {
  /** How much of what is there is not in it. */
  readonly missing: number;
  /** The entries of `namespaces` with the sysctls that the configuration of this name set; without a name, that any has set. */
  readonly withOwnSysctls?: readonly DescribedNamespaceInput[] | undefined;
}

/** The sections of the file. */
const SECTIONS = ["interfaces", "arpEntries", "routes", "rules", "nat", "forwards", "firewall"] as const;

type Items = {
  readonly [K in "namespaces" | (typeof SECTIONS)[number]]: NonNullable<NetworkConfigInput[K]>;
};

/** How often the file is made smaller until a plan of it has nothing to do. */
const ROUNDS = 16;

/**
 * Reads what is in `namespaces`. If no configuration owns just that, the file is that of nobody: it describes what there
 * is, whoever owns it.
 *
 * @param names Of the configurations that may own it: a file under the name of its owner can be planned.
 * @param records What these own, by their names.
 * @throws {Error} A namespace cannot be opened.
 */
export async function show(
  handler: NsHandler,
  configurator: Configurator,
  namespaces: readonly Namespace[],
  names: readonly string[],
  records: ReadonlyMap<string, readonly ObjectRecord[]> = new Map(),
): Promise<Shown> {
  const read = reader(handler, namespaces, records);
  const all = [undefined, ...names].map((name) => read(name));
  all.push(...all.flatMap((one) => withUplinks(one) ?? []));
  all.push(...all.flatMap(({ withOwnSysctls, config, omitted, missing }) => (
    withOwnSysctls === undefined || config.name === undefined
      ? []
      : [{ config: { ...config, namespaces: withOwnSysctls }, omitted, missing }]
  )));
  // A configuration that owns tables alone and no link does not stop the file of nobody, which would leave them out.
  for (const { config, omitted } of all.toSorted((a, b) => a.missing - b.missing)) {
    if ((await touched(configurator, config)).size === 0) return { config, omitted, owners: [] };
  }
  const [first] = all;
  if (first === undefined) throw new TypeError("Cannot show nothing");
  let config = { ...first.config, namespaces: first.withOwnSysctls ?? first.config.namespaces };
  const omitted = [...first.omitted];
  const unaware = new Configurator(handler, { store: new MemoryStateStore() });
  for (let round = 0; round < ROUNDS; round++) {
    const reasons = await touched(unaware, config);
    if (reasons.size === 0) break;
    for (const [item, reason] of reasons) omitted.push(`${item}: ${reason}`);
    config = without(config, new Set(reasons.keys()));
  }
  return { config, omitted, owners: await ownersOf(configurator, config) };
}

/** The configurations that own what a file describes. */
async function ownersOf(configurator: Configurator, config: NetworkConfigInput): Promise<string[]> {
  const { failed } = await configurator.plan(readConfig(config));
  return [...new Set(failed.flatMap(({ owner }) => owner ?? []))].sort();
}

/** What is there, as the file of the configuration with a name: what is in nf_tables is only in that of its owner. */
function reader(
  handler: NsHandler,
  namespaces: readonly Namespace[],
  records: ReadonlyMap<string, readonly ObjectRecord[]>,
): (name: string | undefined) => Candidate {
  using observed = new ObservedNamespaces(handler, handler.netnsDir);
  const found = new Set<KernelNamespace>();
  for (const ns of namespaces) {
    const namespace = observed.namespaceOf(ns);
    if (!isAvailable(namespace)) throw new Error(namespace.reason);
    if (!namespace.exists) {
      throw new Error(
        namespace.stale
          ? `${namespace.label} is a stale file; netns del takes it away`
          : `there is no namespace ${namespace.label}`,
      );
    }
    found.add(namespace);
  }
  observed.connect();
  const all = [...found].map(readNamespace);
  const describe = (own: readonly ObjectRecord[]) => {
    const omissions = new Omissions();
    return { items: describeNamespaces(all, new UsedLinks(own), omissions), omissions };
  };
  // While they are open:
  const described = describe([]);
  const byName = new Map([...records].flatMap(([name, own]) => {
    const cookies = new Set([...found].map(({ cookie }) => cookie));
    const isUsed = own.some((one) =>
      one.kind === "borrowed" && one.ends.some(({ namespace }) => cookies.has(namespace)) ||
      one.kind === "qdisc" && cookies.has(one.namespace)
    );
    return isUsed ? [[name, describe(own)] as const] : [];
  }));
  for (const namespace of found) namespace.tables();
  const sysctls = new Map<string | undefined, ReturnType<typeof ownSysctls>>(
    [...records].map(([name, own]) => [name, ownSysctls(found, own)]),
  );
  sysctls.set(undefined, ownSysctls(found, [...records.values()].flat()));
  return (name) => {
    const own = new Omissions();
    const { items, omissions } = byName.get(name ?? "") ?? described;
    const filters = shownFilters(all, name, own);
    const config = { ...defined({ name }), ...items, ...filters };
    const set = sysctls.get(name);
    const withOwnSysctls = set === undefined || set.size === 0 ? undefined : withSysctls(config.namespaces, set);
    const omitted = [...omissions.lines(), ...own.lines()];
    return { config, omitted, missing: omissions.size + own.size, withOwnSysctls };
  };
}

/** The file with uplinks in place of the ends of their pairs; undefined if there is nothing that may be one. */
function withUplinks({ config, omitted, missing, withOwnSysctls }: Candidate): Candidate | undefined {
  const found = config.name === undefined ? [] : shownUplinks(config.interfaces, config.name);
  if (found.length === 0) return undefined;
  const ends = new Set(found.flatMap((one) => one.ends));
  const routes = config.routes.filter((one) =>
    typeof one === "string" ||
    !found.some(({ gateway, uplink }) => one.namespace === uplink.namespace && one.gwAddr === gateway && !one.metric)
  );
  return {
    config: {
      ...config,
      interfaces: config.interfaces.filter(({ name }) => !ends.has(name)),
      routes,
      uplinks: found.map(({ uplink }) => uplink),
    },
    omitted: omitted.filter((line) => !(line.split(": ")[0] ?? "").split(", ").every((one) => ends.has(one))),
    missing,
    withOwnSysctls,
  };
}

/** The items that a plan would touch or cannot make, each with why. */
async function touched(configurator: Configurator, config: NetworkConfigInput): Promise<Map<string, string>> {
  let plan: Plan;
  try {
    plan = await configurator.plan(readConfig(config));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const items = error.issues.flatMap(({ path }) => itemAt(config, path) ?? []);
    if (items.length === 0) throw error;
    return new Map(items.map((item) => [item, reasonOf(error).split("\n").at(-1)?.trim() ?? ""]));
  }
  return new Map([
    ...plan.steps.map(({ item, description }) => [item, `a file would ${description}`] as const),
    ...[...plan.pending, ...plan.failed].map(({ item, reason }) => [item, reason] as const),
  ]);
}

/** The item that a fault is in: `interfaces[3].mtu`. */
function itemAt(config: NetworkConfigInput, path: string): string | undefined {
  const [, list, index] = /^(\w+)\[(\d+)\]/.exec(path) ?? [];
  if (list === "namespaces") {
    const entry = config.namespaces?.[Number(index)];
    return entry === undefined ? undefined : namespaceItem(typeof entry === "string" ? entry : entry.name);
  }
  const section = SECTIONS.find((one) => one === list);
  const item = section && config[section]?.[Number(index)];
  return section === undefined || item === undefined || typeof item === "string"
    ? undefined
    : ITEMS[section](item.name);
}

/**
 * The file without some items. A namespace loses its sysctls first; if it is touched still, it goes with what is in it. All
 * that is one table of nf_tables goes together.
 */
function without(config: Shown["config"], items: ReadonlySet<string>): Shown["config"] {
  const gone = new Set<string>();
  const namespaces = config.namespaces.flatMap((one) => {
    const name = typeof one === "string" ? one : one.name;
    if (!items.has(namespaceItem(name))) return [one];
    if (typeof one !== "string" && one.sysctls !== undefined && isMade(name)) return [name];
    if (typeof one === "string") gone.add(name);
    return [];
  });
  const stays = <T extends { readonly name: string; readonly namespace?: unknown }>(
    section: (typeof SECTIONS)[number],
    one: T | string,
  ): boolean =>
    typeof one === "string" || (!gone.has(`${one.namespace}`) && !items.has(ITEMS[section](one.name)) &&
      !(OF_TABLES.has(section) && items.has(tableItem(`${one.namespace}`))));
  return {
    ...config,
    namespaces,
    interfaces: config.interfaces.filter((one) => stays("interfaces", one)),
    arpEntries: config.arpEntries.filter((one) => stays("arpEntries", one)),
    routes: config.routes.filter((one) => stays("routes", one)),
    rules: config.rules.filter((one) => stays("rules", one)),
    nat: config.nat.filter((one) => stays("nat", one)),
    forwards: config.forwards.filter((one) => stays("forwards", one)),
    firewall: config.firewall.filter((one) => stays("firewall", one)),
  };
}

/** The sections whose items are one table in each namespace. */
const OF_TABLES: ReadonlySet<string> = new Set(["nat", "forwards", "firewall"]);

/** True of a namespace that a file can make: a named one. */
const isMade = (name: string): boolean => parseNamespace(name).type === "named";
