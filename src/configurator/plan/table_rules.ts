/** What `nat`, `forwards` and `firewall` of a namespace are in nf_tables: one table of the family inet. */
import { LOOPBACK_NAME } from "../../netlink/constants/link.ts";
import { familyOf } from "../../ip/address.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import {
  concerns,
  DIRECTIONS,
  type Firewall,
  type FirewallDirection,
  type FirewallException,
} from "../../models/firewall.ts";
import { parseEndpoint, type PortForward } from "../../models/forwards.ts";
import type { NatRule } from "../../models/nat.ts";
import { portRange, type Ports } from "../../models/ports.ts";
import { type Uplink, uplinkName } from "../../models/uplinks.ts";
import { canonicalStatements } from "../../netlink/nftables/canonical.ts";
import { tableOf } from "../../netlink/nftables/table_of.ts";
import type { NftStatement } from "../../netlink/nftables/statement_types.ts";
import type { NftChain, NftObject, NftRule } from "../../netlink/nftables/types.ts";

/** The family of the tables: IPv4 and IPv6 together. */
export const TABLE_FAMILY = "inet";

/** An item with the host name of the link that it names. */
export interface OnLink<T> {
  readonly item: T;
  readonly link: string;
}

/** What a namespace is to do with packets. */
export interface TableItems {
  readonly nat: readonly OnLink<NatRule>[];
  readonly forwards: readonly OnLink<PortForward>[];
  readonly firewall: readonly Firewall[];
  /** Uplinks with their networks, and the links by which these are reached. */
  readonly uplinks: readonly OnLink<Uplink & { readonly addresses: string }>[];
  /** The host name of a link that an exception names. */
  hostNameOf(link: string): string;
}

/** A table with what is in it. */
export interface DescribedTable {
  /** Its name. */
  readonly name: string;
  /** By which it is known as this program's. */
  readonly comment: string;
  /** Its chains and rules, in order, without the table itself. */
  readonly objects: readonly NftObject[];
}

/** The longest comment that nf_tables keeps, in bytes, without its NUL. */
const COMMENT_MAX = 127;

/** The name of the table of a configuration; one without a name has that of the program. */
export const tableName = (config: string | undefined): string => config === undefined ? "netns" : `netns-${config}`;

/** The comment of the tables that this program makes for a configuration. */
export const tableComment = (config: string | undefined): string =>
  commentOf(config === undefined ? "made by netns" : `made by netns for ${config}`);

/** As much of a text as a comment can have. */
function commentOf(text: string): string {
  let [comment, bytes] = ["", 0];
  for (const sign of text) {
    bytes += new TextEncoder().encode(sign).length;
    if (bytes > COMMENT_MAX) break;
    comment += sign;
  }
  return comment;
}

/** The table that a configuration has in a namespace. */
export function describedTable(config: string | undefined, items: TableItems): DescribedTable {
  const name = tableName(config);
  const of = { family: TABLE_FAMILY, table: name } as const;
  const chain = (chain: Omit<NftChain, "family" | "table">): NftObject => ({ chain: { ...of, ...chain } });
  const rule = (chain: string, comment: string, expr: readonly NftStatement[]): NftObject => (
    { rule: { ...of, chain, comment: commentOf(comment), expr } }
  );
  const chains: NftObject[] = [];
  const rules: NftObject[] = [];
  if (items.forwards.length > 0) {
    chains.push(chain({ name: "prerouting", type: "nat", hook: "prerouting", prio: DSTNAT, policy: "accept" }));
    for (const { item, link } of items.forwards) {
      rules.push(rule("prerouting", `forward ${item.name}`, forwardStatements(item, link)));
    }
  }
  if (items.nat.length + items.uplinks.length > 0) {
    chains.push(chain({ name: "postrouting", type: "nat", hook: "postrouting", prio: SRCNAT, policy: "accept" }));
    for (const { item, link } of items.nat) {
      rules.push(rule("postrouting", `nat ${item.name}`, natStatements(item, link)));
    }
    // No packet is of two uplinks, and the order of the file says nothing.
    const byName = items.uplinks.toSorted((a, b) => uplinkName(a.item) < uplinkName(b.item) ? -1 : 1);
    for (const { item, link } of byName) {
      rules.push(rule("postrouting", `uplink ${uplinkName(item)}`, [
        address("saddr", item.addresses),
        { match: { op: "!=", left: { meta: { key: "oifname" } }, right: link } },
        { masquerade: null },
      ]));
    }
  }
  for (const direction of DIRECTIONS) {
    const filter = items.firewall.find((one) => one[direction] !== undefined);
    const policy = filter?.[direction];
    if (filter === undefined || policy === undefined) continue;
    const name = FILTER_CHAINS[direction];
    chains.push(chain({ name, type: "filter", hook: name, prio: 0, policy }));
    const comment = `firewall ${filter.name}`;
    const all = [
      ...alwaysAccepted(direction, policy),
      ...filter.except.filter((one) => concerns(one, direction)).map((one) => exceptionStatements(one, policy, items)),
    ];
    for (const expr of all) rules.push(rule(name, comment, expr));
  }
  return { name, comment: tableComment(config), objects: [...chains, ...rules] };
}

// NF_IP_PRI_NAT_DST, NF_IP_PRI_NAT_SRC
const DSTNAT = -100;
const SRCNAT = 100;
/** The chains of the directions, each of which has the name of its hook. */
export const FILTER_CHAINS = { in: "input", out: "output", forward: "forward" } as const;

