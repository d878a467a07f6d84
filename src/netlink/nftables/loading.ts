/** What rules load of packets into registers, and what is known of the packets that come that far. */
import { shown } from "../../errors.ts";
import { checkKeys, isObject } from "./given.ts";
import { COMPARISONS } from "./constants.ts";
import { type Datatype, DATATYPES, encodeValue } from "./datatypes.ts";
import { type Expression, REGISTER } from "./expressions.ts";
import { encodeFib } from "./expressions/fib.ts";
import { encodeNumgen } from "./expressions/numgen.ts";
import type { KeyTypes } from "./key_types.ts";
import { registerOf, wordOf, wordsOf } from "./registers.ts";
import { CT, LINK, mayLackEthernet, META, NETWORK, networkOf, PROTOCOLS, typeOf } from "./selectors.ts";
import type { NftFamily } from "./names.ts";
import type { NftLeft, NftRight, NftSelector } from "./statement_types.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Compiles what a rule loads, and knows what it has asked so far. */
export class Loading {
  readonly expressions: Expression[] = [];
  readonly #family: NftFamily;
  /** What the packets that come this far are known to be. */
  #network: "ipv4" | "ipv6" | undefined;
  #transport: number | undefined;
  #isEthernet: boolean;

  /** Compiles for a table of `family`. */
  constructor(family: NftFamily) {
    this.#family = family;
    this.#network = networkOf(family);
    this.#isEthernet = !mayLackEthernet(family);
  }

  /** The version of IP that is known. */
  get network(): "ipv4" | "ipv6" | undefined {
    return this.#network;
  }

  /**
   * Makes sure that what follows sees only packets of this version of IP.
   *
   * @throws {TypeError} The rule has none of it.
   */
  requireNetwork(network: "ipv4" | "ipv6", at: string): void {
    if (this.#network === network) return;
    if (this.#network !== undefined || this.#family === "arp") {
      throw new TypeError(`Cannot use ${at} here: the packets are not ${network}`);
    }
    const [key, value]: [NftSelector, Bytes] = this.#family === "inet"
      ? [{ meta: { key: "nfproto" } }, encodeValue(DATATYPES.nfproto, network, at)]
      : [{ meta: { key: "protocol" } }, encodeValue(DATATYPES.etherType, network === "ipv4" ? "ip" : "ip6", at)];
    this.load(key, at);
    this.#equal(value);
    this.#network = network;
  }

  /**
   * Makes sure that what follows sees only packets of this protocol above IP.
   *
   * @throws {TypeError} The rule has none of it.
   */
  requireTransport(number: number, at: string): void {
    if (this.#transport === number) return;
    if (this.#transport !== undefined) {
      throw new TypeError(`Cannot use ${at} here: the packets are of another protocol`);
    }
    this.load({ meta: { key: "l4proto" } }, at);
    this.#equal(Uint8Array.of(number));
    this.#transport = number;
  }

  /**
   * Loads what a set or a map is asked for, and gives its types.
   *
   * @throws {TypeError} The library does not know it, or the packets have none of it.
   */
  loadKey(left: NftLeft, at: string, register: number = REGISTER): KeyTypes {
    const types = this.requireKey(left, at);
    if ("concat" in left) {
      let word = wordOf(register);
      for (const [i, part] of left.concat.entries()) {
        this.#fetch(part, at, undefined, registerOf(word));
        word += wordsOf(types[i]?.size ?? 0);
      }
      return types;
    }
    const masked = "&" in left;
    this.#fetch(masked ? left["&"][0] : left, at, undefined, register);
    if (masked) this.mask(this.flags(types[0], left["&"][1], `${at}.&[1]`), register);
    return types;
  }

  /**
   * Makes sure that the packets have what a set or a map is asked for, and gives its types.
   *
   * @throws {TypeError} The library does not know it, or the packets have none of it.
   */
  requireKey(left: NftLeft, at: string): KeyTypes {
    this.checkLeft(left, at);
    if (!("concat" in left)) {
      const selector = "&" in left ? left["&"][0] : left;
      const type = this.typeOf(selector, "&" in left ? `${at}.&[0]` : at);
      this.#require(selector, at);
      return [type];
    }
    const parts = Array.isArray(left.concat) ? left.concat : [];
    const [first, ...others] = parts.map((part, i) => this.typeOf(part, `${at}.concat[${i}]`));
    if (first === undefined || others.length === 0) {
      throw new TypeError(`Cannot use ${shown(left.concat)} as ${at}.concat: expected a list of two or more`);
    }
    for (const part of parts) this.#require(part, at);
    return [first, ...others];
  }

  /** Refuses what is no selector, no pair of a selector and its bits, and no concatenation. */
  protected checkLeft(left: NftLeft, at: string): void {
    const [name, ...others] = isObject(left) ? Object.keys(left) : []; // untyped code may give anything
    if (
      name === undefined || others.length > 0 || !(Object.hasOwn(SELECTORS, name) || name === "&" || name === "concat")
    ) {
      throw unknownSelector(left, at);
    }
    if (!("&" in left)) return;
    const pair: unknown = left["&"];
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw new TypeError(`Cannot use ${shown(pair)} as ${at}.&: expected a pair of what is loaded and its bits`);
    }
  }

  protected typeOf(selector: NftSelector, at: string): Datatype {
    const [[name, own] = ["", undefined], ...others] = isObject(selector) ? Object.entries(selector) : [];
    const keys = others.length === 0 && Object.hasOwn(SELECTORS, name) ? SELECTORS[name] : undefined;
    if (keys === undefined) throw unknownSelector(selector, at);
    checkKeys(own, keys, `${at}.${name}`);
    const type = typeOf(selector);
    if (type !== undefined) return type;
    throw unknownSelector(selector, at);
  }

  /** Makes sure that what follows sees only packets with a header of Ethernet. */
  #requireEthernet(at: string): void {
    if (this.#isEthernet) return;
    this.#fetch({ meta: { key: "iiftype" } }, at, undefined, REGISTER);
    this.#equal(encodeValue(DATATYPES.linkType, "ether", at));
    this.#isEthernet = true;
  }

  /** Loads what is compared into the register; of an address perhaps only the first bytes. */
  protected load(selector: NftSelector, at: string, length?: number): void {
    this.#require(selector, at);
    this.#fetch(selector, at, length, REGISTER);
  }

  /** Makes sure that the packets have what is compared. */
  #require(selector: NftSelector, at: string): void {
    if (!("payload" in selector)) return;
    const { protocol: name, field } = selector.payload;
    const protocol = PROTOCOLS[name];
    if (protocol?.base === LINK) this.#requireEthernet(at);
    const what = `${at} (${name} ${field})`;
    if (protocol?.network !== undefined) this.requireNetwork(protocol.network, what);
    if (protocol?.number !== undefined) this.requireTransport(protocol.number, what);
  }

