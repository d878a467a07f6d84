/** What is there, as a file that describes it: a plan of that file has nothing to do. */
import { ConfigError, reasonOf } from "../../errors.ts";
import { readConfig } from "../../models/config.ts";
import type { NetworkConfigInput } from "../../models/config_input.ts";
import { type Namespace, namespaceToString } from "../../namespace.ts";
import type { NsHandler } from "../../ns_handler.ts";
import type { Configurator } from "../configurator.ts";
import { ObservedNamespaces } from "../observed/observed_namespaces.ts";
import { isAvailable, type ObservedNamespace } from "../observed/observed_namespace.ts";
import { arpItem, interfaceItem, namespaceItem, type Plan, routeItem } from "../report.ts";
import { describeNamespaces } from "./describe_namespaces.ts";

/** What is there. */
export interface Shown {
  /** The file. */
  readonly config: NetworkConfigInput & Items;
  /** What is there, and not in the file, with why. */
  readonly omitted: readonly string[];
}

type Items = {
  readonly [K in "namespaces" | "interfaces" | "arpEntries" | "routes"]: NonNullable<NetworkConfigInput[K]>;
};

/** How often the file is made smaller until a plan of it has nothing to do. */
const ROUNDS = 16;

/**
 * Reads what is in `namespaces`.
 *
 * @param names Of the configurations that may own it: a file under the name of its owner can be planned.
 * @throws {Error} A namespace cannot be opened.
 */
export async function show(
  handler: NsHandler,
  configurator: Configurator,
  namespaces: readonly Namespace[],
  names: readonly string[],
): Promise<Shown> {
  const all = read(handler, namespaces);
  for (const name of [undefined, ...names]) {
    const config = name === undefined ? all.config : { name, ...all.config };
    if ((await touched(configurator, config)).size === 0) return { ...all, config };
  }
  let { config } = all;
  const omitted = [...all.omitted];
  for (let round = 0; round < ROUNDS; round++) {
    const reasons = await touched(configurator, config);
    if (reasons.size === 0) break;
    for (const [item, reason] of reasons) omitted.push(`${item}: ${reason}`);
    config = without(config, new Set(reasons.keys()));
  }
  return { config, omitted };
}

function read(handler: NsHandler, namespaces: readonly Namespace[]): Shown {
  using observed = new ObservedNamespaces(handler, handler.netnsDir);
  const found = new Set<ObservedNamespace>();
  for (const ns of namespaces) {
    const namespace = observed.namespaceOf(ns);
    if (!isAvailable(namespace)) throw new Error(namespace.reason);
    if (!namespace.exists) throw new Error(`there is no namespace ${namespace.label}`);
    found.add(namespace);
  }
  observed.connect();
  const { omitted, ...items } = describeNamespaces([...found]);
  return { config: { namespaces: [...found].flatMap(({ name }) => name ?? []), ...items }, omitted };
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
function itemAt(
  { interfaces = [], routes = [], arpEntries = [] }: NetworkConfigInput,
  path: string,
): string | undefined {
  const [, list, index] = /^(interfaces|routes|arpEntries)\[(\d+)\]/.exec(path) ?? [];
  const position = Number(index);
  const [one, route, entry] = [interfaces[position], routes[position], arpEntries[position]];
  if (list === "interfaces") return one && interfaceItem(one.name);
  if (list === "routes") return typeof route === "object" ? routeItem(route.name) : undefined;
  return list === "arpEntries" ? entry && arpItem(entry.name) : undefined;
}

/** The file without some items; without a namespace, also without what is in it. */
function without({ namespaces, interfaces, arpEntries, routes, ...rest }: Shown["config"], items: ReadonlySet<string>) {
  const stays = ({ namespace }: { readonly namespace?: unknown }): boolean => !items.has(namespaceItem(`${namespace}`));
  return {
    ...rest,
    namespaces: namespaces.filter((one) => {
      const name = typeof one === "string" ? one : one.name;
      return !items.has(namespaceItem(name)) && !items.has(namespaceItem(namespaceToString({ type: "named", name })));
    }),
    interfaces: interfaces.filter((one) => stays(one) && !items.has(interfaceItem(one.name))),
    arpEntries: arpEntries.filter((one) => stays(one) && !items.has(arpItem(one.name))),
    routes: routes.filter((one) => typeof one === "string" || stays(one) && !items.has(routeItem(one.name))),
  };
}
