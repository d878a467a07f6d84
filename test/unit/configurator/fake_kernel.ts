/**
 * Namespaces in memory that behave as the kernel does where a plan depends on it: pairs go together, the first IPv4
 * address of a network takes the others along, the last IPv4 address the IPv4 routes and neighbours; a link that is set
 * down loses IPv6 addresses, routes and neighbours; without a carrier, neighbours that are not permanent go.
 */
import { match } from "npm:ts-pattern@5.9.2";
import type { Action, RouteFields, Slot } from "../../../src/configurator/plan/actions.ts";
import { plan } from "../../../src/configurator/plan/plan.ts";
import type { Drawn } from "../../../src/configurator/plan/plan.ts";
import type { Unavailable } from "../../../src/configurator/plan/plan_builder.ts";
import { routeKey } from "../../../src/configurator/plan/routes.ts";
import {
  type ActualAddress,
  type ActualLink,
  type ActualNeighbour,
  type ActualRoute,
  familyOf,
  type Space,
} from "../../../src/configurator/observed/observed_namespace.ts";
import { type NetworkConfig, readConfig } from "../../../src/models/config.ts";
import { networkOf, parseIpPrefix } from "../../../src/ip/address.ts";
import { namespaceKey } from "../../../src/models/references.ts";

/** NUD_PERMANENT of linux/neighbour.h. */
const PERMANENT = 0x80;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class FakeSpace implements Space {
  linkList: Mutable<ActualLink>[] = [];
  addressList: ActualAddress[] = [];
  routeList: ActualRoute[] = [];
  neighbourList: ActualNeighbour[] = [];
  exists = true;
  #nextIndex = 1;
  readonly ids: Map<FakeSpace, number>;

  readonly name: string | undefined;

  constructor(readonly label: string, ids: Map<FakeSpace, number>) {
    this.ids = ids;
    this.name = label === "the default namespace" ? undefined : label;
    this.addLink({ name: "lo", up: false, carrier: true, mtu: 65536 });
  }

  // Copies, as each look at the kernel gives: look-ups are remembered by list.
  links(): readonly ActualLink[] {
    return this.exists ? this.linkList : [];
  }
  addresses(): readonly ActualAddress[] {
    return this.addressList;
  }
  routes(family: 4 | 6, table: number): readonly ActualRoute[] {
    return this.routeList.filter((one) => familyOf(one.destination) === family && one.table === table);
  }
  neighbours(family: 4 | 6): readonly ActualNeighbour[] {
    return this.neighbourList.filter(({ ip }) => familyOf(ip) === family);
  }
  namespaceId(other: Space): number | undefined {
    return other instanceof FakeSpace ? this.ids.get(other) : undefined;
  }

  addLink(link: Omit<ActualLink, "index">): Mutable<ActualLink> {
    const made = { index: this.#nextIndex++, ...link };
    this.linkList = [...this.linkList, made];
    return made;
  }

  link(index: number): Mutable<ActualLink> {
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
      links: sorted(this.linkList.map(({ name, up, mtu, address }) => ({ name, up, mtu, address: address ?? "" }))),
      addresses: sorted(this.addressList.map(({ index, ...rest }) => ({ link: name(index), ...rest }))),
      routes: sorted(this.routeList.map(({ index, ...rest }) => ({ link: name(index), ...rest }))),
      neighbours: sorted(this.neighbourList.map(({ index, ...rest }) => ({ link: name(index), ...rest }))),
    };
  }
}

export class FakeKernel {
  readonly spaces: Map<string, FakeSpace> = new Map();
  readonly #ids = new Map<FakeSpace, number>();
  made: string[] = [];
  /** Namespaces that are not there, by their keys. */
  readonly missing: Map<string, Unavailable> = new Map();
  readonly occupied: Map<string, string> = new Map();

  constructor() {
    this.space("0:0").exists = true;
  }

