/** A machine of {@linkcode AnyMachine} on the kernel, and what `ip` and `tc` say of it. */
import { spawnSync } from "node:child_process";
import {
  createNamedNamespace,
  deleteNamedNamespace,
  namedNamespaceExists,
  type NamespaceInput,
  type Netlink,
  NetlinkError,
  type NetworkConfig,
  type NetworkConfigInput,
  NsHandle,
  readConfig,
} from "@netns/netns";
import { scratchName } from "../integration/support/traces.ts";
import {
  type AnyIntrusion,
  type AnyLink,
  type AnyMachine,
  type AnyNeighbour,
  type AnyRoute,
  DEFAULT,
} from "../support/any_machine.ts";

const NAMES = ["blue", "green", "red"];
/** Each prints one array of JSON. */
const QUESTIONS = ["address", "route show table all", "neighbour show nud all", "rule", "netconf"];

/** An object as `ip` prints it. */
type Printed = Record<string, unknown>;

/** Objects of the kernel as text, with the namespace that each is in. */
export type Snapshot = readonly string[];

/** What of `all` is not in `others`; the same object may be there more than once. */
export function without(all: Snapshot, others: Snapshot): string[] {
  const counts = new Map<string, number>();
  for (const one of others) counts.set(one, (counts.get(one) ?? 0) + 1);
  return all.filter((one) => {
    const count = counts.get(one) ?? 0;
    counts.set(one, count - 1);
    return count <= 0;
  });
}

/** A machine on which all names are its own. It is gone at the end of the block. */
export class Machine implements Disposable {
  readonly #prefix = scratchName();
  readonly #machine: AnyMachine;

