/** What is in a namespace: each question goes to the kernel once, and its answer is kept. */
import { LOOPBACK_INDEX } from "../../netlink/constants/link.ts";
import { AF_INET, AF_INET6 } from "../../../ffi/mod.ts";
import { isErrno, NetlinkError } from "../../errors.ts";
import type { Address } from "../../netlink/address/types.ts";
import type { ForwardingEntry } from "../../netlink/bridge/forwarding.ts";
import type { BridgeVlan } from "../../netlink/bridge/vlans.ts";
import type { Netlink } from "../../netlink/netlink.ts";
import type { Nftables } from "../../netlink/nftables/nftables.ts";
import type { NftObject } from "../../netlink/nftables/types.ts";
import type { Rule } from "../../netlink/rule/types.ts";
import type { Qdisc } from "../../netlink/tc/qdisc/types.ts";
import type { WireguardDevice } from "../../netlink/wireguard/types.ts";
import type { Wireguard } from "../../netlink/wireguard/wireguard.ts";
import type { NsHandle } from "../../netns/handle.ts";
import { readSysctls } from "../../sysctl/sysctl.ts";
import { Indexes, lookup } from "./indexes.ts";
import { observedAddress, observedLink, observedNeighbour, observedRoute } from "./kernel_answers.ts";
import { type LinkExtras, linkExtras } from "./link_extras.ts";
import type {
  ObservedAddress,
  ObservedLink,
  ObservedNamespace,
  ObservedNeighbour,
  ObservedRoute,
} from "./observed_namespace.ts";

/** The kernel's numbers for the IP versions. */
const AF = { 4: AF_INET, 6: AF_INET6 } as const;
/** What the kernel says where it has no nf_tables. */
const WITHOUT_NFTABLES = ["EPROTONOSUPPORT", "EOPNOTSUPP", "EINVAL"] as const;
/** What the kernel says of a WireGuard link that is gone, or is none any more. */
const GONE: ReadonlySet<string> = new Set(["ENODEV", "EOPNOTSUPP"]);
/** With so few links, the addresses of one are asked for instead of all: those of the loopback link mostly tell nothing. */
const FEW_LINKS = 2;

const addressesByLink = lookup((address: ObservedAddress) => address.index);
const entriesByLink = lookup((entry: ForwardingEntry) => entry.linkIndex);

/** The questions of {@linkcode ObservedNamespace}; what a namespace is, and its sockets, are its own. */
export abstract class KernelQuestions {
  /** The error of the last question that failed. */
  failure: { readonly error: unknown } | undefined;
  /** As {@linkcode ObservedNamespace.indexes}. */
  readonly indexes: Indexes = new Indexes();
  #links: readonly ObservedLink[] | undefined;
  #addresses: readonly ObservedAddress[] | undefined;
  #addressesOf: Map<number, readonly ObservedAddress[]> | undefined;
  // The maps are made at the first use: of most namespaces only the links are read.
  #routes: Map<string, readonly ObservedRoute[]> | undefined;
  #neighbours: Map<number, readonly ObservedNeighbour[]> | undefined;
  #tables: { readonly list: readonly NftObject[] | undefined } | undefined;
  #rules: Map<number, readonly Rule[]> | undefined;
  #qdiscs: readonly Qdisc[] | undefined;
  #ids: Map<ObservedNamespace, number | undefined> | undefined;
  #bridgeVlans: readonly BridgeVlan[] | undefined;
  #forwarding: readonly ForwardingEntry[] | undefined;

  /** As {@linkcode ObservedNamespace.exists}. */
  abstract get exists(): boolean;
  /** The open namespace. */
  abstract get handle(): NsHandle;
  /** The socket in the namespace. */
  abstract get netlink(): Netlink;
  /** The socket of nf_tables in the namespace. */
  abstract get nftables(): Nftables;
  /** The socket of WireGuard in the namespace. */
  abstract get wireguardSocket(): Wireguard;

  /** Forgets what was read: the next question goes to the kernel. */
  forget(): void {
    this.forgetLinks();
    this.#addresses = undefined;
    this.#addressesOf = undefined;
    this.#routes = undefined;
    this.#neighbours = undefined;
    this.#tables = undefined;
    this.#rules = undefined;
    this.#qdiscs = undefined;
    this.#ids = undefined;
    this.#bridgeVlans = undefined;
    this.#forwarding = undefined;
  }

  /** Forgets which links there are. */
  forgetLinks(): void {
    this.#links = undefined;
    this.indexes.clear();
  }

  /** As {@linkcode ObservedNamespace.links}. */
  links(): readonly ObservedLink[] {
    if (!this.exists) return [];
    return this.#links ??= this.#ask((netlink) => netlink.listLinks()).map(observedLink);
  }

  /** As {@linkcode ObservedNamespace.addresses}. */
  addresses(): readonly ObservedAddress[] {
    if (!this.exists) return [];
    return this.#addresses ??= this.#ask((netlink) => netlink.listAddresses()).map(observedAddress);
  }

  /** As {@linkcode ObservedNamespace.addressesOf}. */
  addressesOf(index: number): readonly ObservedAddress[] {
    if (!this.exists || index < LOOPBACK_INDEX) return [];
    if (this.#addresses !== undefined || this.links().length > FEW_LINKS) {
      return addressesByLink(this, this.addresses(), index);
    }
    this.#addressesOf ??= new Map();
    const known = this.#addressesOf.get(index) ??
      this.#ask((netlink) => addressesAt(netlink, index)).map(observedAddress);
    this.#addressesOf.set(index, known);
    return known;
  }