const equal = (left: NftMatchLeft, right: NftMatchRight): NftStatement => ({ match: { op: "==", left, right } });
type NftMatchLeft = Extract<NftStatement, { readonly match: unknown }>["match"]["left"];
type NftMatchRight = Extract<NftStatement, { readonly match: unknown }>["match"]["right"];

const meta = (key: string, right: NftMatchRight): NftStatement => equal({ meta: { key } }, right);

/** A comparison of an address with a network. */
function address(field: "saddr" | "daddr", network: string): NftStatement {
  const { address: { text, family } = { text: network, family: familyOf(network) }, length = 0 } =
    parseIpPrefix(network) ?? {};
  const protocol = family === 4 ? "ip" : "ip6";
  // Each address is in the network of all: only the version of IP counts.
  if (length === 0) return meta("nfproto", family === 4 ? "ipv4" : "ipv6");
  return equal({ payload: { protocol, field } }, { prefix: { addr: text, len: length } });
}

function destinationPort(protocol: string, ports: Ports): NftStatement {
  const { first, last } = portRange(ports) ?? { first: 0, last: 0 };
  return equal({ payload: { protocol, field: "dport" } }, first === last ? first : { range: [first, last] });
}

function natStatements({ source, random }: NatRule, link: string): NftStatement[] {
  return [
    meta("oifname", link),
    ...source === undefined ? [] : [address("saddr", source)],
    { masquerade: random ? { flags: "random" } : null },
  ];
}

/** What goes to an address of the namespace, and not through it to somebody else's. */
const TO_HERE: NftStatement = equal({ fib: { result: "type", flags: ["daddr"] } }, "local");

function forwardStatements({ protocol, port, to }: PortForward, link: string): NftStatement[] {
  const { address = to, port: toPort } = parseEndpoint(to) ?? {};
  const family = familyOf(address) === 4 ? "ip" : "ip6";
  return [
    meta("iifname", link),
    meta("nfproto", family === "ip" ? "ipv4" : "ipv6"),
    TO_HERE,
    destinationPort(protocol, port),
    { dnat: { family, addr: address, port: toPort } },
  ];
}

/** What a filter accepts before its exceptions: what does not leave the namespace, and, as ARP of IPv4, what IPv6 finds hardware addresses with. */
export function alwaysAccepted(direction: FirewallDirection, policy: "drop" | "accept"): NftStatement[][] {
  if (direction === "forward") return [];
  const local = [meta(direction === "in" ? "iifname" : "oifname", LOOPBACK_NAME), { accept: null }];
  const discovery = ["nd-neighbor-solicit", "nd-neighbor-advert"].map((type) => [
    equal({ payload: { protocol: "icmpv6", field: "type" } }, type),
    { accept: null },
  ]);
  return policy === "drop" ? [local, ...discovery] : [local];
}

function exceptionStatements(
  exception: FirewallException,
  policy: "drop" | "accept",
  { hostNameOf }: TableItems,
): NftStatement[] {
  const { in: from, out, protocol, port, source, destination, state } = exception;
  return [
    ...from === undefined ? [] : [meta("iifname", hostNameOf(from))],
    ...out === undefined ? [] : [meta("oifname", hostNameOf(out))],
    ...source === undefined ? [] : [address("saddr", source)],
    ...destination === undefined ? [] : [address("daddr", destination)],
    ...protocol === undefined ? [] : [port === undefined ? meta("l4proto", protocol) : destinationPort(protocol, port)],
    ...state === undefined ? [] : [{ match: { op: "in", left: { ct: { key: "state" } }, right: state } } as const],
    policy === "drop" ? { accept: null } : { drop: null },
  ];
}

/** What is in a table, as text that is equal for two tables exactly if they do the same with each packet. */
export function tableText(objects: readonly NftObject[]): string {
  const chains = objects.flatMap((one) => "chain" in one ? [one.chain] : []);
  const rules = objects.flatMap((one) => "rule" in one ? [one.rule] : []);
  const flags = objects.flatMap((one) => "table" in one ? [one.table.flags] : []);
  const others = objects.filter((one) => !("chain" in one || "rule" in one || "table" in one)).length;
  return JSON.stringify([
    others,
    flags.filter((one) => one !== undefined),
    chains.map(({ name, type, hook, prio, policy, dev }) => [name, type, hook, prio, policy, dev]).sort(),
    chains.map(({ name }) => [name, ...rules.filter(({ chain }) => chain === name).map(ruleText)]).sort(),
  ]);
}

function ruleText({ family, comment, expr }: NftRule): string {
  const isKnown = expr.every((one) => !("unknown" in one));
  return jsonOf([comment, isKnown ? canonicalStatements(family, expr) : expr]);
}

/** JSON of what nf_tables list: a large counter is a bigint. */
export const jsonOf = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) => typeof one === "bigint" ? `${one}` : one);

/** What is in a table of this name, with the table itself; undefined if there is none. */
export function contentOf(present: readonly NftObject[], name: string): readonly NftObject[] | undefined {
  const content = present.filter((one) => {
    const { family, table } = tableOf(one);
    return family === TABLE_FAMILY && table === name;
  });
  return content.length === 0 ? undefined : content;
}

/** The comment of a table that was listed. */
export function commentIn(content: readonly NftObject[]): string | undefined {
  return content.flatMap((one) => "table" in one ? [one.table.comment] : [])[0];
}

/** What the rules of a table are for, each item once, in order. */
export function itemsIn(content: readonly NftObject[]): string {
  const items = content.flatMap((one) => "rule" in one && one.rule.comment !== undefined ? [one.rule.comment] : []);
  return [...new Set(items)].sort().join(", ");
}