  /** Makes it; what the kernel refuses is left out. */
  constructor(machine: AnyMachine) {
    this.#machine = machine;
    try {
      this.#make();
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** The names of its namespaces that exist now. */
  get names(): string[] {
    return NAMES.filter((name) => namedNamespaceExists(this.#name(name)));
  }

  /** The document as it is about this machine, under the name of a configuration. */
  config(document: NetworkConfigInput, name: string): NetworkConfig {
    const { namespaces = [], interfaces = [], arpEntries = [], routes = [] } = document;
    const real = <
      T extends { readonly namespace?: NamespaceInput | undefined; readonly hostIfName?: string | undefined },
    >(item: T): T => {
      const { namespace, hostIfName } = item;
      if (typeof namespace === "string") {
        const short = namespace.replace(/.*\//, "");
        // A file of a namespace that apply has yet to make is waited for, so the next apply has something to do.
        const isThere = this.#machine.namespaces.includes(short);
        return { ...item, namespace: (isThere ? namespace.slice(0, -short.length) : "") + this.#name(short) };
      }
      return hostIfName === undefined ? item : { ...item, hostIfName: this.#link(DEFAULT, String(hostIfName)) };
    };
    return readConfig({
      name: `${this.#prefix}-${name}`,
      namespaces: namespaces.map((name) => this.#name(name)),
      interfaces: interfaces.map(real),
      routes: routes.map(real),
      arpEntries: arpEntries.map(real),
    });
  }

  /**
   * All objects in the default namespace and in those of this machine. These are left out, because they change by
   * themselves: operstate, NO-CARRIER and the carrier of what is no pair (the kernel's linkwatch sets them up to a
   * second later), with that the link-local addresses of IPv6, their routes and the IPv6 routes of the table local,
   * which follow from the addresses; `tentative`; `linkdown` of a route; timers of bridges and the state of their
   * ports; neighbours that are not permanent. Where `lo` was not up before, apply sets it up, and it stays so.
   */
  look(): Snapshot {
    const names = this.names;
    const hasQdiscs = this.#machine.qdiscs.length > 0; // the name of the root one is also printed with its link
    const ask = [undefined, ...names].map((name) => {
      const n = name === undefined ? "" : `-n ${this.#name(name)}`;
      return `ip ${n} -d -j -batch - <<E\n${QUESTIONS.join("\n")}\nE\n${
        hasQdiscs ? `tc ${n} -j qdisc` : "echo []"
      }; echo; echo --`;
    });
    const { stdout, stderr, status } = spawnSync("sh", ["-ec", ask.join("\n")], { encoding: "utf8" });
    if (status !== 0 || stderr !== "") throw new Error(`ip and tc: ${status}: ${stderr}`);
    return stdout.split("--\n").slice(0, -1).flatMap((text, index) => {
      const name = index === 0 ? DEFAULT : names[index - 1] ?? "";
      const answers = text.split("\n").filter((line) => line.trim() !== "").map((line): Printed[] => JSON.parse(line));
      if (answers.length !== QUESTIONS.length + 1) {
        throw new Error(`ip and tc printed ${answers.length} arrays: ${text}`);
      }
      const [links = [], routes = [], neighbours = [], ...rest] = answers;
      const isLo = ({ dev }: Printed): boolean => this.#setsUpLoopback(name) && dev === "lo";
      const addressOf = new Map(links.map(({ ifname, address }) => [ifname, address]));
      // A link that was made anew has the same name, and mostly the same number.
      const onLink = (one: Printed): Printed => ({
        ...one,
        linkAddress: addressOf.get(one["dev"] ?? one["interface"]),
      });
      return [
        ...links.map((link) => this.#stableLink(name, link)),
        ...routes.filter((one) => !isTransient(one) && !(isLo(one) && one["protocol"] === "kernel"))
          .map((one) => onLink(stableRoute(one))),
        ...neighbours.filter(isPermanent).map(onLink),
        ...rest.flat().filter((one) => !isLo(one)).map(onLink),
      ].map((one) => `${name || "default"} ${JSON.stringify(one)}`);
    });
  }

  /**
   * What is in `now` and was not there before. A namespace in which somebody has left a link since stays, with what is in
   * every namespace.
   */
  added(now: Snapshot, before: Snapshot): Snapshot {
    const kept = NAMES.filter((name) => !this.#machine.namespaces.includes(name))
      .filter((name) => before.some((one) => one.startsWith(`${name} {"ifindex"`)));
    return without(now, before).filter((one) => (
      !kept.some((name) =>
        one.startsWith(`${name} `) && /"ifname":"lo"|"interface":"(lo|all|default)"|"priority"/.test(one)
      )
    ));
  }

  /** Does what somebody else does; routes and neighbours only on links that are in `foreign`. */
  intrude(intrusion: AnyIntrusion, foreign: Snapshot): void {
    const isForeign = (namespace: string, link: string): boolean => {
      const text = `"ifname":"${this.#link(namespace, link)}"`;
      return foreign.some((one) => one.startsWith(`${namespace || "default"} {"ifindex"`) && one.includes(text));
    };
    switch (intrusion.kind) {
      case "bridge":
        return this.#addBridge(intrusion.link, isForeign);
      case "route":
        if (isForeign(intrusion.route.namespace, intrusion.route.link)) this.#addRoute(intrusion.route, true);
        return;
      case "neighbour": {
        const { neighbour } = intrusion;
        if (isForeign(neighbour.namespace, neighbour.link)) this.#addNeighbour(neighbour);
        return;
      }
      case "anew":
        if (!isForeign(intrusion.namespace, intrusion.name)) this.#makeAnew(intrusion.namespace, intrusion.name);
    }
  }

  [Symbol.dispose](): void {
    this.#in(DEFAULT, (netlink) => {
      const own = netlink.listLinks().filter(({ name }) => name.startsWith(this.#link(DEFAULT, "")));
      for (const { index } of own) attempt(() => netlink.deleteLink({ index }));
    });
    for (const name of this.names) deleteNamedNamespace(this.#name(name));
  }

  #name(short: string): string {
    return `${this.#prefix}-${short}`;
  }

  #link(namespace: string, name: string): string {
    return namespace === DEFAULT ? `n${this.#prefix.slice(-8)}${name}` : name;
  }

  #setsUpLoopback(name: string): boolean {
    const { namespaces, loopbackDown } = this.#machine;
    return name !== DEFAULT && (!namespaces.includes(name) || loopbackDown.includes(name));
  }

  #in(namespace: string, act: (netlink: Netlink, ns: NsHandle) => void): void {
    if (namespace !== DEFAULT && !namedNamespaceExists(this.#name(namespace))) return;
    using ns = namespace === DEFAULT ? NsHandle.home() : NsHandle.fromName(this.#name(namespace));
    using netlink = ns.netlink();
    act(netlink, ns);
  }

  #make(): void {
    const { namespaces, loopbackDown, pairs, bridges, loopback, routes, neighbours, qdiscs } = this.#machine;
    for (const name of namespaces) createNamedNamespace(this.#name(name)).close();
    for (const name of namespaces.filter((one) => !loopbackDown.includes(one))) {
      this.#in(name, (netlink) => netlink.setLink({ name: "lo" }, { up: true }));
    }
    for (const { namespace, cidr } of loopback) {
      this.#in(namespace, (netlink) => attempt(() => netlink.addAddress({ name: "lo" }, cidr, { noDad: true })));
    }
    for (const pair of pairs) this.#addPair(pair);
    for (const one of bridges) this.#addBridge(one, () => true);
    for (const one of routes) this.#addRoute(one, false);
    for (const one of neighbours) this.#addNeighbour(one);
    for (const { namespace, link } of qdiscs) this.#addQdisc(namespace, link);
  }

  #addPair([a, b]: readonly [AnyLink, AnyLink]): void {
    const spec = ({ namespace, name, mtu, address }: AnyLink) => ({ name: this.#link(namespace, name), mtu, address });
    let made = false;
    this.#in(a.namespace, (netlink) =>
      this.#in(b.namespace, (_, netns) => {
        made = attempt(() => netlink.addLink({ kind: "veth", ...spec(a), peer: { ...spec(b), netns } }));
      }));
    if (made) { for (const one of [a, b]) this.#configure(one); }
  }

  #configure({ namespace, name, up, addresses }: AnyLink): void {
    this.#in(namespace, (netlink) => {
      const link = { name: this.#link(namespace, name) };
      if (up) netlink.setLink(link, { up });
      for (const cidr of addresses) attempt(() => netlink.addAddress(link, cidr, { noDad: true }));
    });
  }

  /** Adds a bridge; its ports are those ends of pairs in its namespace that `takes` lets through. */
  #addBridge(bridge: AnyLink, takes: (namespace: string, link: string) => boolean): void {
    const { namespace, name, mtu, address = "02:00:00:00:00:03" } = bridge;
    this.#in(namespace, (netlink) => {
      const real = this.#link(namespace, name);
      if (!attempt(() => netlink.addLink({ kind: "bridge", name: real, address }))) return;
      const { index: master } = netlink.getLink({ name: real });
      netlink.setLink({ index: master }, { mtu }); // else it changes with the ports, as the address does
      const ports = this.#machine.pairs.flat().filter((one) =>
        one.namespace === namespace && takes(namespace, one.name)
      );
      for (const port of ports) {
        attempt(() => netlink.setLink({ name: this.#link(namespace, port.name) }, { master }));
      }
      this.#configure(bridge);
    });
  }

  #addRoute({ namespace, link, ...spec }: AnyRoute, replaces: boolean): void {
    this.#in(namespace, (netlink) => {
      const found = netlink.listLinks().find(({ name }) => name === this.#link(namespace, link));
      if (found === undefined) return;
      const scope = spec.gateway === undefined && !spec.dst.includes(":") ? "link" : "universe";
      const route = { ...spec, scope, linkIndex: found.index } as const;
      attempt(() => replaces ? netlink.replaceRoute(route) : netlink.addRoute(route));
    });
  }

  #addNeighbour({ namespace, link, ...spec }: AnyNeighbour): void {
    this.#in(namespace, (netlink) => {
      const found = netlink.listLinks().find(({ name }) => name === this.#link(namespace, link));
      if (found !== undefined) attempt(() => netlink.setNeighbour({ ...spec, linkIndex: found.index }));
    });
  }

  /** The library makes no queueing disciplines. `tc` fails where there is no such link. */
  #addQdisc(namespace: string, link: string): void {
    const where = namespace === DEFAULT ? [] : ["-n", this.#name(namespace)];
    const what = ["dev", this.#link(namespace, link), "root", "pfifo", "limit", "5"];
    spawnSync("tc", [...where, "qdisc", "add", ...what], { stdio: "ignore" });
  }

  #makeAnew(namespace: string, short: string): void {
    this.#in(namespace, (netlink) => {
      const name = this.#link(namespace, short);
      const found = netlink.listLinks().find((one) => one.name === name && one.kind === "veth");
      if (found === undefined) return;
      netlink.deleteLink({ index: found.index });
      const peer = { name: this.#link(namespace, "anew"), index: 10_000 + found.index }; // else it takes the free one
      netlink.addLink({ kind: "veth", name, index: found.index, peer });
    });
  }

  #stableLink(namespace: string, link: Printed): Printed {
    const { operstate: _, flags, addr_info, linkinfo, ...rest } = link;
    const addresses = listOf(addr_info).filter(({ local, scope }) =>
      !(scope === "link" && /^fe80:/.test(String(local)))
    )
      .map(({ tentative: _, ...address }) => address);
    if (link["ifname"] === "lo" && this.#setsUpLoopback(namespace)) {
      const own = addresses.filter(({ local }) => local !== "127.0.0.1" && local !== "::1");
      return { ifindex: rest["ifindex"], ifname: "lo", addresses: own };
    }
    const isPair = JSON.stringify(linkinfo ?? {}).includes('"info_kind":"veth"');
    const moving = isPair ? ["NO-CARRIER"] : ["NO-CARRIER", "LOWER_UP"];
    return {
      ...rest,
      flags: Array.isArray(flags) ? flags.filter((flag) => !moving.includes(flag)) : flags,
      linkinfo: JSON.parse(JSON.stringify(linkinfo ?? {}, (key, value) => (
        /_timer$/.test(key) || key === "state" ? undefined : value
      ))),
      addresses,
    };
  }
}

/** True if the kernel did it; a refusal is no fault here. */
function attempt(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof NetlinkError) return false;
    throw error;
  }
}

const listOf = (value: unknown): Printed[] => Array.isArray(value) ? value : [];

/** True of what the kernel makes and takes with the carrier of a link. */
function isTransient({ dst, protocol, table, pref }: Printed): boolean {
  if (protocol !== "kernel" || pref === undefined) return false; // of IPv4, or somebody's
  return table === "local" || /^f[ef]/.test(String(dst));
}

const stableRoute = ({ flags, ...route }: Printed): Printed => (
  { ...route, flags: Array.isArray(flags) ? flags.filter((flag) => flag !== "linkdown") : flags }
);

/** True of a neighbour that stays: the others come and go with the traffic and the carrier, those of NOARP too. */
const isPermanent = ({ state }: Printed): boolean => String(state) === "PERMANENT";
