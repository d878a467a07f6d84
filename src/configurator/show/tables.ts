/** Tables of nf_tables that this program made, as `nat`, `forwards` and `firewall` of the file. */
import { defined } from "../../collections.ts";
import * as v from "npm:valibot@1.5.0";
import { DIRECTIONS, type FirewallExceptionInput, type FirewallInput, firewallSchema } from "../../models/firewall.ts";
import { forwardSchema, type PortForwardInput } from "../../models/forwards.ts";
import { genericToIfaceNs } from "../../models/converters.ts";
import { type NatRuleInput, natSchema } from "../../models/nat.ts";
import { InvalidNamespaceError } from "../../errors.ts";
import { parseNamespace } from "../../namespace.ts";
import type { NftStatement } from "../../netlink/nftables/statement_types.ts";
import type { NftChain, NftObject, NftRule } from "../../netlink/nftables/types.ts";
import {
  alwaysAccepted,
  commentIn,
  contentOf,
  describedTable,
  FILTER_CHAINS,
  tableComment,
  type TableItems,
  tableName,
  tableText,
} from "../plan/table_rules.ts";
import type { Omissions } from "./omissions.ts";
import type { ShownNamespace } from "./shown_namespace.ts";

/** The items of a file that tables of nf_tables are made of. */
export interface ShownFilters {
  /** Address translations. */
  readonly nat: readonly NatRuleInput[];
  /** Forwarded ports. */
  readonly forwards: readonly PortForwardInput[];
  /** Packet filters. */
  readonly firewall: readonly FirewallInput[];
}

/** What the table of `config` in each namespace says; what else is in nf_tables is reported. */
export function shownFilters(
  all: readonly ShownNamespace[],
  config: string | undefined,
  omissions: Omissions,
): ShownFilters {
  const shown = { nat: [] as NatRuleInput[], forwards: [] as PortForwardInput[], firewall: [] as FirewallInput[] };
  for (const { namespace } of all) {
    const present = namespace.tables() ?? [];
    const own = contentOf(present, tableName(config));
    const items = own !== undefined && commentIn(own) === tableComment(config)
      ? itemsOf(own, namespace.reference, config)
      : undefined;
    if (items !== undefined) {
      shown.nat.push(...items.nat);
      shown.forwards.push(...items.forwards);
      shown.firewall.push(...items.firewall);
    }
    for (const one of present) {
      if (!("table" in one) || (items !== undefined && one.table.name === tableName(config))) continue;
      omissions.add(`${one.table.family} ${one.table.name} in ${namespace.label}`, "a table of nf_tables");
    }
  }
  return shown;
}

/** The items that a table was made of; undefined if another table would be made of them. */
function itemsOf(
  content: readonly NftObject[],
  namespace: string,
  config: string | undefined,
): ShownFilters | undefined {
  const rules = content.flatMap((one) => "rule" in one ? [one.rule] : []);
  const chains = content.flatMap((one) => "chain" in one ? [one.chain] : []);
  const named = (kind: string): [string, NftRule][] =>
    rules.flatMap((rule): [string, NftRule][] => {
      const [word, ...name] = (rule.comment ?? "").split(" ");
      return word === kind && name.length > 0 ? [[name.join(" "), rule]] : [];
    });
  const uplinks = named("uplink").flatMap(([name, rule]) => uplinkOf(name, rule) ?? []);
  const found = {
    nat: named("nat").map(([name, rule]) => natOf(name, namespace, rule)),
    forwards: named("forward").map(([name, rule]) => forwardOf(name, namespace, rule)),
    firewall: firewallsOf(chains, named("firewall"), namespace),
  };
  return isWhole(found, uplinks, content, config) ? found : undefined;
}

/** True if the table that is made of the items is the one that is there. */
function isWhole(
  found: ShownFilters,
  uplinks: TableItems["uplinks"],
  content: readonly NftObject[],
  config: string | undefined,
): boolean {
  const nat = found.nat.map((one) => v.safeParse(natSchema, one));
  const forwards = found.forwards.map((one) => v.safeParse(forwardSchema, one));
  const firewall = found.firewall.map((one) => v.safeParse(firewallSchema, one));
  if (![...nat, ...forwards, ...firewall].every(({ success }) => success)) return false;
  const made = describedTable(config, {
    nat: nat.flatMap((one) => one.success ? [{ item: one.output, link: one.output.out }] : []),
    forwards: forwards.flatMap((one) => one.success ? [{ item: one.output, link: one.output.in }] : []),
    firewall: firewall.flatMap((one) => one.success ? [one.output] : []),
    uplinks,
    hostNameOf: (link) => link,
  });
  return tableText(content) === tableText(made.objects);
}

/** What the comparisons of a rule say of packets, by what is compared. */
interface Compared {
  readonly iifname?: string;
  readonly oifname?: string;
  readonly l4proto?: FirewallExceptionInput["protocol"];
  readonly saddr?: string;
  readonly daddr?: string;
  readonly dport?: number | string;
  readonly protocol?: FirewallExceptionInput["protocol"];
  readonly state?: FirewallExceptionInput["state"];
}

