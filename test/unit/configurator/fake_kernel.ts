/**
 * Namespaces in memory that behave as the kernel does where a plan depends on it: pairs go together, the first IPv4
 * address of a network takes the others along, the last IPv4 address the IPv4 routes and neighbours; a link that is set
 * down loses IPv6 addresses, routes and neighbours; without a carrier, neighbours that are not permanent go.
 */
import { match, P } from "npm:ts-pattern@5.9.2";
import type {
  ObservedAddress,
  ObservedLink,
  ObservedNamespace,
  ObservedNeighbour,
  ObservedRoute,
  UnavailableNamespace,
} from "../../../src/configurator/observed/observed_namespace.ts";
import type { Action, RouteFields } from "../../../src/configurator/plan/actions.ts";
import type { PlanResult } from "../../../src/configurator/plan/plan_builder.ts";
import type { PlannedLink } from "../../../src/configurator/plan/planned_link.ts";
import { routeKey } from "../../../src/configurator/plan/route_fields.ts";
import { IMPAIR_HANDLE } from "../../../src/configurator/ownership/records.ts";
import { contentOf } from "../../../src/configurator/plan/table_rules.ts";
import { plan } from "../../../src/configurator/planner.ts";
import { Claims } from "../../../src/configurator/ownership/claims.ts";
import { OtherClaims } from "../../../src/configurator/ownership/other_claims.ts";
import { Ledger } from "../../../src/configurator/ledger.ts";
import { type ConfigurationState, EMPTY_STATE } from "../../../src/configurator/ownership/state.ts";
import { usedNamespaces } from "../../../src/configurator/plan/remove_namespaces.ts";
import { familyOf } from "../../../src/ip/address.ts";
import { networkOf } from "../../../src/ip/arithmetic.ts";
import type { Rule } from "../../../src/netlink/rule/types.ts";
import { Indexes } from "../../../src/configurator/observed/indexes.ts";
import type { NftObject } from "../../../src/netlink/nftables/types.ts";
import type { Qdisc } from "../../../src/netlink/tc/qdisc/types.ts";
import { parseIpPrefix } from "../../../src/ip/prefix.ts";
import { checkConfig } from "../../../src/models/config.ts";
import { namespaceKey, parseNamespace } from "../../../src/namespace.ts";

