/** The file that describes a network: text or values in, a checked {@linkcode NetworkConfig} out. */
import * as v from "npm:valibot@1.5.0";
import { ConfigError, InvalidNamespaceError, shown } from "../errors.ts";
import type { LinuxArpEntry } from "./arp.ts";
import { Beside } from "./beside.ts";
import { faultsOf, issuesOf, pathOf } from "./config_faults.ts";
import type { NetworkConfigInput } from "./config_input.ts";
import { checkConfigOptions, type ConfigOptions, identityOf } from "./config_name.ts";
import { crossCheck } from "./crosscheck.ts";
import type { Fault, Item } from "./item_faults.ts";
import { readDocument } from "./document.ts";
import { defined } from "../collections.ts";
import { type Field, isMapping } from "./fields.ts";
import { snakeCase } from "./snake_case.ts";
import type { LinuxInterface } from "./interface/linux_interface.ts";
import { interfaceSchema } from "./interface/interface_schema.ts";
import { checkFilters } from "./filter_check.ts";
import type { Firewall } from "./firewall.ts";
import type { PortForward } from "./forwards.ts";
import type { NatRule } from "./nat.ts";
import type { LinuxRoute } from "./route.ts";
import { documentSchema, ITEMS } from "./sections.ts";
import type { Uplink } from "./uplinks.ts";
import type { LinuxRule } from "./rule.ts";
import { interfacesOf } from "./short/link.ts";
import type { ShortItem } from "./short/text_item.ts";
import type { Located } from "./references.ts";
import { nameOfEntry, type NamespaceWithSysctls } from "./sysctls.ts";

/** A network, as a file describes it; checked, with every default filled in and every address in canonical text. */
export interface NetworkConfig {
  /**
   * The name under which what it owns is remembered, so that the next apply can take away what is no longer described.
   * Absent: the base name of its source.
   */
  readonly name?: string;
  /**
   * The file that its name was made of, as an absolute path: no other file may be applied under this name. Absent: the
   * file itself, or the caller, gave the name.
   */
  readonly origin?: string;
  /** Names of namespaces that are to exist; one with sysctls is a mapping of its name and them. */
  readonly namespaces: readonly (string | NamespaceWithSysctls)[];
  /** Network interfaces. */
  readonly interfaces: readonly LinuxInterface[];
  /** Static neighbours. */
  readonly arpEntries: readonly LinuxArpEntry[];
  /** Static routes. */
  readonly routes: readonly LinuxRoute[];
  /** Address translation of what leaves by links. Absent: none. */
  readonly nat?: readonly NatRule[];
  /** Ports that lead to other hosts. Absent: none. */
  readonly forwards?: readonly PortForward[];
  /** Packet filters. Absent: none. */
  readonly firewall?: readonly Firewall[];
  /** Namespaces with a way out through the default one. Absent: none. */
  readonly uplinks?: readonly Uplink[];
  /** Rules that say which table a route is looked up in; absent if there are none. */
  readonly rules?: readonly LinuxRule[];
  /**
   * False: items in a namespace that turns out to be the default one by another name fail: a container in the network of
   * the host, a process, a file. Absent: they do not. No file says so.
   */
  readonly allowsDefault?: boolean;
}

/**
 * Reads the description of a network: YAML or JSON, in the terms of the models.
 *
 * @param text The content of the file.
 * @returns The description, with all defaults filled in.
 * @throws {ConfigError} With every fault of the text: its path, what stands there, what was expected.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseConfig } from "@netns/netns";
 *
 * const config = parseConfig("namespaces: [blue, green]", { source: "two.yaml" });
 * assertEquals(config.name, "two");
 * assertEquals(config.namespaces, ["blue", "green"]);
 * ```
 */
export function parseConfig(text: string, options: ConfigOptions = {}): NetworkConfig {
  if (typeof text !== "string") { // untyped code may give anything
    throw new TypeError(
      `Cannot use ${shown(text)} as a network: expected text in YAML or JSON; readConfig() takes objects`,
    );
  }
  checkConfigOptions(options);
  return checkConfig(readDocument(text, options.source), options);
}

/**
 * Checks a network that is written in code, as {@linkcode parseConfig} does with text.
 *
 * @param input The compiler refuses fields that there are not and values of a wrong type; the rest is checked here.
 * @returns The description, with all defaults filled in.
 * @throws {ConfigError} With every fault: its path, what stands there, what was expected.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defineNetwork } from "@netns/netns";
 *
 * const config = defineNetwork({
 *   name: "pair",
 *   namespaces: ["blue", "green"],
 *   interfaces: [
 *     { name: "left", namespace: "blue", ipAddresses: ["10.1.0.1/24"], veth: { peerIfName: "right" } },
 *     { name: "right", namespace: "green", ipAddresses: ["10.1.0.2/24"], veth: { peerIfName: "left" } },
 *   ],
 * });
 * assertEquals(config.interfaces[0]?.enabled, true);
 * ```
 */
export function defineNetwork(input: NetworkConfigInput, options: ConfigOptions = {}): NetworkConfig {
  checkConfigOptions(options);
  return checkConfig(input, options);
}

/** The former name of {@linkcode defineNetwork}. */
export const readConfig: typeof defineNetwork = defineNetwork;