  space(key: string): FakeSpace {
    let space = this.spaces.get(key);
    if (space === undefined) {
      space = new FakeSpace(key === "0:0" ? "the default namespace" : key.replace(/^2:/, ""), this.#ids);
      space.exists = false;
      this.#ids.set(space, this.#ids.size);
      this.spaces.set(key, space);
    }
    return space;
  }

  named(name: string): FakeSpace {
    return this.space(`2:${name}`);
  }

  plan(document: unknown, ...earlier: NetworkConfig[]): Drawn {
    return plan({
      config: readConfig(document),
      earlier,
      made: this.made,
      spaceOf: (ns) => this.missing.get(namespaceKey(ns)) ?? this.space(namespaceKey(ns)),
      spaces: () => this.spaces.values(),
      connect: () => undefined,
      occupants: ({ label }) => this.occupied.get(label),
    });
  }

  /** Plans and does it; gives the lines of what was done. */
  apply(document: unknown, ...earlier: NetworkConfig[]): Drawn {
    const drawn = this.plan(document, ...earlier);
    for (const { action } of drawn.tasks) this.#do(action);
    return drawn;
  }

  snapshot(): unknown {
    return Object.fromEntries(
      [...this.spaces].filter(([, { exists }]) => exists).sort().map(([key, space]) => [key, space.snapshot()]),
    );
  }

  #do(action: Action): void {
    match(action)
      .with({ kind: "create-namespace" }, ({ space }) => {
        const fake = of(space);
        if (fake.exists) throw new Error(`${fake.label} exists`);
        fake.exists = true;
        this.made.push(fake.label);
      })
      .with({ kind: "delete-namespace" }, ({ space, name }) => {
        const fake = of(space);
        for (const link of [...fake.linkList]) if (link.name !== "lo") this.#unlink(fake, link.index);
        fake.exists = false;
        this.made = this.made.filter((one) => one !== name);
      })
      .with({ kind: "create-link" }, ({ ends: [a, b] }) => {
        const [left, right] = [a, b].map(({ slot, mtu, address }) => {
          const space = of(slot.space);
          if (!space.exists || space.linkList.some(({ name }) => name === slot.name)) {
            throw new Error(`${slot.name} exists`);
          }
          const link = space.addLink({
            name: slot.name,
            kind: "veth",
            up: false,
            carrier: false,
            mtu: mtu ?? 1500,
            address,
          });
          slot.index = link.index;
          return link;
        });
        if (left === undefined || right === undefined) throw new Error("two ends");
        left.peerIndex = right.index;
        right.peerIndex = left.index;
        if (a.slot.space !== b.slot.space) {
          left.peerNamespaceId = this.#ids.get(of(b.slot.space));
          right.peerNamespaceId = this.#ids.get(of(a.slot.space));
        }
      })
      .with({ kind: "move-link" }, ({ slot, from, index, whole }) => {
        const link = of(from).link(index);
        const addresses = of(from).addressList.filter((one) => one.index === index);
        of(from).flush(index);
        of(from).linkList = of(from).linkList.filter((one) => one !== link);
        const moved = of(slot.space).addLink({ ...link, name: slot.name, up: whole && link.up }).index;
        slot.index = moved;
        if (whole) of(slot.space).addressList.push(...addresses.map((one) => ({ ...one, index: moved })));
      })
      .with({ kind: "change-link" }, ({ slot, name, change }) => {
        const [space, index] = [of(slot.space), indexOf(slot)];
        const link = space.link(index);
        if (link.name !== name) throw new Error(`${name} is ${link.name}`);
        if (change.name !== undefined) {
          if (space.linkList.some((other) => other.name === change.name)) throw new Error(`${change.name} exists`);
        }
        if (change.address !== undefined) {
          space.neighbourList = space.neighbourList.filter((one) => one.index !== index);
        }
        if (change.up === false) space.flush(index, (text) => text.includes(":"));
        Object.assign(link, change);
        this.#carry(space, link);
      })
      .with({ kind: "delete-link" }, ({ ends: [{ space, index }] }) => this.#unlink(of(space), index))
      .with({ kind: "add-address" }, ({ slot, address }) => {
        const [space, index] = [of(slot.space), indexOf(slot)];
        if (space.addressList.some((one) => one.index === index && one.text === address)) throw new Error("EEXIST");
        const secondary = space.addressList.some((one) =>
          one.index === index && network(one.text) === network(address)
        );
        space.addressList = [...space.addressList, {
          index,
          text: address,
          secondary: secondary && !address.includes(":"),
        }];
      })
      .with({ kind: "delete-address" }, ({ slot, address }) => {
        const [space, index] = [of(slot.space), indexOf(slot)];
        const gone = space.addressList.find((one) => one.index === index && one.text === address);
        if (gone === undefined) throw new Error(`no ${address}`);
        space.addressList = space.addressList.filter((one) =>
          one !== gone &&
          !(one.index === index && one.secondary && !gone.secondary && network(one.text) === network(address))
        );
        const ip = address.split("/")[0];
        if (!space.addressList.some(({ text }) => text.split("/")[0] === ip)) {
          space.routeList = space.routeList.filter(({ source }) => source !== ip);
        }
        if (
          familyOf(address) === 4 && !space.addressList.some((one) => one.index === index && familyOf(one.text) === 4)
        ) {
          space.routeList = space.routeList.filter((one) => one.index !== index || familyOf(one.destination) !== 4);
          space.neighbourList = space.neighbourList.filter((one) => one.index !== index || familyOf(one.ip) !== 4);
        }
      })
      .with({ kind: "add-route" }, ({ slot, route }) => {
        const space = of(slot.space);
        if (space.routeList.some((one) => routeKey(one) === routeKey(route))) throw new Error("EEXIST");
        space.routeList = [...space.routeList, this.#route(slot, route)];
      })
      .with({ kind: "replace-route" }, ({ slot, route }) => {
        const space = of(slot.space);
        const others = space.routeList.filter((one) => routeKey(one) !== routeKey(route));
        if (others.length === space.routeList.length) throw new Error("nothing to replace");
        space.routeList = [...others, this.#route(slot, route)];
      })
      .with({ kind: "delete-route" }, ({ slot, route }) => {
        const space = of(slot.space);
        space.routeList = space.routeList.filter((one) => routeKey(one) !== routeKey(route));
      })
      .with({ kind: "set-neighbour" }, ({ slot, ip, address, state }) => {
        const [space, index] = [of(slot.space), indexOf(slot)];
        const others = space.neighbourList.filter((one) => one.index !== index || one.ip !== ip);
        space.neighbourList = [...others, { index, ip, address, state }];
      })
      .with({ kind: "delete-neighbour" }, ({ slot, ip }) => {
        const space = of(slot.space);
        space.neighbourList = space.neighbourList.filter((one) => one.index !== slot.index || one.ip !== ip);
      })
      .exhaustive();
    // Each look at the kernel gives new lists.
    for (const space of this.spaces.values()) space.linkList = [...space.linkList];
  }

  #route(slot: Slot, { destination, table, metric, gateway, source, scope }: RouteFields): ActualRoute {
    if (!of(slot.space).link(indexOf(slot)).up) throw new Error(`${slot.name} is down`);
    return {
      destination,
      table,
      metric: metric ?? (destination.includes(":") ? 1024 : 0),
      gateway,
      source,
      scope,
      index: indexOf(slot),
      plain: true,
      kernel: false,
    };
  }

  /** The ends of a pair have a carrier if both are up; without one they forget what is not permanent. */
  #carry(space: FakeSpace, link: Mutable<ActualLink>): void {
    const peer = this.#peerOf(space, link);
    if (peer === undefined) return;
    for (const [at, end] of [[space, link], [peer.space, peer.link]] as const) {
      end.carrier = link.up && peer.link.up;
      if (end.carrier) continue;
      at.neighbourList = at.neighbourList.filter(({ index, state }) => index !== end.index || state === PERMANENT);
    }
  }

  #peerOf(space: FakeSpace, link: ActualLink): { space: FakeSpace; link: Mutable<ActualLink> } | undefined {
    for (const other of this.spaces.values()) {
      const peer = other.linkList.find((one) =>
        link.kind === "veth" && one.kind === "veth" && one.index === link.peerIndex && one.peerIndex === link.index &&
        (other === space ? one.peerNamespaceId === undefined : link.peerNamespaceId === this.#ids.get(other))
      );
      if (peer !== undefined) return { space: other, link: peer };
    }
    return undefined;
  }

  #unlink(space: FakeSpace, index: number): void {
    const link = space.link(index);
    const peer = this.#peerOf(space, link);
    space.flush(index);
    space.linkList = space.linkList.filter((one) => one !== link);
    if (peer === undefined) return;
    peer.space.flush(peer.link.index);
    peer.space.linkList = peer.space.linkList.filter((one) => one !== peer.link);
  }
}

const network = (text: string): string => {
  const prefix = parseIpPrefix(text);
  return prefix === undefined ? text : networkOf(prefix).text;
};

function of(space: Space): FakeSpace {
  if (!(space instanceof FakeSpace)) throw new Error("not of this kernel");
  return space;
}

function indexOf(slot: Slot): number {
  if (slot.index === undefined) throw new Error(`${slot.name} was not made`);
  return slot.index;
}
