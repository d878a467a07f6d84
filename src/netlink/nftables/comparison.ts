/** Comparisons of a rule: what of the packet is loaded, and with what it is compared. */
import { shown } from "../../errors.ts";
import { COMPARISONS } from "./constants.ts";
import { type Datatype, DATATYPES, encodeValue } from "./datatypes.ts";
import { type Expression, REGISTER } from "./expressions.ts";
import { encodeFib } from "./expressions/fib.ts";
import { type Interval, intervalOf, isInterval, isWildcard, maskBytes } from "./intervals.ts";
import { CT, META, NETWORK, networkOf, PROTOCOLS, typeOf } from "./selectors.ts";
import type { NftElement, NftFamily, NftMatch, NftRight, NftSelector } from "./types.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A set that a rule has for itself, and that is made with it. */
export interface AnonymousSet {
  /** Its number in the batch. */
  readonly id: number;
  readonly type: Datatype;
  readonly intervals: boolean;
  readonly elements: readonly NftElement[];
  /** Where it stands, for errors. */
  readonly at: string;
}

/** The name that the kernel completes with a number. */
export const ANONYMOUS_NAME = "__set%d";
/** NFT_LOOKUP_F_INV */
const INVERTED = 1;
/** NFT_BYTEORDER_HTON */
const TO_NETWORK_ORDER = 1;

/** Compiles what a rule asks of packets, and knows what it has asked so far. */
export class Comparisons {
  readonly expressions: Expression[] = [];
  readonly sets: AnonymousSet[] = [];
  readonly #family: NftFamily;
  readonly #newSetId: () => number;
  /** What the packets that come this far are known to be. */
  #network: "ipv4" | "ipv6" | undefined;
  #transport: number | undefined;

  /** Compiles for a table of `family`; `newSetId` gives each set of the batch a number. */
  constructor(family: NftFamily, newSetId: () => number) {
    this.#family = family;
    this.#newSetId = newSetId;
    this.#network = networkOf(family);
  }

  /** The version of IP that is known. */
  get network(): "ipv4" | "ipv6" | undefined {
    return this.#network;
  }

  /**
   * Compiles a comparison.
   *
   * @throws {TypeError} The library does not know what is compared, or it cannot be compared with that.
   */
  match({ left, right, op: given }: NftMatch["match"], at: string): void {
    const masked = typeof left === "object" && left !== null && "&" in left;
    const selector = masked ? left["&"][0] : left;
    const type = this.#typeOf(selector, `${at}.left`);
    const op = given ?? (type.bits === undefined ? "==" : "in");
    const path = `${at}.right`;
    if (op !== "in" && !Object.hasOwn(COMPARISONS, op)) {
      throw new TypeError(`Cannot use ${shown(op)} as ${at}.op: expected ${Object.keys(COMPARISONS).join(", ")}, in`);
    }
    if (masked) {
      this.#load(selector, at);
      const mask = this.#flags(type, left["&"][1], `${at}.left`);
      this.#mask(mask);
      return this.#compare(op, this.#flags(type, right, path), at);
    }
    if (op === "in") return this.#bits(selector, type, right, at);
    if (typeof right === "string" && right.startsWith("@")) {
      this.#load(selector, at);
      return this.#lookup(right.slice(1), undefined, op, at);
    }
    if (typeof right === "object" && right !== null && "set" in right) {
      return this.#anonymous(selector, type, right.set, op, at);
    }
    if (isInterval(right)) {
      return this.#interval(selector, type, intervalOf(type, right, path), right, op, at);
    }
    this.#load(selector, at);
    if (op !== "==" && op !== "!=") this.#swap(type);
    const value = this.#flags(type, right, path);
    this.#compare(op, op !== "==" && op !== "!=" && !type.big ? value.slice().reverse() : value, at);
    if (op === "==") this.#learn(selector, right);
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
    this.#load(key, at);
    this.#compare("==", value, at);
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
    this.#load({ meta: { key: "l4proto" } }, at);
    this.#compare("==", Uint8Array.of(number), at);
    this.#transport = number;
  }

