/** What a plan and an apply say: data for programs, and a readable line for each thing. */

/** What a step does. */
export type StepKind =
  | "adopt"
  | "use"
  | "release"
  | "create-namespace"
  | "name-namespace"
  | "delete-namespace"
  | "create-link"
  | "move-link"
  | "change-link"
  | "delete-link"
  | "add-address"
  | "delete-address"
  | "add-route"
  | "replace-route"
  | "delete-route"
  | "set-neighbour"
  | "delete-neighbour"
  | "add-entry"
  | "delete-entry"
  | "add-vlan"
  | "delete-vlan"
  | "set-table"
  | "delete-table"
  | "set-sysctl"
  | "add-rule"
  | "delete-rule"
  | "set-qdisc"
  | "delete-qdisc"
  | "restore-qdisc"
  | "set-tun"
  | "set-wireguard"
  | "set-file"
  | "delete-file";

/** One change of the system. */
export interface Step {
  /** What it does. */
  readonly kind: StepKind;
  /** The item of the file that it is for: `"interface left"`, `"namespace blue"`, `"route r"`, `"ARP entry a"`. */
  readonly item: string;
  /** What it does, as a line for people: `"add 10.1.0.1/24 to eth0 in blue"`. */
  readonly description: string;
  /** The namespace in which it is done, as `namespaceToString` writes it: `"blue"`, `"PID:0"`. Null: none. */
  readonly namespace: string | null;
  /** The name of the link on which it is done; of a pair that is made, its first end. Null: none. */
  readonly link: string | null;
  /** What is there before, in words: `"mtu 1500"`, `"10.1.0.1/24"`. Null: nothing. */
  readonly from: string | null;
  /** What is there after it, in words. Null: nothing. */
  readonly to: string | null;
  /** Why, if the file alone does not say it: `"went with its address"`. */
  readonly why?: string;
}

/** An item that cannot be as described yet, or that was left although it is no longer described. */
export interface PendingItem {
  /** The item, as in {@linkcode Step.item}. */
  readonly item: string;
  /** What it waits for, or why it was left. */
  readonly reason: string;
  /** The configuration because of which it was left. */
  readonly owner?: string;
}

/** An item that could not be made as described. */
export interface FailedItem {
  /** The item, as in {@linkcode Step.item}. */
  readonly item: string;
  /** The error, as a line for people. */
  readonly reason: string;
  /** The name of the errno, where the kernel refused: `"EEXIST"`. */
  readonly code?: string;
  /** The configuration that owns what is in the way; null if no configuration does. Absent: nothing is in the way. */
  readonly owner?: string | null;
  /** What to do. */
  readonly hint?: string;
}

/** What an apply would do. */
export interface Plan {
  /** The changes, in order. None: everything is as described, as far as it can be. */
  readonly steps: readonly Step[];
  /** How many items are as described already. */
  readonly unchanged: number;
  /** What has to wait. */
  readonly pending: readonly PendingItem[];
  /** What cannot be made, as is known before anything is touched. */
  readonly failed: readonly FailedItem[];
  /**
   * What could not be taken into account, such as the state of another configuration that is damaged, and what will not
   * do what it is for: a way out whose packets the table of somebody else drops. Absent if nothing.
   */
  readonly warnings?: readonly string[];
}

/** What an apply did. It succeeded if `failed` is empty. */
export interface ApplyReport {
  /** The changes that were made, in order. */
  readonly done: readonly Step[];
  /** How many items were as described already. */
  readonly unchanged: number;
  /** What has to wait, and what was left. */
  readonly pending: readonly PendingItem[];
  /** What could not be made; the other items are not affected. */
  readonly failed: readonly FailedItem[];
  /** What was taken back because something failed and `atomic` was asked for, in order; absent if nothing was. */
  readonly undone?: readonly Step[];
  /** How many steps were not done because the signal came first; absent if none. */
  readonly interrupted?: number;
  /** As {@linkcode Plan.warnings}. */
  readonly warnings?: readonly string[];
}

/** How far an apply is. */
export interface Progress {
  /** How many steps are done. */
  readonly done: number;
  /** How many there are. */
  readonly total: number;
  /** The step that was done last. */
  readonly step: Step;
}

/** The item of an interface, in reports. */
export const interfaceItem = (name: string): string => `interface ${name}`;
/** The item of a namespace, in reports. */
export const namespaceItem = (name: string): string => `namespace ${name}`;
/** The item of an ARP entry, in reports. */
export const arpItem = (name: string): string => `ARP entry ${name}`;
/** The item of a rule, in reports. */
export const ruleItem = (name: string): string => `rule ${name}`;
/** The item of a route, in reports. */
export const routeItem = (name: string): string => `route ${name}`;
/** The item of an address translation, in reports. */
export const natItem = (name: string): string => `nat ${name}`;
/** The item of a forwarded port, in reports. */
export const forwardItem = (name: string): string => `forward ${name}`;
/** The item of a packet filter, in reports. */
export const firewallItem = (name: string): string => `firewall ${name}`;
/** The item of an uplink, in reports. */
export const uplinkItem = (name: string): string => `uplink ${name}`;
/** The items of the lists of a file whose entries have a name. */
export const ITEMS: Readonly<
  Record<"interfaces" | "arpEntries" | "routes" | "rules" | "nat" | "forwards" | "firewall", (name: string) => string>
> = {
  interfaces: interfaceItem,
  arpEntries: arpItem,
  routes: routeItem,
  rules: ruleItem,
  nat: natItem,
  forwards: forwardItem,
  firewall: firewallItem,
};
/** The item of all that is one table of nf_tables, in reports: the label is that of its namespace. */
export const tableItem = (label: string): string => `rules of ${label}`;

/** How many processes or links a reason names; of the others it gives the number. */
const SHOWN = 5;

/** Why a namespace with processes in it is left: `"process 42 runs in it"`; undefined if there are none. */
export function describeProcesses(pids: readonly number[] = []): string | undefined {
  if (pids.length === 0) return undefined;
  if (pids.length === 1) return `process ${pids[0]} runs in it`;
  return `${pids.length} processes run in it (${pids.slice(0, SHOWN).join(", ")}${pids.length > SHOWN ? ", …" : ""})`;
}

/** Why a namespace with links in it is left: `"the link eth0 is in it"`; undefined if there are none. */
export function describeLinks(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  if (names.length === 1) return `the link ${names[0]} is in it`;
  return `the links ${names.slice(0, SHOWN).join(", ")}${names.length > SHOWN ? " and others" : ""} are in it`;
}