  /** As {@linkcode ObservedNamespace.routes}. Only what is asked for is read: each address has several routes. */
  routes(family: 4 | 6, table: number): readonly ObservedRoute[] {
    if (!this.exists) return [];
    const key = `${family} ${table}`;
    this.#routes ??= new Map();
    const known = this.#routes.get(key) ??
      this.#ask((netlink) => netlink.listRoutes({ family: AF[family], table })).map(observedRoute);
    this.#routes.set(key, known);
    return known;
  }

  /** As {@linkcode ObservedNamespace.routesOf}. */
  routesOf(index: number): readonly ObservedRoute[] {
    return this.exists ? this.#ask((netlink) => netlink.listRoutes({ linkIndex: index })).map(observedRoute) : [];
  }

  /** As {@linkcode ObservedNamespace.allRoutes}. */
  allRoutes(family: 4 | 6): readonly ObservedRoute[] {
    return this.exists ? this.#ask((netlink) => netlink.listRoutes({ family: AF[family] })).map(observedRoute) : [];
  }

  /** As {@linkcode ObservedNamespace.neighbours}. */
  neighbours(family: 4 | 6): readonly ObservedNeighbour[] {
    if (!this.exists) return [];
    this.#neighbours ??= new Map();
    const known = this.#neighbours.get(family) ??
      this.#ask((netlink) => netlink.listNeighbours({ family: AF[family] })).filter(({ proxy }) => !proxy)
        .map(observedNeighbour);
    this.#neighbours.set(family, known);
    return known;
  }

  /** As {@linkcode ObservedNamespace.rules}. */
  rules(family: 4 | 6): readonly Rule[] {
    if (!this.exists) return [];
    this.#rules ??= new Map();
    const known = this.#rules.get(family) ?? this.#ask((netlink) => netlink.listRules({ family: AF[family] }));
    this.#rules.set(family, known);
    return known;
  }

  /** As {@linkcode ObservedNamespace.sysctls}. Nothing is kept: they are few, and asked for once. */
  sysctls(keys: readonly string[]): ReadonlyMap<string, string> {
    return !this.exists || keys.length === 0 ? new Map() : readSysctls(this.handle, keys);
  }

  /** As {@linkcode ObservedNamespace.tables}. */
  tables(): readonly NftObject[] | undefined {
    if (!this.exists) return [];
    this.#tables ??= { list: this.#ruleset() };
    return this.#tables.list;
  }

  #ruleset(): readonly NftObject[] | undefined {
    try {
      return this.nftables.list();
    } catch (error) {
      if (isErrno(error, ...WITHOUT_NFTABLES)) return undefined;
      this.failure = { error };
      throw error;
    }
  }

  /** As {@linkcode ObservedNamespace.qdiscs}. */
  qdiscs(): readonly Qdisc[] {
    if (!this.exists) return [];
    return this.#qdiscs ??= this.#ask((netlink) => netlink.listQdiscs());
  }

  /** As {@linkcode ObservedNamespace.extras}. */
  extras(link: ObservedLink): LinkExtras {
    return this.#ask((netlink) => linkExtras(this.handle, netlink, link));
  }

  /** As {@linkcode ObservedNamespace.bridgeVlans}. */
  bridgeVlans(index: number): readonly BridgeVlan[] {
    if (!this.exists) return [];
    this.#bridgeVlans ??= this.#ask((netlink) => netlink.listBridgeVlans());
    return this.#bridgeVlans.filter(({ linkIndex, self }) => linkIndex === index && !self);
  }

  /** As {@linkcode ObservedNamespace.wireguard}. Nothing is kept: handshakes and endpoints change by themselves. */
  wireguard(index: number): WireguardDevice | undefined {
    if (!this.exists) return undefined;
    try {
      return this.wireguardSocket.getDevice({ index });
    } catch (error) {
      if (error instanceof NetlinkError && GONE.has(error.code)) return undefined;
      this.failure = { error };
      throw error;
    }
  }

  /** As {@linkcode ObservedNamespace.forwarding}. The kernel gives those of all links, so they are read once. */
  forwarding(index: number): readonly ForwardingEntry[] {
    if (!this.exists) return [];
    this.#forwarding ??= this.#ask((netlink) => netlink.listForwardingEntries());
    return entriesByLink(this, this.#forwarding, index);
  }

  /** As {@linkcode ObservedNamespace.namespaceId}. */
  namespaceId(other: ObservedNamespace): number | undefined {
    this.#ids ??= new Map();
    if (!this.#ids.has(other)) {
      const id = other instanceof KernelQuestions && other.exists
        ? this.#ask((netlink) => netlink.getNamespaceId(other.handle))
        : undefined;
      this.#ids.set(other, id);
    }
    return this.#ids.get(other);
  }

  /** Asks the kernel, and remembers that it could not be asked. */
  #ask<T>(question: (netlink: Netlink) => T): T {
    try {
      return question(this.netlink);
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}

/** The addresses of one link; none of one that has just gone. */
function addressesAt(netlink: Netlink, linkIndex: number): readonly Address[] {
  try {
    return netlink.listAddresses({ linkIndex });
  } catch (error) {
    if (error instanceof NetlinkError && error.code === "ENODEV") return [];
    throw error;
  }
}