  #fetch(selector: NftSelector, at: string, length: number | undefined, dreg: number): void {
    if ("meta" in selector) {
      this.expressions.push({ name: "meta", data: { key: META[selector.meta.key]?.key ?? 0, dreg } });
    } else if ("ct" in selector) {
      this.expressions.push({ name: "ct", data: { key: CT[selector.ct.key]?.key ?? 0, dreg } });
    } else if ("fib" in selector) {
      this.expressions.push({ name: "fib", data: encodeFib(selector.fib, dreg, at) });
    } else if ("numgen" in selector) {
      this.expressions.push({ name: "numgen", data: encodeNumgen(selector.numgen, dreg, at) });
    } else {
      const protocol = PROTOCOLS[selector.payload.protocol];
      const field = protocol?.fields[selector.payload.field];
      if (protocol === undefined || field === undefined) return;
      const data = { dreg, base: protocol.base, offset: field.offset, length: length ?? field.type.size };
      this.expressions.push({ name: "payload", data });
    }
  }

  /** What an equality says of the packets that follow. */
  protected learn(selector: NftSelector, right: NftRight): void {
    if ("meta" in selector) {
      const { key } = selector.meta;
      if (key === "nfproto" && (right === "ipv4" || right === "ipv6")) this.#network = right;
      if (key === "protocol" && (right === "ip" || right === "ip6")) this.#network = right === "ip" ? "ipv4" : "ipv6";
      if (key === "iiftype") this.#isEthernet ||= right === "ether";
      if (key === "l4proto") this.#learnTransport(right);
    } else if ("payload" in selector && PROTOCOLS[selector.payload.protocol]?.base === NETWORK) {
      if (["protocol", "nexthdr"].includes(selector.payload.field)) this.#learnTransport(right);
    } else if ("payload" in selector && selector.payload.protocol === "ether") {
      if (right === "ip" || right === "ip6") this.#network = right === "ip" ? "ipv4" : "ipv6";
    }
  }

  #learnTransport(right: NftRight): void {
    const isScalar = typeof right === "string" || typeof right === "number";
    this.#transport = isScalar ? DATATYPES.protocol.encode(right)?.[0] : undefined;
  }

  /** The bytes of a value, or of flags together. */
  protected flags(type: Datatype, right: NftRight, at: string): Bytes {
    if (!Array.isArray(right)) return encodeValue(type, right, at);
    if (type.bits === undefined || right.length === 0) {
      throw new TypeError(`Cannot use ${shown(right)} as ${at}: expected one value; several are { set: [...] }`);
    }
    return right.map((one, i) => encodeValue(type, one, `${at}[${i}]`))
      .reduce((all, bytes) => all.map((byte, i) => byte | (bytes[i] ?? 0)));
  }

  protected mask(mask: Bytes, register: number = REGISTER): void {
    const data = {
      sreg: register,
      dreg: register,
      length: mask.length,
      mask: { value: mask },
      xor: { value: new Uint8Array(mask.length) },
    };
    this.expressions.push({ name: "bitwise", data });
  }

  /** Compares what is loaded for equality. */
  #equal(value: Bytes): void {
    const data = { sreg: REGISTER, op: COMPARISONS["=="] ?? 0, data: { value } };
    this.expressions.push({ name: "cmp", data });
  }
}

/** The selectors, and the keys of each. */
const SELECTORS: Readonly<Record<string, readonly string[]>> = {
  meta: ["key"],
  ct: ["key"],
  fib: ["result", "flags"],
  numgen: ["mode", "mod", "offset"],
  payload: ["protocol", "field"],
};

function unknownSelector(given: unknown, at: string): TypeError {
  const headers = Object.entries(PROTOCOLS).map(([name, { fields }]) => `${name} ${Object.keys(fields).join(" ")}`);
  return new TypeError(
    `Cannot use ${shown(given)} as ${at}: expected meta (${Object.keys(META).join(", ")}), ` +
      `ct (${Object.keys(CT).join(", ")}), fib (type, oifname, oif), numgen or payload (${headers.join(", ")})`,
  );
}
