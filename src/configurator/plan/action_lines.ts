/** Actions as lines for people. */
import { printable } from "../../../ffi/mod.ts";
import { namespaceToString } from "../../namespace.ts";
import { type RouteType, RT_TABLE_MAIN } from "../../netlink/constants/route.ts";
import { linkAt } from "../observed/lookup.ts";
import { A_SECRET, isSecretSysctl } from "../../sysctl/link_sysctls.ts";
import type { ObservedNamespace } from "../observed/observed_namespace.ts";
import type { Action, ActionOf, LinkChange, RouteFields, VlanFlags } from "./actions.ts";
import type { PlannedLink } from "./planned_link.ts";
import { describeRule } from "./rule_text.ts";
import { TABLE_FAMILY } from "./table_rules.ts";

/** A namespace by its name, distinct from a process or a file where the name looks like one. */
export const textOfName = (name: string): string => namespaceToString({ type: "named", name });

/** What each kind of action is called as a whole line. A table rather than a match: a plan may have ten thousand of them. */
const DESCRIPTIONS: { readonly [K in Action["kind"]]: (action: ActionOf<K>) => string } = {
  "adopt": ({ what }) => `adopt ${what}`,
  "use": ({ what }) => `use ${what}`,
  "release": ({ what }) => `release ${what}`,
  "create-namespace": ({ name }) => `create namespace ${printable(textOfName(name))}`,
  "name-namespace": ({ name }) => `name the namespace ${printable(textOfName(name))} again`,
  "delete-namespace": ({ name }) => `delete namespace ${printable(textOfName(name))}`,
  "create-link": ({ creation }) => creation.description,
  "move-link": ({ link, from, name }) => (
    `move ${printable(name)} from ${printable(from.label)}, to be ${link.label}`
  ),
  "change-link": ({ link, name, change }) => {
    const before = name === link.name ? link.label : `${printable(name)} in ${printable(link.namespace.label)}`;
    return `set ${before}: ${describeChange(change, link.namespace)}`;
  },
  "delete-link": ({ ends: [{ namespace }], name }) => `delete ${printable(name)} in ${printable(namespace.label)}`,
  "add-address": ({ link, address }) => `add ${address} to ${link.label}`,
  "delete-address": ({ link, address }) => `take ${address} from ${link.label}`,
  "add-route": ({ link, route }) => `add the route to ${describeRoute(route, link.label)}`,
  "replace-route": ({ link, route }) => `replace the route to ${describeRoute(route, link.label)}`,
  "delete-route": ({ link, route }) => `delete the route to ${describeRoute(route, link.label)}`,
  "set-neighbour": ({ link, ip, address }) => `set ${ip} to ${address} on ${link.label}`,
  "add-entry": (action) => `add the entry ${describeEntry(action, " behind ")} to ${action.link.label}`,
  "delete-entry": (action) => `take the entry ${describeEntry(action, " behind ")} from ${action.link.label}`,
  "add-vlan": ({ link, ids, flags }) => `put ${link.label} into ${describeVlans(ids, flags)}`,
  "delete-vlan": ({ link, ids }) => `take ${link.label} out of ${describeVlans(ids)}`,
  "delete-neighbour": ({ link, ip }) => `forget ${ip} on ${link.label}`,
  "set-table": ({ namespace, table, isThere, items }) => (
    `${isThere ? "replace" : "create"} ${tableLabel(namespace, table.name)}: ${printable(items.join(", "))}`
  ),
  "set-sysctl": ({ namespace, key, value }) =>
    `set ${printable(key)} of ${printable(namespace.label)} ${isSecretSysctl(key) ? A_SECRET : `to ${value}`}`,
  "add-rule": ({ namespace, rule }) => `add the rule ${describeRule(rule)} to ${printable(namespace.label)}`,
  "delete-rule": ({ namespace, rule }) => `delete the rule ${describeRule(rule)} in ${printable(namespace.label)}`,
  "set-file": ({ path }) => `write ${printable(path)}`,
  "delete-file": ({ path }) => `delete ${printable(path)}`,
  "delete-table": ({ namespace, name }) => `delete ${tableLabel(namespace, name)}`,
  "set-qdisc": ({ link, text }) => `impair ${link.label}: ${text}`,
  "delete-qdisc": ({ link }) => `impair ${link.label} no more`,
  "restore-qdisc": ({ link, qdisc }) => `give ${link.label} its qdisc ${qdisc.kind} back`,
  "set-tun": ({ link, change }) => `set ${link.label}: ${describeTun(change)}`,
  "set-wireguard": ({ link, text }) => `set ${link.label}: ${text}`,
};

