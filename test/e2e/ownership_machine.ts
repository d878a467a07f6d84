/** A machine of {@linkcode AnyMachine} on the kernel, and what `ip` and `tc` say of it. */
import { type ChildProcess, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import process from "node:process";
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
  type AnyTap,
  BOX,
  DEFAULT,
} from "../support/any_machine.ts";
import { listing } from "./ownership_listing.ts";
import { type Snapshot, snapshot, without } from "./ownership_snapshot.ts";

/** What is there, by `ip` and `tc`; with OWNERSHIP_FAST by netlink. */
const look = process.env["OWNERSHIP_FAST"] === undefined ? snapshot : listing;

const NAMES = ["blue", "green", "red"];
/** A machine on which all names are its own. It is gone at the end of the block. */
export class Machine implements Disposable {
  readonly #prefix = scratchName();
  readonly #machine: AnyMachine;
  #container: { readonly ns: NsHandle; readonly process: ChildProcess } | undefined;

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
        if (short === BOX) return { ...item, namespace: `PID:${this.#container?.process.pid ?? 4_000_000}` };
        return { ...item, namespace: namespace.slice(0, -short.length) + this.#name(short) };
      }
      return hostIfName === undefined ? item : { ...item, hostIfName: this.#link(DEFAULT, String(hostIfName)) };
    };
    return readConfig({
      name: `${this.#prefix}-${name}`,
      namespaces: namespaces.map((one) =>
        typeof one === "string" ? this.#name(one) : { ...one, name: this.#name(one.name) }
      ),
      interfaces: interfaces.map(real).map(({ tap, ...rest }) => (
        tap?.tempIfName === undefined ? rest : { ...rest, tap: { tempIfName: this.#link(DEFAULT, tap.tempIfName) } }
      )),
      routes: routes.map((route) => typeof route === "string" ? route : real(route)),
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
    const hasQdiscs = this.#machine.qdiscs.length > 0; // the name of the root one is also printed with its link
    const box = this.#container;
    return [
      ...[DEFAULT, ...this.names].flatMap((name) => {
        using ns = name === DEFAULT ? NsHandle.home() : NsHandle.fromName(this.#name(name));
        return look(name || "default", ns, { hasQdiscs, setsUpLoopback: this.#setsUpLoopback(name) });
      }),
      ...box === undefined ? [] : look(BOX, box.ns, { hasQdiscs, setsUpLoopback: false }),
    ];
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

  /**
   * Does what somebody else does; routes and neighbours only on links that are in `strangers`. A neighbour that is there is
   * deleted first: with another hardware address it would still be its maker's.
   *
   * @returns True if it deleted a link of `strangers` that was adopted: nothing brings that back.
   */
  intrude(intrusion: AnyIntrusion, strangers: Snapshot): boolean {
    const now = new Set(this.look()); // without what is adopted by now
    const foreign = strangers.filter((one) => now.has(one));
    const isForeign = (namespace: string, link: string): boolean => {
      const text = `"ifname":"${this.#link(namespace, link)}"`;
      return foreign.some((one) => one.startsWith(`${namespace || "default"} {"ifindex"`) && one.includes(text));
    };
    switch (intrusion.kind) {
      case "bridge":
        this.#addBridge(intrusion.link, isForeign);
        return false;
      case "route":
        if (isForeign(intrusion.route.namespace, intrusion.route.link)) this.#addRoute(intrusion.route, true);
        return false;
      case "neighbour": {
        const { neighbour } = intrusion;
        if (isForeign(neighbour.namespace, neighbour.link)) this.#addNeighbour(neighbour, true);
        return false;
      }
      case "anew": {
        const { namespace, name } = intrusion;
        const index = isForeign(namespace, name) ? undefined : this.#makeAnew(namespace, name);
        const link = `${namespace || "default"} {"ifindex":${index},`;
        return index !== undefined && strangers.some((one) => one.startsWith(link));
      }
    }
  }

  /** Without what is on a TAP, which a file may borrow. */
  withoutTaps(all: Snapshot): Snapshot {
    const names = this.#machine.taps.map(({ name }) => `"${this.#link(DEFAULT, name)}"`);
    return all.filter((one) => !names.some((name) => one.includes(name)));
  }

  [Symbol.dispose](): void {
    this.#container?.process.kill("SIGKILL");
    this.#container?.ns.close();
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
    const { taps, container, forwarding, dropping } = this.#machine;
    for (const name of namespaces) createNamedNamespace(this.#name(name)).close();
    for (const name of namespaces.filter((one) => !loopbackDown.includes(one))) {
      this.#in(name, (netlink) => netlink.setLink({ name: "lo" }, { up: true }));
    }
    for (const { namespace, cidr } of loopback) {
      this.#in(namespace, (netlink) => attempt(() => netlink.addAddress({ name: "lo" }, cidr, { noDad: true })));
    }
    for (const name of forwarding) {
      this.#in(name, (_, ns) => ns.run(() => writeFileSync("/proc/sys/net/ipv4/ip_forward", "1")));
    }
    if (container) this.#addContainer();
    for (const tap of taps) this.#addTap(tap);
    for (const pair of pairs) this.#addPair(pair);
    for (const one of bridges) this.#addBridge(one, () => true);
    for (const { namespace, ...route } of dropping) {
      this.#in(namespace, (netlink) => attempt(() => netlink.addRoute(route)));
    }
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

  /** A container as Docker wires it: `e0` in a namespace without a name, the other end at a bridge. */
  #addContainer(): void {
    const ns = NsHandle.create();
    this.#container = { ns, process: ns.spawn("sleep", ["infinity"], { stdio: "ignore" }) };
    using inside = ns.netlink();
    inside.setLink({ name: "lo" }, { up: true });
    this.#in(DEFAULT, (netlink) => {
      const [bridge, port] = [{ name: this.#link(DEFAULT, "d0") }, { name: this.#link(DEFAULT, "d1") }];
      netlink.addLink({ kind: "bridge", ...bridge, address: "02:00:00:00:00:04" });
      netlink.addLink({ kind: "veth", ...port, peer: { name: "e0", netns: ns } });
      netlink.setLink(port, { master: netlink.getLink(bridge).index, up: true });
      netlink.setLink(bridge, { up: true });
      netlink.addAddress(bridge, "192.0.2.1/24");
    });
    inside.setLink({ name: "e0" }, { up: true });
    inside.addAddress({ name: "e0" }, "192.0.2.2/24");
    inside.addRoute({ dst: "0.0.0.0/0", gateway: "192.0.2.1" });
  }

  #addTap({ name, up, addresses }: AnyTap): void {
    const made = spawnSync("ip", ["tuntap", "add", "dev", this.#link(DEFAULT, name), "mode", "tap"]).status === 0;
    if (!made) return; // another tap has its name
    const common = { namespace: DEFAULT, mtu: 1500, address: undefined };
    this.#configure({ ...common, name, up, addresses });
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

  #addNeighbour({ namespace, link, ...spec }: AnyNeighbour, isAnew = false): void {
    this.#in(namespace, (netlink) => {
      const found = netlink.listLinks().find(({ name }) => name === this.#link(namespace, link));
      if (found === undefined) return;
      if (isAnew) attempt(() => netlink.deleteNeighbour({ ip: spec.ip, linkIndex: found.index }));
      attempt(() => netlink.setNeighbour({ ...spec, linkIndex: found.index }));
    });
  }

  /** The library makes no queueing disciplines. `tc` fails where there is no such link. */
  #addQdisc(namespace: string, link: string): void {
    const where = namespace === DEFAULT ? [] : ["-n", this.#name(namespace)];
    const what = ["dev", this.#link(namespace, link), "root", "pfifo", "limit", "5"];
    spawnSync("tc", [...where, "qdisc", "add", ...what], { stdio: "ignore" });
  }

  /** The number of the link that it deletes, and makes anew. */
  #makeAnew(namespace: string, short: string): number | undefined {
    let index: number | undefined;
    this.#in(namespace, (netlink) => {
      const name = this.#link(namespace, short);
      const found = netlink.listLinks().find((one) => one.name === name && one.kind === "veth");
      if (found === undefined) return;
      index = found.index;
      netlink.deleteLink({ index: found.index });
      const peer = { name: this.#link(namespace, `anew${short}`), index: 10_000 + found.index }; // else it takes the free one
      netlink.addLink({ kind: "veth", name, index: found.index, peer });
    });
    return index;
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
