/** What `tc` says of qdiscs, classes and filters, in this library's words. */
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { assertEquals, assertObjectMatch } from "@std/assert";
import type { Qdisc, QdiscSpec, TcClass, TcFilter } from "@netns/netns";
import { Scene } from "./ip_scene.ts";
import { RunningTool } from "./running_tool.ts";

/** A part of what `tc -j` writes. */
type Json = Readonly<Record<string, unknown>>;

/** A scene in which `tc` works too. */
export class TcScene extends Scene {
  #lists: RunningTool | undefined;

  constructor() {
    super();
    // What IPv6 sends by itself would be counted between two lists.
    const file = "/proc/sys/net/ipv6/conf/all/disable_ipv6";
    this.here.run(() => existsSync(file) && writeFileSync(file, "1"));
  }

  /** Runs `tc`, which must succeed, and gives what it writes. */
  tc(line: string): string {
    const { status, stdout, stderr } = this.here.run(() => spawnSync("tc", line.split(" "), { encoding: "utf8" }));
    if (status !== 0) throw new Error(`tc ${line}: ${stderr}`);
    return stdout;
  }

  /** What `tc` lists, as JSON. */
  tcJson(line: string): Json[] {
    return JSON.parse((this.#lists ??= new RunningTool(this.here, "tc", "-j -s")).do(line) || "[]");
  }

  override [Symbol.dispose](): void {
    this.#lists?.[Symbol.dispose]();
    super[Symbol.dispose]();
  }

  /** Checks that both list the same qdiscs of v0, field by field; gives ours. */
  sameQdiscs(): Qdisc[] {
    const ours = this.netlink.listQdiscs({ link: "v0" });
    const theirs = this.tcJson("qdisc show dev v0");
    assertEquals(ours.map(({ kind, handle }) => [kind, handle]), theirs.map(({ kind, handle }) => [kind, handle]));
    ours.forEach((one, i) => assertObjectMatch(one, { linkIndex: 10, ...qdiscOf(theirs[i] ?? {}) }, one.kind));
    return ours;
  }

  /** Checks that both list the same filters of a parent of v0, field by field; gives ours. */
  sameFilters(parent: string): TcFilter[] {
    const ours = this.netlink.listFilters({ link: "v0", parent });
    const where = parent.includes(":") ? `parent ${parent}` : parent;
    const theirs = this.tcJson(`filter show dev v0 ${where}`).filter(({ options }) => options !== undefined);
    assertEquals(ours.length, theirs.length, parent);
    ours.forEach((one, i) => {
      const { actions = [], ...expected } = filterOf(theirs[i] ?? {});
      assertObjectMatch(one, { linkIndex: 10, parent, ...expected }, one.kind);
      if (!("actions" in one)) return;
      assertEquals(one.actions?.length, actions.length);
      one.actions?.forEach((action, n) => assertObjectMatch(action, actions[n] ?? {}, action.kind));
    });
    return ours;
  }

  /** Checks that both list the same classes of htb of v0; gives ours. `tc` has no JSON for them. */
  sameClasses(): TcClass[] {
    const ours = this.netlink.listClasses("v0").filter(({ kind }) => kind === "htb");
    const theirs = this.tc("class show dev v0").split("\n").filter((line) => line.startsWith("class htb"));
    assertEquals(ours.length, theirs.length);
    for (const one of ours) {
      const line = theirs.find((line) => line.startsWith(`class htb ${one.handle} `)) ?? one.handle;
      const word = (name: string): string | undefined => new RegExp(` ${name} (\\S+)`).exec(line)?.[1];
      assertObjectMatch(one, {
        parent: line.includes(" root ") ? "root" : word("parent"),
        rate: rateOf(word("rate")),
        ceil: rateOf(word("ceil")),
        ...word("leaf") === undefined ? {} : { leaf: word("leaf") },
        ...word("prio") === undefined ? {} : { prio: Number(word("prio")) },
      }, line);
      // tc rounds to the nearest unit that it has a word for.
      if (one.kind === "htb") {
        for (const name of ["burst", "cburst"] as const) {
          const [own = 0, shown] = [one[name], sizeOf(word(name))];
          assertEquals(Math.abs(own - shown) <= shown * 0.01 + 1, true, `${name} ${own} in ${line}`);
        }
      }
    }
    return ours;
  }
}

const RATES: Readonly<Record<string, number>> = { bit: 1, Kbit: 1e3, Mbit: 1e6, Gbit: 1e9 };
const SIZES: Readonly<Record<string, number>> = { b: 1, Kb: 1 << 10, Mb: 1 << 20 };

function rateOf(text = ""): number {
  const [, number, unit = ""] = /^([\d.]+)(\D+)$/.exec(text) ?? [];
  return Number(number) * (RATES[unit] ?? Number.NaN) / 8;
}

function sizeOf(text = ""): number {
  const [, number, unit = ""] = /^([\d.]+)(\D+)$/.exec(text) ?? [];
  return Number(number) * (SIZES[unit] ?? Number.NaN);
}

const COUNTERS = ["drops", "overlimits", "requeues", "backlog", "qlen"] as const;

function countersOf(json: Json): Json {
  if (json["bytes"] === undefined) return {};
  return {
    bytes: BigInt(Number(json["bytes"])),
    packets: BigInt(Number(json["packets"])),
    ...Object.fromEntries(COUNTERS.map((name) => [name, json[name]])),
  };
}

/** A qdisc of `tc -j -s`. */
function qdiscOf(json: Json): Json {
  const kind = String(json["kind"]);
  const parent = json["root"] === true ? "root" : json["parent"] === "ffff:fff1" ? kind : json["parent"];
  const { refcnt } = json;
  return {
    kind,
    parent,
    ...refcnt === undefined ? {} : { refcnt },
    ...(OPTIONS[kind] ?? camel)(objectOf(json["options"])),
    ...countersOf(json),
  };
}

function objectOf(value: unknown): Json {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function camel(json: Json): Json {
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [key.replace(/[-_](.)/g, (_, letter) => letter.toUpperCase()), value]),
  );
}

const ns = (seconds: unknown): number => Math.round(Number(seconds ?? 0) * 1e9);
/** Shares as `tc` writes them have fewer digits. */
const percent = (share: unknown): number => Number((Number(share ?? 0) * 100).toPrecision(6));

const OPTIONS: Readonly<Record<string, (options: Json) => Json>> = {
  netem(options) {
    const part = (name: string): Json => objectOf(options[name]);
    const [delay, rate, slot] = ["delay", "rate", "slot"].map(part) as [Json, Json, Json];
    const [state, gemodel] = [part("loss-state"), part("loss-gemodel")];
    const isModel = Object.keys({ ...state, ...gemodel }).length > 0;
    return {
      ...{ limit: options["limit"], gap: options["gap"], ecn: options["ecn"] },
      delay: ns(delay["delay"]),
      jitter: ns(delay["jitter"]),
      delayCorrelation: percent(delay["correlation"]),
      ...isModel ? {} : { loss: percent(part("loss-random")["loss"]) },
      ...isModel ? {} : { lossCorrelation: percent(part("loss-random")["correlation"]) },
      ...Object.keys(state).length === 0
        ? {}
        : { lossState: Object.fromEntries(Object.entries(state).map(([key, share]) => [key, percent(share)])) },
      ...Object.keys(gemodel).length === 0 ? {} : {
        lossGemodel: {
          p: percent(gemodel["p"]),
          r: percent(gemodel["r"]),
          oneMinusH: percent(gemodel["1-h"]),
          oneMinusK: percent(gemodel["1-k"]),
        },
      },
      ...Object.fromEntries(["duplicate", "reorder", "corrupt"].flatMap((name) => [
        [name, percent(part(name)[name])],
        [`${name}Correlation`, percent(part(name)["correlation"])],
      ])),
      ...{ rate: rate["rate"] ?? 0, packetOverhead: rate["packetoverhead"] ?? 0 },
      ...{ cellSize: rate["cellsize"] ?? 0, cellOverhead: rate["celloverhead"] ?? 0 },
      ...slot["packets"] === undefined ? {} : {
        slot: {
          ...{ packets: slot["packets"], bytes: slot["bytes"] },
          ...slot["distribution"] === undefined
            ? { min: ns(slot["min-delay"]), max: ns(slot["max-delay"]) }
            : { delay: ns(slot["distribution"]), jitter: ns(slot["jitter"]) },
        },
      },
    };
  },
  // tc rounds to microseconds, in which a lot goes at a high rate.
  tbf: ({ lat: _latency, burst, minburst, ...options }) => ({
    ...options,
    ...Number(options["rate"]) < 1e6 ? { burst, ...minburst === undefined ? {} : { minburst } } : {},
  }),
  htb: (options) => ({ ...camel(options), default: Number(options["default"]) }),
  fq: ({ horizon_cap, horizon_drop, ...options }) => ({
    ...camel(options),
    ...horizon_cap === null ? { horizonDrop: false } : {},
    ...horizon_drop === null ? { horizonDrop: true } : {},
  }),
  cake: ({ autorate, ...options }) => ({
    ...camel(options),
    bandwidth: options["bandwidth"] === "unlimited" ? 0 : options["bandwidth"],
    fwmark: Number(options["fwmark"]),
    ...autorate === undefined ? {} : { autorate: true },
  }),
  pie: () => ({}), // as raw data
  prio: ({ multiqueue: _, ...options }) => options,
  pfifo_fast: ({ multiqueue: _, ...options }) => options,
  sfq: (options) => (
    Object.fromEntries(
      Object.entries(options)
        .filter(([key]) => !/^(prob|forced)_/.test(key))
        .map(([key, value]) => [key, key === "probability" ? percent(value) : value]),
    )
  ),
};

/** A filter of `tc -j -s`, whose actions are apart. */
function filterOf({ kind, protocol, pref, chain, options }: Json): Json & { readonly actions?: Json[] } {
  const { handle, classid, flowid, keys, actions, skip_hw } = objectOf(options);
  return {
    ...{ kind, protocol, pref, chain },
    ...handle === undefined ? {} : { handle },
    ...kind === "u32" || (classid ?? flowid) === undefined ? {} : { classid: classid ?? flowid },
    ...kind === "u32" ? {} : { skipHw: skip_hw === true },
    ...keys === undefined ? {} : keysOf(objectOf(keys)),
    ...Array.isArray(actions) ? { actions: actions.map((action) => actionOf(objectOf(action))) } : {},
  };
}

/** The keys of flower. */
function keysOf({ eth_type, src_port, dst_port, ip_tos_mask, tcp_flags, icmp_type, icmp_code, ...keys }: Json): Json {
  const port = (value: unknown): unknown => {
    const { start, end } = objectOf(value);
    return start === undefined ? value : [start, end];
  };
  const [flags, mask] = String(tcp_flags ?? "").split("/");
  const mac = (text: unknown): unknown => (
    typeof text === "string" && text.endsWith("/24") ? text.replace("/24", "/ff:ff:ff:00:00:00") : text
  );
  return {
    ...camel(keys),
    ...eth_type === undefined || keys["vlan_ethtype"] !== undefined
      ? {}
      : { ethType: eth_type === "ipv4" ? "ip" : eth_type },
    ...src_port === undefined ? {} : { srcPort: port(src_port) },
    ...dst_port === undefined ? {} : { dstPort: port(dst_port) },
    ...keys["src_mac"] === undefined ? {} : { srcMac: mac(keys["src_mac"]) },
    ...ip_tos_mask === undefined ? {} : { ipTosMask: Number(`0x${ip_tos_mask}`) },
    ...tcp_flags === undefined ? {} : { tcpFlags: Number(flags), tcpFlagsMask: Number(`0x${mask}`) },
    ...icmp_type === undefined ? {} : { icmpType: Number(icmp_type) },
    ...icmp_code === undefined ? {} : { icmpCode: Number(icmp_code) },
  };
}

function actionOf({ kind, control_action, mirred_action, direction, index, stats, prob }: Json): Json {
  const { type, chain, jump } = objectOf(control_action);
  const verdict = chain === undefined ? jump === undefined ? type : { type, jump } : { type, chain };
  const { random_type, control_action: other, val } = objectOf(prob);
  return {
    kind,
    ...kind === "mirred" ? { action: mirred_action, direction, controlAction: verdict } : {},
    ...kind === "gact" ? { action: verdict } : {},
    ...random_type === undefined || random_type === "none"
      ? {}
      : { prob: { randomType: random_type, action: objectOf(other)["type"], val } },
    ...kind === "mirred" || kind === "gact" || kind === "police" ? { index } : {},
    stats: countersOf(objectOf(stats)),
  };
}

/** Checks that a qdisc goes and comes as it was listed, and that both tools then say the same. */
function goesAndComes(scene: TcScene, listed: Qdisc): void {
  const { bytes: _b, packets: _p, ...state } = listed;
  scene.netlink.deleteQdisc(listed);
  assertEquals(
    scene.netlink.listQdiscs("v0").filter(({ handle, kind }) => handle === listed.handle && kind === listed.kind),
    [],
  );
  scene.netlink.addQdisc(listed);
  const again = scene.sameQdiscs().find(({ handle }) => handle === listed.handle);
  assertObjectMatch(again ?? {}, state);
}

/** Adds a qdisc, compares what is listed, and has it go and come. */
export function checkQdisc(scene: TcScene, spec: QdiscSpec, listable: object = spec): Qdisc {
  scene.netlink.addQdisc(spec);
  const made = scene.sameQdiscs().find(({ kind, handle }) => kind === spec.kind && handle !== "0:");
  if (made === undefined) throw new Error(`${spec.kind} is not listed`);
  // A list has the index of the link, and not what it computes other options from.
  const { link: _link, distribution: _d, latency: _l, slot: _s, ...given } = {
    ...{ link: 0, distribution: 0, latency: 0, slot: 0 },
    ...listable,
  };
  assertObjectMatch(made, given);
  goesAndComes(scene, made);
  return made;
}
