/** The network of a lab: a topology whose namespaces are its hosts. */
import { fileURLToPath } from "node:url";
import { readText } from "../../ffi/mod.ts";
import { ConfigError } from "../errors.ts";
import { defineNetwork, type NetworkConfig, parseConfig } from "../models/config.ts";
import type { NetworkConfigInput } from "../models/config_input.ts";
import type { LinuxInterface } from "../models/interface/linux_interface.ts";
import type { NamespaceFields } from "../models/namespace_message.ts";
import { nameOfEntry } from "../models/sysctls.ts";
import { FileRefNs, NamedNs, namespaceToString } from "../namespace.ts";

/** A network as a lab takes it: the text of a topology file, the URL of one, or an object. */
export type LabTopology = string | URL | NetworkConfigInput;

/** A network, and its hosts. */
export interface Topology {
  /** The network; its namespaces are the hosts. */
  readonly config: NetworkConfig;
  /** The names of the hosts, in their order in the file. */
  readonly hosts: readonly string[];
}

/** The name under which the lab's own store remembers it. */
const NAME = "lab";

/**
 * Reads the network of a lab.
 *
 * @throws {ConfigError} It has faults, or an item that is in no named namespace.
 * @throws {SyscallError} The file cannot be read.
 */
export function readTopology(given: LabTopology): Topology {
  const config = checked(given);
  const outside = itemsOf(config).find(({ namespace }) => namespace !== undefined && namespace.type !== NamedNs);
  const inDefault = config.interfaces.findIndex(({ namespace }) => namespace === undefined);
  const expected = "a named namespace: each is a host of the lab, which has nothing of the machine";
  if (inDefault >= 0) {
    throw new ConfigError([{ path: `interfaces[${inDefault}].namespace`, value: undefined, expected }]);
  }
  if (outside !== undefined) throw new ConfigError([{ path: "namespace", value: outside.namespace, expected }]);
  if (config.uplinks !== undefined) {
    throw new ConfigError([{
      path: "uplinks",
      value: config.uplinks,
      expected: "no uplinks: a lab is apart from the machine",
    }]);
  }
  const described = config.namespaces.filter((entry) => !nameOfEntry(entry).includes(":"));
  const names = [...described.map(nameOfEntry), ...itemsOf(config).map(({ namespace }) => namespace?.name ?? "")];
  return {
    config,
    hosts: [...new Set(names.filter((name) => name !== ""))],
  };
}

function checked(given: LabTopology): NetworkConfig {
  if (typeof given === "string") return parseConfig(given);
  if (!(given instanceof URL)) return defineNetwork(given);
  const source = fileURLToPath(given);
  return parseConfig(readText(source), { source });
}

/** The host and the link that `"client eth0"` names. The name of a host may have spaces, that of a link has none. */
export function linkNamed(text: string): { readonly host: string; readonly link: string; readonly key: string } {
  const [, host = "", link = ""] = /^(.*?)\s+(\S+)$/s.exec(String(text).trim()) ?? []; // untyped code may give anything
  return { host, link, key: `${host} ${link}` };
}

interface Item {
  readonly namespace?: NamespaceFields;
}

function itemsOf(config: NetworkConfig): Item[] {
  const { interfaces, arpEntries, routes, rules = [], nat = [], forwards = [], firewall = [] } = config;
  return [...interfaces, ...arpEntries, ...routes, ...rules, ...nat, ...forwards, ...firewall];
}

/**
 * The network for the configurator: each host by the file of its namespace.
 *
 * @param pathOf The file of the namespace of a host.
 * @param now What an interface is at the moment: unplugged, impaired.
 */
export function inFiles(
  { config }: Topology,
  pathOf: (host: string) => string,
  now: (one: LinuxInterface) => LinuxInterface,
): NetworkConfig {
  /** An item with the file in place of the name, which leaves its type as it is. */
  const moved = <T extends Item>(item: T): T => {
    const name = item.namespace?.name;
    return name === undefined ? item : { ...item, namespace: { type: FileRefNs, filepath: pathOf(name) } };
  };
  const { namespaces, interfaces, arpEntries, routes, rules, nat, forwards, firewall } = config;
  return {
    name: NAME,
    namespaces: namespaces.flatMap((entry) =>
      typeof entry === "string"
        ? []
        : [{ ...entry, name: namespaceToString({ type: "file", path: pathOf(entry.name) }) }]
    ),
    interfaces: interfaces.map((one) => moved(now(one))),
    arpEntries: arpEntries.map(moved),
    routes: routes.map(moved),
    ...rules && { rules: rules.map(moved) },
    ...nat && { nat: nat.map(moved) },
    ...forwards && { forwards: forwards.map(moved) },
    ...firewall && { firewall: firewall.map(moved) },
  };
}
