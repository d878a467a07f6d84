/** What a plan does to links besides what its tasks say: the kernel takes other things along. */
import { addressesOf } from "../observed/lookup.ts";
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import type { AddressBefore } from "../ownership/prior_state.ts";
import { LOOPBACK_INDEX, LOOPBACK_NAME } from "../../netlink/constants/link.ts";
import type { RouteFields } from "./actions.ts";
import { carrierOf, PlannedLink } from "./planned_link.ts";
import { routeKey } from "./route_fields.ts";

/** What an address is given that decides which route the kernel makes to its network. */
export type NetworkOptions = Pick<AddressBefore, "metric" | "noPrefixRoute">;

/** The links that a plan keeps, changes and deletes, and what goes with them. */
export class Effects {
  readonly #kept = new NamespaceSets<number>();
  readonly #gone = new Map<ObservedNamespace, Map<number, string>>();
  readonly #anew = new Map<ObservedNamespace, Map<number, PlannedLink>>();
  readonly #givenBack = new Map<ObservedNamespace, Map<string, PlannedLink>>();
  readonly #lostAddresses = new Map<ObservedNamespace, Map<string, string>>();
  readonly #lostNetworks = new NamespaceSets<string>();
  readonly #broughtBack = new NamespaceSets<string>();
  readonly #withoutIpv4 = new NamespaceSets<number>();
  readonly #links = new Map<ObservedNamespace, Map<number, PlannedLink>>();
  readonly #addresses = new Map<PlannedLink, readonly string[]>();
  readonly #added = new Map<PlannedLink, ReadonlyMap<string, NetworkOptions>>();

  /** The link stays, as an interface of the file. */
  keep(namespace: ObservedNamespace, index: number): void {
    this.#kept.add(namespace, index);
  }

  /** True if the link stays, as an interface of the file. */
  isKept(namespace: ObservedNamespace, index: number): boolean {
    return this.#kept.has(namespace, index);
  }

  /**
   * Somebody's link comes back, which has another name now, is elsewhere, or is made again: its namespace stays.
   *
   * @param addresses Those that it gets again.
   */
  giveBack(link: PlannedLink, addresses: readonly AddressBefore[]): void {
    const { namespace, name } = link;
    const links = this.#givenBack.get(namespace) ?? new Map<string, PlannedLink>();
    this.#givenBack.set(namespace, links.set(name, link));
    if (!link.isNew) return;
    const texts = addresses.map(({ address }) => address);
    this.setAddresses(link, texts, texts, new Map(addresses.map((one) => [one.address, one])));
  }

  /** The link that comes back there under this name. */
  linkGivenBack(namespace: ObservedNamespace, name: string): PlannedLink | undefined {
    return this.#givenBack.get(namespace)?.get(name);
  }

