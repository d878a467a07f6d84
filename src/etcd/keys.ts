/** The keys of the cluster: which belong to a label, what each describes, and where its status is written. */
import { isConfigName } from "../models/config_name.ts";

/** A layout of keys: Ligato's of version 1; its of versions 2 and 3; items of the topology file. */
export type Layout = "v1" | "v2" | "netns";

/** The layouts that are read: `v2` and `both` have the topology file's as well. */
export const LAYOUTS: Readonly<Record<"v1" | "v2" | "both", readonly Layout[]>> = {
  v1: ["v1"],
  v2: ["v2", "netns"],
  both: ["v1", "v2", "netns"],
};

/** What keys of each layout begin with, after the label. */
const BEGINNINGS: Readonly<Record<Layout, string>> = {
  v1: "linux/config/v1/",
  v2: "config/linux/",
  netns: "config/netns/v1/",
};

/** The longest key that is read and has a status, in characters. */
export const KEY_MAX = 1024;

/** The key after `config` that says whether an agent is there. */
const AGENT_STATUS = "check/status/v1/agent";

/** True if this can be the label of an agent. */
export function isLabel(label: string): boolean {
  return label !== "" && isConfigName(configNameOf(label));
}

/** What {@linkcode isLabel} demands, for people. */
export const LABEL = 'a label of 1 to 195 bytes without "/"';

/** The name of the configuration that a label describes. */
export const configNameOf = (label: string): string => `etcd-${label}`;

/** What every key of a label begins with. */
const prefixOf = (label: string): string => `/vnf-agent/${label}/`;

/** What the keys of a layout begin with. */
export function beginningOf(label: string, layout: Layout): string {
  return prefixOf(label) + BEGINNINGS[layout];
}

/** A key, taken apart. */
export interface KeyParts {
  /** Its layout. */
  readonly layout: Layout;
  /** What follows {@linkcode beginningOf}. */
  readonly rest: string;
}

/** The parts of a key of `label`; undefined if it has none of the layouts. */
export function partsOf(label: string, key: string): KeyParts | undefined {
  if (key.length > KEY_MAX || key.includes("\ufffd")) return undefined; // its bytes may be no UTF-8
  for (const layout of LAYOUTS.both) {
    const beginning = beginningOf(label, layout);
    if (key.startsWith(beginning)) return { layout, rest: key.slice(beginning.length) };
  }
  return undefined;
}

/** The key without what all keys of a label begin with. */
export const shortKey = (label: string, key: string): string => key.slice(prefixOf(label).length);

/** The key with the status of `key`: the first `config/` of it becomes `config-status/`. */
export function statusKeyOf(label: string, key: string): string {
  return prefixOf(label) + shortKey(label, key).replace(/(^|\/)config\//, "$1config-status/");
}

/** What the keys with the statuses of a layout begin with. */
export const statusBeginningOf = (label: string, layout: Layout): string =>
  statusKeyOf(label, beginningOf(label, layout));

/** The key with the status of the agent of a label. */
export const agentStatusKey = (label: string): string => prefixOf(label) + AGENT_STATUS;