/**
 * Checks a value of any type: what was read from YAML, JSON or a state file.
 *
 * @throws {ConfigError} With every fault.
 */
export function checkConfig(document: unknown, options: ConfigOptions = {}): NetworkConfig {
  const { source, path = source } = options;
  const faults: Fault[] = [];
  const result = v.safeParse(documentSchema, withoutExtensions(document));
  faults.push(...faultsOf(result.issues, []));
  // Faults of one section leave the others to be checked.
  const section = (name: string): readonly unknown[] => {
    const value = isMapping(document) ? document[name] ?? document[snakeCase(name)] : undefined;
    return Array.isArray(value) ? value : [];
  };
  const sound = <T>(name: keyof typeof ITEMS, schema: Field<T>): Item<T>[] =>
    section(name).flatMap((value, index) => {
      const item = v.safeParse(schema, value ?? undefined);
      faults.push(...faultsOf(item.issues, [name, index]));
      return item.success ? [{ index, value: item.output }] : [];
    });
  const beside = new Beside(path);
  const absolute = <T>(name: keyof typeof ITEMS, items: readonly Item<T>[], locate: (item: T) => T): Item<T>[] =>
    items.map((item) => {
      try {
        return { ...item, value: locate(item.value) };
      } catch (error) {
        if (!(error instanceof InvalidNamespaceError)) throw error;
        faults.push({ keys: [name, item.index, "namespace"], value: error.given, expected: error.expected });
        return item;
      }
    });
  const located = <T extends Located>(name: keyof typeof ITEMS, schema: Field<T>): Item<T>[] =>
    absolute(name, sound(name, schema), (item) => beside.located(item));
  const namespaces = absolute("namespaces", sound("namespaces", ITEMS.namespaces), (entry) => beside.entry(entry));
  const short = sound("links", ITEMS.links).flatMap(({ value, index }) => interfacesOf(value, index));
  const interfaces = [
    ...sound("interfaces", ITEMS.interfaces),
    ...soundShort(short, section("interfaces").length, faults),
  ];
  const items = {
    interfaces: absolute("interfaces", interfaces, (one) => beside.interface(one)),
    arpEntries: located("arpEntries", ITEMS.arpEntries),
    routes: located("routes", ITEMS.routes),
    rules: located("rules", ITEMS.rules),
  };
  const filters = {
    nat: located("nat", ITEMS.nat),
    forwards: located("forwards", ITEMS.forwards),
    firewall: located("firewall", ITEMS.firewall),
    uplinks: located("uplinks", ITEMS.uplinks),
  };
  const between = [
    ...repeatedNames(namespaces),
    ...crossCheck(items),
    ...checkFilters(filters, items.interfaces.map(({ value }) => value)),
  ];
  faults.push(...between.map((fault) => inShortForm(fault, short, section)));
  if (!result.success || faults.length > 0) throw new ConfigError(issuesOf(faults, document), source);
  const values = <T>(list: readonly Item<T>[]): T[] => list.map(({ value }) => value);
  const some = <T>(list: readonly Item<T>[]): T[] | undefined => list.length === 0 ? undefined : values(list);
  return defined({
    ...identityOf(result.output.name, options),
    namespaces: values(namespaces),
    interfaces: values(items.interfaces),
    arpEntries: values(items.arpEntries),
    routes: values(items.routes),
    rules: some(items.rules),
    nat: some(filters.nat),
    forwards: some(filters.forwards),
    firewall: some(filters.firewall),
    uplinks: some(filters.uplinks),
  });
}

/** The document without what is not read. */
function withoutExtensions(document: unknown): unknown {
  if (!isMapping(document) || !Object.keys(document).some((key) => key.startsWith("x-"))) return document;
  return Object.fromEntries(Object.entries(document).filter(([key]) => !key.startsWith("x-")));
}

/** The interfaces that stand in a short form; their indices follow those of the section. */
function soundShort(short: readonly ShortItem[], length: number, faults: Fault[]): Item<LinuxInterface>[] {
  return short.flatMap(({ input, keysOf }, position) => {
    const item = v.safeParse(interfaceSchema, input);
    for (const { keys, value, expected } of faultsOf(item.issues, [])) {
      faults.push({ keys: keysOf(keys[0]), value, expected });
    }
    return item.success ? [{ index: length + position, value: item.output, path: pathOf(keysOf()) }] : [];
  });
}

/** A fault between items, at what stands in the document for one that has a short form. */
function inShortForm(fault: Fault, short: readonly ShortItem[], section: (name: string) => readonly unknown[]): Fault {
  const [name, index, field] = fault.keys;
  if (typeof name !== "string" || typeof index !== "number") return fault;
  const written = section(name)[index];
  if (typeof written === "string") return { ...fault, keys: [name, index], value: written };
  const item = name === "interfaces" ? short[index - section(name).length] : undefined;
  return item === undefined ? fault : { ...fault, keys: item.keysOf(field) };
}

function* repeatedNames(entries: readonly Item<string | NamespaceWithSysctls>[]): Generator<Fault> {
  const seen = new Set<string>();
  for (const { index, value } of entries) {
    const name = nameOfEntry(value);
    if (seen.has(name)) yield { keys: ["namespaces", index], value: name, expected: "each namespace once" };
    seen.add(name);
  }
}