  /** The links that come back there, and are not there now. */
  givenBackTo(namespace: ObservedNamespace): readonly PlannedLink[] {
    return [...this.#givenBack.get(namespace)?.values() ?? []].filter(({ isNew }) => isNew);
  }

  /** The plan deletes the link, or moves it to another namespace, for `item`. */
  take(namespace: ObservedNamespace, index: number, item: string): void {
    const gone = this.#gone.get(namespace) ?? new Map<number, string>();
    this.#gone.set(namespace, gone.set(index, item));
  }

  /** True if the plan deletes the link, or moves it to another namespace. */
  isGone(namespace: ObservedNamespace, index: number): boolean {
    return this.#gone.get(namespace)?.has(index) ?? false;
  }

  /** The item for which a link goes; undefined if it stays. */
  itemOfGone(namespace: ObservedNamespace, index: number): string | undefined {
    return this.#gone.get(namespace)?.get(index);
  }

  /** The namespaces from which links go, and the indices of these, each with its item. */
  goneLinks(): Iterable<readonly [ObservedNamespace, ReadonlyMap<number, string>]> {
    return this.#gone;
  }

  /** The link that goes is made anew, as `link`. */
  makeAnew(namespace: ObservedNamespace, index: number, link: PlannedLink): void {
    const anew = this.#anew.get(namespace) ?? new Map<number, PlannedLink>();
    this.#anew.set(namespace, anew.set(index, link));
  }

  /** What a link that goes is made anew as. */
  madeAnew(namespace: ObservedNamespace, index: number): PlannedLink | undefined {
    return this.#anew.get(namespace)?.get(index);
  }

  /** The namespaces in which links are made anew. */
  withLinksMadeAnew(): readonly ObservedNamespace[] {
    return [...this.#anew.keys()];
  }

  /** Registers what becomes of a link that exists. */
  add(link: PlannedLink): PlannedLink {
    if (link.index === undefined) return link;
    const links = this.#links.get(link.namespace) ?? new Map<number, PlannedLink>();
    this.#links.set(link.namespace, links.set(link.index, link));
    return link;
  }

  /** What becomes of the link with this index, if anybody asked. */
  plannedLink(namespace: ObservedNamespace, index: number): PlannedLink | undefined {
    return this.#links.get(namespace)?.get(index);
  }

  /** Every link that exists and of which {@linkcode Effects.plannedLink} knows. */
  *plannedLinks(): Generator<PlannedLink> {
    for (const links of this.#links.values()) yield* links.values();
  }

  /** What becomes of a link that exists. A link of no interface stays as it is. */
  linkOf(namespace: ObservedNamespace, { name, index, up, carrier }: ObservedLink): PlannedLink {
    return this.#links.get(namespace)?.get(index) ?? this.add(
      new PlannedLink({ namespace, name, index, up, carrier: carrierOf(carrier, up && carrier) }),
    );
  }

  /** The loopback link of a namespace that the plan makes: it has the first index, and is set up. */
  newLoopback(namespace: ObservedNamespace): PlannedLink {
    return this.#links.get(namespace)?.get(LOOPBACK_INDEX) ??
      this.add(new PlannedLink({ namespace, name: LOOPBACK_NAME, index: LOOPBACK_INDEX, up: true, carrier: "stays" }));
  }

  /** True if the plan sets the link down. */
  isGoingDown(namespace: ObservedNamespace, index: number): boolean {
    return this.#links.get(namespace)?.get(index)?.goesDown ?? false;
  }

  /** The address (without a prefix) of the link of `item` goes, even if it is given back at once. */
  loseAddress(namespace: ObservedNamespace, ip: string, item: string): void {
    const lost = this.#lostAddresses.get(namespace) ?? new Map<string, string>();
    this.#lostAddresses.set(namespace, lost.set(ip, item));
  }

  /** The namespaces in which addresses go, and these, each with the item of its link. */
  lostAddresses(): Iterable<readonly [ObservedNamespace, ReadonlyMap<string, string>]> {
    return this.#lostAddresses;
  }

  /** True if the address goes, even if it is given back at once. */
  losesAddress(namespace: ObservedNamespace, ip: string): boolean {
    return this.#lostAddresses.get(namespace)?.has(ip) ?? false;
  }

  /** The link has no address left in an IPv6 network: the kernel takes a route to it. */
  loseNetwork(namespace: ObservedNamespace, index: number, network: string): void {
    this.#lostNetworks.add(namespace, `${index} ${network}`);
  }

  /** True if the link has no address left in the network, in which it had one. */
  losesNetwork(namespace: ObservedNamespace, index: number, network: string): boolean {
    return this.#lostNetworks.has(namespace, `${index} ${network}`);
  }

  /** The link has no IPv4 address for a moment or longer: the kernel takes its IPv4 routes and neighbours. */
  loseIpv4(namespace: ObservedNamespace, index: number): void {
    this.#withoutIpv4.add(namespace, index);
  }

  /** True if the link loses its last IPv4 address, even if it gets others at once. */
  losesIpv4(namespace: ObservedNamespace, index: number): boolean {
    return this.#withoutIpv4.has(namespace, index);
  }

  /** Somebody's route goes with an address of its link, and the plan makes it again. */
  bringBack(namespace: ObservedNamespace, route: Pick<RouteFields, "destination" | "table" | "metric">): void {
    this.#broughtBack.add(namespace, routeKey(route));
  }

  /** True of somebody's route that goes with an address, and that the plan makes again. */
  comesBack(namespace: ObservedNamespace, route: Pick<RouteFields, "destination" | "table" | "metric">): boolean {
    return this.#broughtBack.has(namespace, routeKey(route));
  }

  /**
   * The link has these addresses at the end, the first of each network before the others.
   *
   * @param added Those of them that the plan adds, also such as it deletes first.
   * @param former What those are given that a link had before.
   */
  setAddresses(
    link: PlannedLink,
    texts: readonly string[],
    added: readonly string[],
    former?: ReadonlyMap<string, NetworkOptions>,
  ): void {
    this.#addresses.set(link, texts);
    if (added.length > 0) this.#added.set(link, new Map(added.map((text) => [text, former?.get(text) ?? NO_OPTIONS])));
  }

  /** True if the plan adds this address to the link. */
  isAdded(link: PlannedLink, text: string): boolean {
    return this.#added.get(link)?.has(text) ?? false;
  }

  /** What those addresses have that the link has at the end and that were or are given something. */
  networkOptionsOf(link: PlannedLink): ReadonlyMap<string, NetworkOptions> {
    const added = this.#added.get(link);
    const standing = link.index === undefined ? [] : addressesOf(link.namespace, link.index);
    const given = new Map<string, NetworkOptions>();
    for (const { text, options } of standing) if (isGiven(options) && !added?.has(text)) given.set(text, options);
    for (const [text, options] of added ?? []) if (isGiven(options)) given.set(text, options);
    return given;
  }

  /** The addresses of the links that are new in their namespaces, by these; also of those that have none. */
  addressesOfNewLinks(): ReadonlyMap<ObservedNamespace, readonly string[]> {
    const all = new Map<ObservedNamespace, string[]>();
    for (const [{ namespace, isNew }, texts] of this.#addresses) {
      const known = all.get(namespace);
      if (isNew && known === undefined) all.set(namespace, [...texts]);
      else if (isNew) known?.push(...texts);
    }
    return all;
  }

  /** The addresses that the link has at the end, the first of each network before the others. */
  addressesOf(link: PlannedLink): readonly string[] {
    const planned = this.#addresses.get(link);
    if (planned !== undefined || link.index === undefined) return planned ?? [];
    return addressesOf(link.namespace, link.index).map(({ text }) => text);
  }
}

const NO_OPTIONS: NetworkOptions = {};

const isGiven = (options?: NetworkOptions): options is NetworkOptions => (
  options?.metric !== undefined || options?.noPrefixRoute === true
);

/** A set of values for each namespace. */
export class NamespaceSets<T> {
  readonly #sets = new Map<ObservedNamespace, Set<T>>();

  /** Adds a value; false if the namespace has it already. */
  add(namespace: ObservedNamespace, value: T): boolean {
    let set = this.#sets.get(namespace);
    if (set === undefined) this.#sets.set(namespace, set = new Set());
    const before = set.size;
    return set.add(value).size > before;
  }

  /** True if the namespace has the value. */
  has(namespace: ObservedNamespace, value: T): boolean {
    return this.#sets.get(namespace)?.has(value) ?? false;
  }
}