  #typeOf(selector: NftSelector, at: string): Datatype {
    const isObject = typeof selector === "object" && selector !== null; // untyped code may give anything
    const type = isObject && ["meta", "ct", "fib", "payload"].some((name) => name in selector)
      ? typeOf(selector)
      : undefined;
    if (type !== undefined) return type;
    throw new TypeError(
      `Cannot use ${shown(selector)} as ${at}: expected meta (${Object.keys(META).join(", ")}), ` +
        `ct (${Object.keys(CT).join(", ")}), fib (type, oifname) or payload (${
          Object.entries(PROTOCOLS).map(([name, { fields }]) => `${name} ${Object.keys(fields).join(" ")}`).join(", ")
        })`,
    );
  }

  /** Loads what is compared into the register; of an address perhaps only the first bytes. */
  #load(selector: NftSelector, at: string, length?: number): void {
    if ("meta" in selector) {
      const key = META[selector.meta.key]?.key ?? 0;
      this.expressions.push({ name: "meta", data: { key, dreg: REGISTER } });
    } else if ("ct" in selector) {
      const key = CT[selector.ct.key]?.key ?? 0;
      this.expressions.push({ name: "ct", data: { key, dreg: REGISTER } });
    } else if ("fib" in selector) {
      this.expressions.push({ name: "fib", data: encodeFib(selector.fib, REGISTER, at) });
    } else {
      const { protocol: name, field: fieldName } = selector.payload;
      const protocol = PROTOCOLS[name];
      const field = protocol?.fields[fieldName];
      if (protocol === undefined || field === undefined) return;
      const what = `${at}.left (${name} ${fieldName})`;
      if (protocol.network !== undefined) this.requireNetwork(protocol.network, what);
      if (protocol.number !== undefined) this.requireTransport(protocol.number, what);
      this.expressions.push({
        name: "payload",
        data: { dreg: REGISTER, base: protocol.base, offset: field.offset, length: length ?? field.type.size },
      });
    }
  }

  /** What an equality says of the packets that follow. */
  #learn(selector: NftSelector, right: NftRight): void {
    if ("meta" in selector) {
      const { key } = selector.meta;
      if (key === "nfproto" && (right === "ipv4" || right === "ipv6")) this.#network = right;
      if (key === "protocol" && (right === "ip" || right === "ip6")) this.#network = right === "ip" ? "ipv4" : "ipv6";
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

  #bits(selector: NftSelector, type: Datatype, right: NftRight, at: string): void {
    if (type.bits === undefined) {
      throw new TypeError(`Cannot use "in" as ${at}.op: expected "==", as ${type.name} has no flags`);
    }
    this.#load(selector, at);
    this.#mask(this.#flags(type, right, `${at}.right`));
    this.#compare("!=", new Uint8Array(type.size), at);
  }

  /** The bytes of a value, or of flags together. */
  #flags(type: Datatype, right: NftRight, at: string): Bytes {
    if (!Array.isArray(right)) return encodeValue(type, right, at);
    if (type.bits === undefined || right.length === 0) {
      throw new TypeError(`Cannot use ${shown(right)} as ${at}: expected one value; several are { set: [...] }`);
    }
    return right.map((one, i) => encodeValue(type, one, `${at}[${i}]`))
      .reduce((all, bytes) => all.map((byte, i) => byte | (bytes[i] ?? 0)));
  }

  #mask(mask: Bytes): void {
    const data = {
      sreg: REGISTER,
      dreg: REGISTER,
      length: mask.length,
      mask: { value: mask },
      xor: { value: new Uint8Array(mask.length) },
    };
    this.expressions.push({ name: "bitwise", data });
  }

  /** Puts the register into network order, in which values can be ordered. */
  #swap({ big, size }: Datatype): void {
    if (big || size === 1) return;
    const data = { sreg: REGISTER, dreg: REGISTER, op: TO_NETWORK_ORDER, length: size, size };
    this.expressions.push({ name: "byteorder", data });
  }

  #compare(op: string, value: Bytes, at: string): void {
    const number = COMPARISONS[op];
    if (number === undefined) throw new TypeError(`Cannot use ${shown(op)} as ${at}.op here: expected == or !=`);
    this.expressions.push({ name: "cmp", data: { sreg: REGISTER, op: number, data: { value } } });
  }

  #lookup(set: string, setId: number | undefined, op: string, at: string): void {
    if (op !== "==" && op !== "!=") {
      throw new TypeError(`Cannot use ${shown(op)} as ${at}.op: expected == or != with a set`);
    }
    const data = {
      set,
      sreg: REGISTER,
      ...setId === undefined ? {} : { setId },
      ...op === "!=" ? { flags: INVERTED } : {},
    };
    this.expressions.push({ name: "lookup", data });
  }

  #anonymous(selector: NftSelector, type: Datatype, elements: readonly NftElement[], op: string, at: string): void {
    const path = `${at}.right.set`;
    if (!Array.isArray(elements) || elements.length === 0) {
      throw new TypeError(`Cannot use ${shown(elements)} as ${path}: expected a list that is not empty`);
    }
    this.#load(selector, at);
    const id = this.#newSetId();
    this.sets.push({
      id,
      type,
      intervals: elements.some((one) => isInterval(one) || isWildcard(type, one)),
      elements,
      at: path,
    });
    this.#lookup(ANONYMOUS_NAME, id, op, at);
  }

  #interval(selector: NftSelector, type: Datatype, interval: Interval, right: NftRight, op: string, at: string): void {
    if (op !== "==" && op !== "!=") {
      throw new TypeError(`Cannot use ${shown(op)} as ${at}.op: expected == or != with a prefix or a range`);
    }
    if (typeof right === "object" && right !== null && "prefix" in right) {
      const { len } = right.prefix;
      const isWhole = len % 8 === 0 && len > 0 && "payload" in selector;
      this.#load(selector, at, isWhole ? len / 8 : undefined);
      if (!isWhole) this.#mask(maskBytes(len, type.size));
      return this.#compare(op, isWhole ? interval.from.slice(0, len / 8) : interval.from, at);
    }
    this.#load(selector, at);
    this.#swap(type);
    const [from, to] = [interval.from, interval.to].map((bytes) => type.big ? bytes : bytes.slice().reverse());
    if (from === undefined || to === undefined) return;
    if (op === "!=") {
      const data = { sreg: REGISTER, op: COMPARISONS["!="] ?? 1, from: { value: from }, to: { value: to } };
      this.expressions.push({ name: "range", data });
    } else {
      this.#compare(">=", from, at);
      this.#compare("<=", to, at);
    }
  }
}