const EVERYWHERE: ReadonlyMap<unknown, string> = new Map([["ipv4", "0.0.0.0/0"], ["ipv6", "::/0"]]);

function comparedBy(statements: readonly NftStatement[]): Compared {
  const found: Record<string, unknown> = {};
  for (const one of statements) {
    if (!("match" in one)) continue;
    const { left, right } = one.match;
    if ("meta" in left) {
      if (left.meta.key === "nfproto") found["saddr" in found ? "daddr" : "saddr"] = EVERYWHERE.get(right);
      else found[left.meta.key] = right === "ipv6-icmp" ? "icmpv6" : right;
    } else if ("ct" in left) found["state"] = Array.isArray(right) ? right : [right];
    else if ("payload" in left) {
      const { protocol, field } = left.payload;
      found[field] = valueOf(right);
      if (field === "dport") found["protocol"] = protocol;
    }
  }
  return found as Compared; // the schema of the item checks each
}

/** A network or a range of ports, as the file has it. */
function valueOf(right: unknown): unknown {
  if (typeof right !== "object" || right === null) return right;
  if ("prefix" in right) {
    const { addr, len } = right.prefix as { readonly addr: string; readonly len: number };
    return `${addr}/${len}`;
  }
  return "range" in right ? (right.range as readonly unknown[]).join("-") : right;
}

function natOf(name: string, namespace: string, { expr }: NftRule): NatRuleInput {
  const { oifname = "", saddr } = comparedBy(expr);
  const random = expr.some((one) => "masquerade" in one && one.masquerade !== null) || undefined;
  return defined({ name, namespace, out: oifname, source: saddr, random });
}

/** The uplink that a rule is of, which is shown elsewhere, with its pair; undefined if somebody wrote another name. */
function uplinkOf(name: string, { expr }: NftRule): TableItems["uplinks"][number] | undefined {
  const { oifname = "", saddr: addresses = "" } = comparedBy(expr);
  try {
    return { item: { namespace: genericToIfaceNs(parseNamespace(name)), addresses, dns: [] }, link: oifname };
  } catch (error) {
    if (error instanceof InvalidNamespaceError) return undefined;
    throw error;
  }
}

function forwardOf(name: string, namespace: string, { expr }: NftRule): PortForwardInput {
  const { iifname = "", dport = 0, protocol } = comparedBy(expr);
  const nat = expr.flatMap((one) => "dnat" in one ? [one.dnat] : [])[0];
  const address = typeof nat?.addr === "string" ? nat.addr : "";
  const host = nat?.port === undefined || !address.includes(":") ? address : `[${address}]`;
  return {
    name,
    namespace,
    in: iifname,
    protocol: protocol === "udp" ? "udp" : "tcp",
    port: dport,
    to: nat?.port === undefined ? host : `${host}:${nat.port}`,
  };
}

function firewallsOf(
  chains: readonly NftChain[],
  rules: readonly [string, NftRule][],
  namespace: string,
): FirewallInput[] {
  const names = [...new Set(rules.map(([name]) => name))];
  return names.map((name) => {
    const own = rules.flatMap(([one, rule]) => one === name ? [rule] : []);
    const directions = DIRECTIONS.flatMap((direction) => {
      const hook = FILTER_CHAINS[direction];
      const chain = chains.find((one) => one.name === hook && own.some((rule) => rule.chain === hook));
      return chain === undefined ? [] : [[direction, chain.policy ?? "accept"] as const];
    });
    const lists = directions.map(([direction, policy]) =>
      own.filter(({ chain }) => chain === FILTER_CHAINS[direction])
        .slice(alwaysAccepted(direction, policy).length)
        .map(({ expr }) => JSON.stringify(exceptionOf(expr)))
    );
    const except = inOneOrder(lists).map((one): FirewallExceptionInput => JSON.parse(one));
    return { name, namespace, ...Object.fromEntries(directions), except };
  });
}

function exceptionOf(expr: readonly NftStatement[]): FirewallExceptionInput {
  const { iifname, oifname, l4proto, protocol = l4proto, dport, saddr, daddr, state } = comparedBy(expr);
  return defined({ in: iifname, out: oifname, protocol, port: dport, source: saddr, destination: daddr, state });
}

/** A list with all that is in `lists`, of which each is in its order; what several have in common is there once. */
function inOneOrder(lists: readonly (readonly string[])[]): string[] {
  const rest = lists.map((list) => [...list]);
  const order: string[] = [];
  for (;;) {
    const heads = rest.flatMap(([head]) => head ?? []);
    const next = heads.find((head) => rest.every((list) => list[0] === head || !list.includes(head))) ?? heads[0];
    if (next === undefined) return order;
    order.push(next);
    for (const list of rest) if (list[0] === next) list.shift();
  }
}