const RTPROT_KERNEL = 2;
const RTPROT_NETNS = 110;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class FakeNamespace implements ObservedNamespace {
  linkList: Mutable<ObservedLink>[] = [];
  addressList: ObservedAddress[] = [];
  routeList: ObservedRoute[] = [];
  /** The routes that the kernel made, by the addresses that they are for. */
  connected: Map<string, ObservedRoute> = new Map();
  neighbourList: ObservedNeighbour[] = [];
  exists = true;
  readonly indexes: Indexes = new Indexes();
  #nextIndex = 1;
  readonly ids: Map<FakeNamespace, number>;

  readonly name: string | undefined;
  /** True if an apply made it. */
  isOwn = false;

  constructor(readonly label: string, readonly reference: string, ids: Map<FakeNamespace, number>) {
    this.ids = ids;
    this.name = label === "the default namespace" ? undefined : label;
    this.addLink({ name: "lo", up: false, carrier: true, mtu: 65536 });
  }

  // Copies, as each look at the kernel gives: look-ups are remembered by list.
  links(): readonly ObservedLink[] {
    return this.exists ? this.linkList : [];
  }
  addresses(): readonly ObservedAddress[] {
    return this.addressList;
  }
  addressesOf(index: number): readonly ObservedAddress[] {
    return this.addressList.filter((one) => one.index === index);
  }
  routes(family: 4 | 6, table: number): readonly ObservedRoute[] {
    return this.routeList.filter((one) => familyOf(one.destination) === family && one.table === table);
  }
  neighbours(family: 4 | 6): readonly ObservedNeighbour[] {
    return this.neighbourList.filter(({ ip }) => familyOf(ip) === family);
  }
  routesOf(index: number): readonly ObservedRoute[] {
    return this.routeList.filter((one) => one.index === index);
  }
  allRoutes(family: 4 | 6): readonly ObservedRoute[] {
    return this.routeList.filter((one) => familyOf(one.destination) === family);
  }
  /** Each life of a name has a number of its own. */
  life = 0;
  get cookie(): string | undefined {
    return this.exists ? `${(this.ids.get(this) ?? 0) * 1000 + this.life + 1}` : undefined;
  }
  get inode(): string | undefined {
    return this.cookie;
  }
  tableList: NftObject[] = [];
  rules(): readonly Rule[] {
    return [];
  }

  sysctls(): ReadonlyMap<string, string> {
    return new Map();
  }

  tables(): readonly NftObject[] {
    return this.exists ? this.tableList : [];
  }
  qdiscList: Qdisc[] = [];
  qdiscs(): readonly Qdisc[] {
    return this.exists ? this.qdiscList : [];
  }
  extras(): {
    readonly sysctls: Record<string, string>;
    readonly nextHops: readonly number[];
    readonly lasting: readonly string[];
  } {
    return { sysctls: {}, nextHops: [], lasting: [] };
  }
  wireguard(): undefined {}
  forwarding(): readonly [] {
    return [];
  }
  bridgeVlans(): readonly [] {
    return [];
  }
  namespaceId(other: ObservedNamespace): number | undefined {
    return other instanceof FakeNamespace ? this.ids.get(other) : undefined;
  }

  addLink({ arp = true, ...link }: Omit<ObservedLink, "index" | "arp"> & { arp?: boolean }): Mutable<ObservedLink> {
    const made = { index: this.#nextIndex++, arp, ...link };
    this.linkList = [...this.linkList, made];
    return made;
  }

  link(index: number): Mutable<ObservedLink> {
    const found = this.linkList.find((link) => link.index === index);
    if (found === undefined) throw new Error(`no link ${index} in ${this.label}`);
    return found;
  }

  /** Takes away what a link has, or that part of it which `gone` names. */
  flush(index: number, gone: (text: string) => boolean = () => true): void {
    this.addressList = this.addressList.filter((one) => one.index !== index || !gone(one.text));
    this.routeList = this.routeList.filter((one) => one.index !== index);
    this.neighbourList = this.neighbourList.filter((one) => one.index !== index);
  }

  snapshot(): unknown {
    const name = (index?: number): string => index === undefined ? "" : this.link(index).name;
    const sorted = <T>(list: readonly T[]): T[] =>
      [...list].sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
    return {
      links: sorted(this.linkList.map(({ name, up, mtu, address = "" }) => (
        { name, up, mtu, address: address.startsWith("02:ff") ? "any" : address }
      ))),
      addresses: sorted(this.addressList.map(({ index, ...rest }) => ({ link: name(index), ...rest }))),
      routes: sorted(this.routeList.map(({ index, hops: _, ...rest }) => ({ link: name(index), ...rest }))),
      neighbours: sorted(this.neighbourList.map(({ index, ...rest }) => ({ link: name(index), ...rest }))),
    };
  }
}

/** What the state of a configuration is, and what others own. */
export class FakeKernel {
  readonly namespaces: Map<string, FakeNamespace> = new Map();
  readonly #ids = new Map<FakeNamespace, number>();
  /** What the configuration owns. */
  state: ConfigurationState = EMPTY_STATE;
  /** What other configurations own, by name. */
  readonly others: Map<string, ConfigurationState> = new Map();
  /** Namespaces that are not there, by their keys. */
  readonly missing: Map<string, UnavailableNamespace> = new Map();
  readonly occupied: Map<string, string> = new Map();

  constructor() {
    this.namespace("PID:0").exists = true;
  }

  namespace(key: string): FakeNamespace {
    let namespace = this.namespaces.get(key);
    if (namespace === undefined) {
      namespace = new FakeNamespace(key === "PID:0" ? "the default namespace" : key, key, this.#ids);
      namespace.exists = false;
      this.#ids.set(namespace, this.#ids.size);
      this.namespaces.set(key, namespace);
    }
    return namespace;
  }

  named(name: string): FakeNamespace {
    return this.namespace(name);
  }

  #find = (key: string): FakeNamespace | UnavailableNamespace => this.missing.get(key) ?? this.namespace(key);

  #claims(): Claims {
    return new Claims(this.state, new OtherClaims(this.others), {
      at: ({ cookie, reference }) => {
        const found = this.#find(namespaceKey(parseNamespace(reference)));
        if (found instanceof FakeNamespace) return found.cookie === cookie ? found : undefined;
        return found.ended ? undefined : found;
      },
    });
  }

  plan(document: unknown, adopt: boolean = false, claims: Claims = this.#claims()): PlanResult {
    return plan({
      config: checkConfig(document),
      claims,
      leavesToKernel: false,
      isNamedTwice: () => true,
      adopt,
      removes: () => true,
      namespaceOf: (ns) => this.#find(namespaceKey(ns)),
      namespaces: () => this.namespaces.values(),
      movedEnd: () => undefined,
      linkOn: () => undefined,
      occupants: ({ label }) => this.occupied.get(label),
    });
  }

  /** Plans and does it; gives the lines of what was done. */
  apply(document: unknown, adopt: boolean = false): PlanResult {
    const claims = this.#claims();
    const result = this.plan(document, adopt, claims);
    const ledger = new Ledger(
      {
        save: (state) => Promise.resolve(void (this.state = state)),
        remove: () => Promise.resolve(void (this.state = EMPTY_STATE)),
      },
      { claims },
      this.state,
      { path: undefined, uses: [...usedNamespaces(checkConfig(document))], namespaces: () => this.namespaces.values() },
    );
    for (const { action } of result.tasks) this.#do(action);
    void ledger.settle(result, new Set(result.tasks)); // saves at once: nothing in it waits
    return result;
  }

  snapshot(): unknown {
    return Object.fromEntries(
      [...this.namespaces].filter(([, { exists }]) => exists).sort().map((
        [key, namespace],
      ) => [key, namespace.snapshot()]),
    );
  }

  #addresses = 0;

  #do(action: Action): void {
    match(action)
      .with({ kind: "create-namespace" }, ({ namespace }) => {
        const fake = of(namespace);
        if (fake.exists) throw new Error(`${fake.label} exists`);
        fake.exists = true;
        fake.life++;
        fake.isOwn = true;
        const lo = fake.linkList.find(({ name }) => name === "lo");
        if (lo !== undefined) lo.up = true;
      })
      .with({ kind: "adopt" }, { kind: "use" }, { kind: "release" }, { kind: "name-namespace" }, () => undefined)
      .with(
        { kind: "add-entry" },
        { kind: "delete-entry" },
        { kind: "add-vlan" },
        { kind: "delete-vlan" },
        { kind: "restore-qdisc" },
        () => undefined,
      )
      .with({ kind: "delete-namespace" }, ({ namespace }) => {
        const fake = of(namespace);
        for (const link of [...fake.linkList]) if (link.name !== "lo") this.#unlink(fake, link.index);
        fake.exists = false;
        fake.tableList = [];
        fake.isOwn = false;
      })
      .with({ kind: "create-link" }, ({ creation }) => {
        const [origin] = creation.origins;
        const { kind } = creation.request(origin, () => undefined);
        const made = creation.links.map(({ link, mtu = 1500, address }) => {
          const namespace = of(link.namespace);
          if (!namespace.exists || namespace.linkList.some(({ name }) => name === link.name)) {
            throw new Error(`${link.name} exists`);
          }
          const own = address ?? `02:ff:00:00:00:${(++this.#addresses).toString(16).padStart(2, "0")}`;
          const one = namespace.addLink({ name: link.name, kind, up: false, carrier: false, mtu, address: own });
          link.index = one.index;
          link.hardwareAddress = own;
          return { namespace, one };
        });
        const [a, b] = made;
        if (a === undefined || b === undefined) throw new Error("two ends");
        a.one.peerIndex = b.one.index;
        b.one.peerIndex = a.one.index;
        if (a.namespace !== b.namespace) {
          a.one.peerNamespaceId = this.#ids.get(b.namespace);
          b.one.peerNamespaceId = this.#ids.get(a.namespace);
        }
      })
      .with({ kind: "move-link" }, ({ link, from, index, whole }) => {
        const moving = of(from).link(index);
        const addresses = of(from).addressList.filter((one) => one.index === index);
        of(from).flush(index);
        of(from).linkList = of(from).linkList.filter((one) => one !== moving);
        const moved = of(link.namespace).addLink({ ...moving, name: link.name, up: whole && moving.up }).index;
        link.index = moved;
        if (whole) of(link.namespace).addressList.push(...addresses.map((one) => ({ ...one, index: moved })));
      })
      .with({ kind: "change-link" }, ({ link, name, change }) => {
        const [namespace, index] = [of(link.namespace), indexOf(link)];
        const changed = namespace.link(index);
        if (changed.name !== name) throw new Error(`${name} is ${changed.name}`);
        if (change.name !== undefined) {
          if (namespace.linkList.some((other) => other.name === change.name)) throw new Error(`${change.name} exists`);
        }
        if (change.address !== undefined) {
          namespace.neighbourList = namespace.neighbourList.filter((one) => one.index !== index);
        }
        if (change.up === false) namespace.flush(index, (text) => text.includes(":"));
        Object.assign(changed, change);
        this.#carry(namespace, changed);
      })
      .with({ kind: "delete-link" }, ({ ends: [{ namespace, index }] }) => this.#unlink(of(namespace), index))
      .with({ kind: "add-address" }, ({ link, address }) => {
        const [namespace, index] = [of(link.namespace), indexOf(link)];
        if (namespace.addressList.some((one) => one.index === index && one.text === address)) throw new Error("EEXIST");
        const secondary = namespace.addressList.some((one) =>
          one.index === index && network(one.text) === network(address)
        );
        const added = { index, text: address, secondary: secondary && !address.includes(":") };
        // The kernel lists the newest address of IPv6 first.
        namespace.addressList = address.includes(":")
          ? [added, ...namespace.addressList]
          : [...namespace.addressList, added];
      })
      .with({ kind: "delete-address" }, ({ link, address }) => {
        const [namespace, index] = [of(link.namespace), indexOf(link)];
        const gone = namespace.addressList.find((one) => one.index === index && one.text === address);
        if (gone === undefined) throw new Error(`no ${address}`);
        namespace.addressList = namespace.addressList.filter((one) =>
          one !== gone &&
          !(one.index === index && one.secondary && !gone.secondary && network(one.text) === network(address))
        );
        this.#connect(namespace);
        const ip = address.split("/")[0];
        if (!namespace.addressList.some(({ text }) => text.split("/")[0] === ip)) {
          namespace.routeList = namespace.routeList.filter(({ source }) => source !== ip);
        }
        if (
          familyOf(address) === 4 &&
          !namespace.addressList.some((one) => one.index === index && familyOf(one.text) === 4)
        ) {
          namespace.routeList = namespace.routeList.filter((one) =>
            one.index !== index || familyOf(one.destination) !== 4
          );
          namespace.neighbourList = namespace.neighbourList.filter((one) =>
            one.index !== index || familyOf(one.ip) !== 4
          );
        }
      })
      .with({ kind: "add-route" }, ({ link, route, append }) => {
        const namespace = of(link.namespace);
        const isSame = (one: ObservedRoute): boolean => routeKey(one) === routeKey(route);
        if (!append && namespace.routeList.some(isSame)) throw new Error("EEXIST");
        namespace.routeList = [...namespace.routeList, this.#route(link, route)];
      })
      .with({ kind: "replace-route" }, ({ link, route }) => {
        const namespace = of(link.namespace);
        const found = namespace.routeList.findIndex((one) => routeKey(one) === routeKey(route));
        if (found < 0) throw new Error("nothing to replace");
        namespace.routeList = namespace.routeList.with(found, this.#route(link, route));
      })
      .with({ kind: "delete-route" }, ({ link, route }) => {
        const namespace = of(link.namespace);
        const gone = namespace.routeList.find((one) => routeKey(one) === routeKey(route) && one.index === link.index);
        namespace.routeList = namespace.routeList.filter((one) => one !== gone);
      })
      .with({ kind: "set-neighbour" }, ({ link, ip, address, state, protocol }) => {
        const [namespace, index] = [of(link.namespace), indexOf(link)];
        const others = namespace.neighbourList.filter((one) => one.index !== index || one.ip !== ip);
        namespace.neighbourList = [...others, { index, ip, address, state, protocol }];
      })
      .with({ kind: "delete-neighbour" }, ({ link, ip }) => {
        const namespace = of(link.namespace);
        namespace.neighbourList = namespace.neighbourList.filter((one) => one.index !== link.index || one.ip !== ip);
      })
      .with({ kind: "set-qdisc" }, ({ link, qdisc }) => {
        const [fake, linkIndex] = [of(link.namespace), indexOf(link)];
        const others = fake.qdiscList.filter((one) => one.linkIndex !== linkIndex);
        const counters = { bytes: 0n, packets: 0n, drops: 0, overlimits: 0, requeues: 0, backlog: 0, qlen: 0 };
        const state = { handle: IMPAIR_HANDLE, parent: "root", refcnt: 1, offloaded: false, ...counters };
        fake.qdiscList = [...others, { ...qdisc, ...state, linkIndex }];
      })
      .with({ kind: "delete-qdisc" }, ({ link }) => {
        const fake = of(link.namespace);
        fake.qdiscList = fake.qdiscList.filter((one) => one.linkIndex !== indexOf(link));
      })
      .with({ kind: "set-table" }, ({ namespace, table: { name, comment, objects }, isThere }) => {
        const fake = of(namespace);
        const others = fake.tableList.filter((one) => !contentOf([one], name));
        if (!isThere && others.length < fake.tableList.length) throw new Error(`the table ${name} exists`);
        fake.tableList = [...others, { table: { family: "inet", name, comment } }, ...objects];
      })
      .with({ kind: "set-file" }, { kind: "delete-file" }, () => {
        throw new Error("there are no files in memory");
      })
      .with({ kind: "delete-table" }, ({ namespace, name }) => {
        const fake = of(namespace);
        fake.tableList = fake.tableList.filter((one) => !contentOf([one], name));
      })
      // The unit tests have neither rules, sysctls, TUNs nor WireGuard: those are tested on the kernel.
      .with({ kind: P.union("set-sysctl", "add-rule", "delete-rule", "set-tun", "set-wireguard") }, () => {})
      .exhaustive();
    // Each look at the kernel gives new lists.
    for (const namespace of this.namespaces.values()) {
      namespace.linkList = [...namespace.linkList];
      this.#connect(namespace);
    }
  }

  #route(
    link: PlannedLink,
    { destination, table, metric, gateway, source, scope, mtu, type = "unicast", protocol = RTPROT_NETNS, nextHops }:
      RouteFields,
  ): ObservedRoute {
    if (!of(link.namespace).link(indexOf(link)).up) throw new Error(`${link.name} is down`);
    return {
      destination,
      table,
      metric: metric ?? (destination.includes(":") ? 1024 : 0),
      gateway,
      source,
      scope,
      index: indexOf(link),
      type,
      protocol,
      mtu,
      hops: (nextHops ?? [{ link, gateway, weight: 1 }]).map((hop) => (
        { index: indexOf(hop.link), gateway: hop.gateway, weight: hop.weight }
      )),
      plain: type === "unicast" && nextHops === undefined,
      whole: true,
      keyed: true,
    };
  }

  /**
   * For the networks of the addresses of a link that is up, the kernel makes routes when the address or the link comes;
   * for IPv4 with the first address as the source.
   */
  #connect(namespace: FakeNamespace): void {
    const up = new Set(namespace.linkList.filter(({ up }) => up).map(({ index }) => index));
    const now = new Map<string, ObservedRoute>();
    for (const { index, text, secondary } of namespace.addressList) {
      if (!up.has(index) || secondary || text.endsWith("/32")) continue;
      const isIpv4 = familyOf(text) === 4;
      now.set(`${index} ${isIpv4 ? text : network(text)}`, {
        destination: network(text),
        table: 254,
        ...isIpv4 ? { metric: 0, source: text.split("/")[0], scope: "link" } : { metric: 256, scope: "universe" },
        index,
        type: "unicast",
        protocol: RTPROT_KERNEL,
        hops: [{ index, weight: 1 }],
        plain: true,
        whole: true,
        keyed: true,
      });
    }
    const gone = [...namespace.connected].filter(([key]) => !now.has(key)).map(([, route]) => route);
    const come = [...now].filter(([key]) => !namespace.connected.has(key)).map(([, route]) => route);
    namespace.routeList = [...namespace.routeList.filter((one) => !gone.includes(one)), ...come];
    namespace.connected = new Map([...now].map(([key, route]) => [key, namespace.connected.get(key) ?? route]));
  }

  /** The ends of a pair have a carrier if both are up; without one they forget what is not permanent. */
  #carry(namespace: FakeNamespace, link: Mutable<ObservedLink>): void {
    const peer = this.#peerOf(namespace, link);
    if (peer === undefined) return;
    for (const [at, end] of [[namespace, link], [peer.namespace, peer.link]] as const) {
      end.carrier = link.up && peer.link.up;
      if (end.carrier) continue;
      at.neighbourList = at.neighbourList.filter(({ index, state }) => index !== end.index || state === "permanent");
    }
  }

  #peerOf(
    namespace: FakeNamespace,
    link: ObservedLink,
  ): { namespace: FakeNamespace; link: Mutable<ObservedLink> } | undefined {
    for (const other of this.namespaces.values()) {
      const peer = other.linkList.find((one) =>
        link.kind === "veth" && one.kind === "veth" && one.index === link.peerIndex && one.peerIndex === link.index &&
        (other === namespace ? one.peerNamespaceId === undefined : link.peerNamespaceId === this.#ids.get(other))
      );
      if (peer !== undefined) return { namespace: other, link: peer };
    }
    return undefined;
  }

  #unlink(namespace: FakeNamespace, index: number): void {
    const link = namespace.link(index);
    const peer = this.#peerOf(namespace, link);
    namespace.flush(index);
    namespace.linkList = namespace.linkList.filter((one) => one !== link);
    if (peer === undefined) return;
    peer.namespace.flush(peer.link.index);
    peer.namespace.linkList = peer.namespace.linkList.filter((one) => one !== peer.link);
  }
}

const network = (text: string): string => {
  const prefix = parseIpPrefix(text);
  return prefix === undefined ? text : networkOf(prefix).text;
};

function of(namespace: ObservedNamespace): FakeNamespace {
  if (!(namespace instanceof FakeNamespace)) throw new Error("not of this kernel");
  return namespace;
}

function indexOf(link: PlannedLink): number {
  if (link.index === undefined) throw new Error(`${link.name} was not made`);
  return link.index;
}
