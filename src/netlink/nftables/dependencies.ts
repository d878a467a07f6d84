/** What is known of the packets that a rule still sees, and which comparisons another one implies. */
import { DATATYPES } from "./datatypes.ts";
import { LINK, mayLackEthernet, NETWORK, networkOf, PROTOCOLS, TRANSPORT } from "./selectors.ts";
import type { NftFamily } from "./names.ts";
import type { NftRight, NftSelector, NftStatement } from "./statement_types.ts";

/** A comparison that a later statement may imply; then it is not written. */
interface Dependency {
  readonly statement: NftStatement;
  /** True of a field of IP, which is written in families that have more than IP. */
  readonly isField: boolean;
}

/** The comparisons of a rule that is read, which later ones may imply. */
export class Dependencies {
  readonly #family: NftFamily;
  /** The statements of the rule so far. */
  readonly #statements: NftStatement[];
  #network: "ipv4" | "ipv6" | undefined;
  #transport: number | undefined;
  #isEthernet: boolean;
  readonly #dependencies: {
    link?: Dependency | undefined;
    network?: Dependency | undefined;
    transport?: Dependency | undefined;
  } = {};

  /** A statement that is implied is removed from `statements`. */
  constructor(family: NftFamily, statements: NftStatement[]) {
    this.#family = family;
    this.#statements = statements;
    this.#network = networkOf(family);
    this.#isEthernet = !mayLackEthernet(family);
  }

  /** The version of IP, if it is known. */
  get network(): "ipv4" | "ipv6" | undefined {
    return this.#network;
  }

  /** The protocol whose header is at `base`, as far as it is known. */
  protocolAt(base: number): string | undefined {
    if (base === LINK) return this.#isEthernet ? "ether" : undefined; // of packets that have no such header, too
    if (base === NETWORK) return this.#network === undefined ? undefined : this.#network === "ipv4" ? "ip" : "ip6";
    if (base !== TRANSPORT) return undefined;
    return Object.keys(PROTOCOLS).find((name) => (
      this.#transport !== undefined && PROTOCOLS[name]?.number === this.#transport
    )) ?? "th";
  }

  /** What was compared for the sake of what follows is not written. */
  imply(layer: "link" | "network" | "transport"): void {
    const dependency = this.#dependencies[layer];
    const isWritten = dependency?.isField === true && networkOf(this.#family) === undefined;
    if (dependency === undefined || isWritten) return;
    this.#statements.splice(this.#statements.indexOf(dependency.statement), 1);
    this.#dependencies[layer] = undefined;
  }

  /** What an equality says of the packets that follow. */
  learn(selector: NftSelector, right: NftRight): void {
    const statement = this.#statements.at(-1);
    if (statement === undefined) return;
    const network = right === "ipv4" || right === "ip"
      ? "ipv4"
      : right === "ipv6" || right === "ip6"
      ? "ipv6"
      : undefined;
    const isOfNetwork = "meta" in selector
      ? ["nfproto", "protocol"].includes(selector.meta.key)
      : "payload" in selector && selector.payload.protocol === "ether" && selector.payload.field === "type";
    if (isOfNetwork && network !== undefined) {
      this.#network = network;
      this.#dependencies.network = { statement, isField: false };
    } else if ("meta" in selector && ["iiftype", "oiftype"].includes(selector.meta.key) && right === "ether") {
      this.#isEthernet = true;
      const isImplied = selector.meta.key === "iiftype" && mayLackEthernet(this.#family);
      if (isImplied) this.#dependencies.link = { statement, isField: false };
    } else if ("meta" in selector && selector.meta.key === "l4proto") {
      this.#learnTransport(right, { statement, isField: false });
    } else if ("payload" in selector && ["protocol", "nexthdr"].includes(selector.payload.field)) {
      this.#learnTransport(right, { statement, isField: true });
    }
  }

  #learnTransport(right: NftRight, dependency: Dependency): void {
    const isScalar = typeof right === "string" || typeof right === "number";
    this.#transport = isScalar ? DATATYPES.protocol.encode(right)?.[0] : undefined;
    if (this.#transport === undefined) return;
    const protocol = Object.values(PROTOCOLS).find(({ number }) => number === this.#transport);
    if (protocol === undefined) return; // what follows is a port of any protocol, and implies none
    const version = protocol.network;
    if (version !== undefined && version === this.#network) this.imply("network"); // ICMP is of one version of IP
    this.#dependencies.transport = dependency;
  }
}