/** What `action` does, as a line for people: `"add 10.1.0.1/24 to eth0 in blue"`. */
export function describe<K extends Action["kind"]>(action: ActionOf<K> & { readonly kind: K }): string {
  return DESCRIPTIONS[action.kind](action);
}

function tableLabel({ label }: PlannedLink["namespace"], name: string): string {
  return `the table ${TABLE_FAMILY} ${printable(name)} in ${printable(label)}`;
}
/** What is set on a link; of a master only the name counts. */
type DescribedChange = Omit<LinkChange, "master"> & {
  readonly master?: Pick<PlannedLink, "name"> | number | undefined;
};

/**
 * What is set on a link: `"mtu 1400, up"`.
 *
 * @param namespace Where the link is: a master that is given by its number has its name there.
 */
export function describeChange(
  { name, address, mtu, up, master, alias, txQueueLength, optionsText, ...extras }: DescribedChange,
  namespace?: ObservedNamespace,
): string {
  const parts: string[] = [];
  if (name !== undefined) parts.push(`name ${printable(name)}`);
  if (address !== undefined) parts.push(`address ${address}`);
  if (mtu !== undefined) parts.push(`mtu ${mtu}`);
  if (master !== undefined) parts.push(master === 0 ? "no master" : `master ${describeMaster(master, namespace)}`);
  if (alias !== undefined) parts.push(alias === "" ? "no alias" : `alias ${JSON.stringify(printable(alias))}`);
  if (txQueueLength !== undefined) parts.push(`txQueueLength ${txQueueLength}`);
  const { altNames, group, promisc, allmulti } = extras;
  if (altNames !== undefined) parts.push(`alternative names ${altNames.map(printable).join(" and ")}`);
  if (group !== undefined) parts.push(`group ${group}`);
  if (promisc !== undefined) parts.push(`promisc ${promisc}`);
  if (allmulti !== undefined) parts.push(`allmulti ${allmulti}`);
  if (optionsText !== undefined) parts.push(printable(optionsText));
  if (up !== undefined) parts.push(up ? "up" : "down");
  return parts.join(", ");
}

/** Who may open a TUN or TAP: `"owner 1000, group 1000"`. */
export function describeTun({ owner, group, persistent }: ActionOf<"set-tun">["change"]): string {
  const parts: string[] = [];
  if (persistent) parts.push("persistent");
  if (owner !== undefined) parts.push(`owner ${owner}`);
  if (group !== undefined) parts.push(`group ${group}`);
  return parts.join(", ");
}

/** An entry of a forwarding table: `"02:00:00:00:00:05 10.1.0.2"`, `"02:00:00:00:00:05 static VLAN 10"`. */
export function describeEntry({ mac, remote, ofPort }: ActionOf<"add-entry">, behind = " "): string {
  if (ofPort === undefined) return `${mac}${behind}${remote}`;
  const { state, vlan } = ofPort;
  return `${mac} ${state}${vlan === undefined ? "" : ` VLAN ${vlan}`}`;
}

/** VLANs: `"VLAN 10 pvid untagged"`, `"VLAN 10-20"`. */
export function describeVlans([from, to]: readonly [from: number, to: number], flags?: VlanFlags): string {
  return `VLAN ${from === to ? from : `${from}-${to}`}${flags?.pvid ? " pvid" : ""}${
    flags?.untagged ? " untagged" : ""
  }`;
}

function describeMaster(master: Pick<PlannedLink, "name"> | number, namespace: ObservedNamespace | undefined): string {
  if (typeof master !== "number") return printable(master.name);
  const link = namespace?.exists ? linkAt(namespace, master) : undefined;
  return link === undefined ? `${master}` : printable(link.name);
}

/**
 * A route: `"10.2.0.0/16 via 10.1.0.2 by eth0 metric 10"`.
 *
 * @param link The name of the link by which it leaves.
 */
export function describeRoute(
  route: Omit<RouteFields, "scope" | "type"> & { readonly type?: RouteType | number | undefined },
  link: string,
): string {
  const { destination, source, metric, table, type } = route;
  return (type === undefined || type === "unicast" ? "" : `${type} `) + destination + describeWay(route, link) +
    (source === undefined ? "" : ` from ${source}`) +
    (metric === undefined ? "" : ` metric ${metric}`) + (table === RT_TABLE_MAIN ? "" : ` table ${table}`);
}

/** Where a route leads: its gateway and its link, or each of its next hops. */
function describeWay(
  { gateway, nextHops }: Pick<RouteFields, "gateway" | "nextHops">,
  link: string,
): string {
  const hops = nextHops?.map((hop) => ({ gateway: hop.gateway, name: printable(hop.link.name) })) ??
    [{ gateway, name: link }];
  return hops.map((hop) => `${hop.gateway === undefined ? "" : ` via ${hop.gateway}`} by ${hop.name}`).join(",");
}
