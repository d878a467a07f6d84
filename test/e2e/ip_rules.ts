/** Rules and next-hop objects in the words of `ip -N -j -d`, put into ours. */
import { withoutUndefined } from "./ip_links.ts";

/** What `ip -N -j -d rule show` says of a rule. */
export interface IpRule {
  readonly priority: number;
  readonly src: string;
  readonly srclen?: number;
  readonly dst?: string;
  readonly dstlen?: number;
  readonly iif?: string;
  readonly oif?: string;
  readonly fwmark?: string;
  readonly fwmask?: string;
  readonly tos?: string;
  readonly ipproto?: string;
  readonly sport?: number;
  readonly sport_start?: number;
  readonly sport_end?: number;
  readonly dport?: number;
  readonly dport_start?: number;
  readonly dport_end?: number;
  readonly uid_start?: number;
  readonly uid_end?: number;
  readonly tun_id?: number;
  readonly table?: string;
  readonly suppress_prefixlen?: number;
  readonly suppress_ifgroup?: string;
  readonly flow_from?: string;
  readonly flow_to?: string;
  readonly goto?: number;
  readonly not?: null;
  readonly l3mdev?: null;
  readonly action?: string;
  readonly protocol: string;
}

const ACTIONS: Readonly<Record<string, string>> = { 3: "nop", 6: "blackhole", 7: "unreachable", 8: "prohibit" };

/** What `ip` says, as `Netlink.listRules()` says it, but for the flags. */
export function rulesOf(rules: readonly IpRule[], family: 2 | 10): unknown[] {
  const range = (one?: number, from?: number, to?: number): unknown =>
    one === undefined ? (from === undefined ? undefined : [from, to]) : [one, one];
  const network = (address?: string, length?: number): string | undefined =>
    address === undefined || address === "all" ? undefined : `${address}/${length ?? (family === 2 ? 32 : 128)}`;
  return rules.map((rule) =>
    withoutUndefined({
      family,
      priority: rule.priority,
      action: rule.goto === undefined ? ACTIONS[rule.action ?? ""] ?? "lookup" : "goto",
      table: rule.table === undefined ? undefined : Number(rule.table),
      goto: rule.goto,
      not: "not" in rule,
      src: network(rule.src, rule.srclen),
      dst: network(rule.dst, rule.dstlen),
      iif: rule.iif,
      oif: rule.oif,
      fwmark: rule.fwmark === undefined ? undefined : Number(rule.fwmark),
      fwmask: rule.fwmask === undefined ? undefined : Number(rule.fwmask),
      tos: rule.tos === undefined ? undefined : Number(rule.tos),
      ipproto: rule.ipproto === undefined ? undefined : Number(rule.ipproto.replace("ipproto-", "")),
      sport: range(rule.sport, rule.sport_start, rule.sport_end),
      dport: range(rule.dport, rule.dport_start, rule.dport_end),
      uidrange: range(undefined, rule.uid_start, rule.uid_end),
      tunId: rule.tun_id?.toString(),
      l3mdev: "l3mdev" in rule,
      suppressPrefixlength: rule.suppress_prefixlen,
      suppressIfgroup: rule.suppress_ifgroup === undefined ? undefined : Number(rule.suppress_ifgroup),
      realm: rule.flow_to === undefined ? undefined : Number(rule.flow_from ?? 0) << 16 | Number(rule.flow_to),
      protocol: Number(rule.protocol),
    })
  );
}

/** What `ip -N -j -d nexthop show` says of a next-hop object. */
export interface IpNextHop {
  readonly id: number;
  readonly group?: readonly { readonly id: number; readonly weight?: number }[];
  readonly type?: string;
  readonly resilient_args?: {
    readonly buckets: number;
    readonly idle_timer: number;
    readonly unbalanced_timer: number;
    readonly unbalanced_time: number;
  };
  readonly gateway?: string;
  readonly dev?: string;
  readonly blackhole?: null;
  readonly fdb?: null;
  readonly scope?: string;
  readonly protocol?: string;
  readonly flags: readonly string[];
}

/** What `ip` says of each next-hop object, in the words of `Netlink.listNextHops()`. */
export function nextHopsOf(hops: readonly IpNextHop[], indexOf: (name: string) => number): unknown[] {
  return hops.map((hop) =>
    withoutUndefined({
      id: hop.id,
      protocol: Number(hop.protocol ?? 0),
      linkIndex: hop.dev === undefined ? undefined : indexOf(hop.dev),
      gateway: hop.gateway,
      onLink: hop.flags.includes("onlink"),
      blackhole: "blackhole" in hop,
      fdb: "fdb" in hop,
      group: hop.group?.map(({ id, weight = 1 }) => ({ id, weight })),
      groupType: hop.group === undefined ? undefined : hop.type ?? "mpath",
      buckets: hop.resilient_args?.buckets,
      idleTimer: hop.resilient_args === undefined ? undefined : hop.resilient_args.idle_timer * 100,
    })
  );
}
