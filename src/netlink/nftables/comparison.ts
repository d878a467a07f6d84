/** Comparisons of a rule: what of the packet is loaded, and with what it is compared. */
import { shown } from "../../errors.ts";
import { checkKeys, isObject } from "./given.ts";
import { COMPARISONS } from "./constants.ts";
import type { Datatype } from "./datatypes.ts";
import { REGISTER } from "./expressions.ts";
import { numberIn } from "./flags.ts";
import { type Interval, intervalOf, isInterval, maskBytes } from "./intervals.ts";
import { Lookups } from "./lookups.ts";
import type { NftMatch, NftRight, NftSelector } from "./statement_types.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Compiles what a rule compares. */
export class Comparisons extends Lookups {
  /**
   * Compiles a comparison.
   *
   * @throws {TypeError} The library does not know what is compared, or it cannot be compared with that.
   */
  match(match: NftMatch["match"], at: string): void {
    checkKeys(match, ["op", "left", "right"], at);
    const { left, right, op: given } = match;
    const path = `${at}.right`;
    this.checkLeft(left, `${at}.left`);
    const isNegative = given === "!=";
    if (typeof right === "string" && right.startsWith("@")) {
      this.checkLookup(given, at);
      const set = right.slice(1);
      this.order(this.loadKey(left, `${at}.left`), this.setNamed(set), REGISTER);
      return this.lookup({ set }, isNegative);
    }
    if (isObject(right) && "set" in right) {
      checkKeys(right, ["set"], path);
      this.checkLookup(given, at);
      const key = this.loadKey(left, `${at}.left`);
      const own = this.anonymous(key, undefined, right.set, `${path}.set`);
      this.order(key, own.type, REGISTER);
      return this.lookup(own, isNegative);
    }
    if ("concat" in left) {
      throw new TypeError(`Cannot use ${shown(right)} as ${path}: expected a set, as a concatenation is compared`);
    }
    const masked = "&" in left;
    const selector = masked ? left["&"][0] : left;
    const type = this.typeOf(selector, masked ? `${at}.left.&[0]` : `${at}.left`);
    const op = given === undefined ? type.bits === undefined ? "==" : "in" : given;
    if (op !== "in" && numberIn(COMPARISONS, op) === undefined) {
      throw new TypeError(`Cannot use ${shown(op)} as ${at}.op: expected ${Object.keys(COMPARISONS).join(", ")}, in`);
    }
    if (masked) {
      this.load(selector, `${at}.left`);
      this.mask(this.flags(type, left["&"][1], `${at}.left.&[1]`));
      return this.#compare(op, this.flags(type, right, path), at);
    }
    if (op === "in") return this.#bits(selector, type, right, at);
    if (isInterval(right)) {
      return this.#interval(selector, type, intervalOf(type, right, path), right, op, at);
    }
    this.load(selector, `${at}.left`);
    if (op !== "==" && op !== "!=") this.toNetworkOrder(type);
    const value = this.flags(type, right, path);
    this.#compare(op, op !== "==" && op !== "!=" && !type.big ? value.slice().reverse() : value, at);
    if (op === "==") this.learn(selector, right);
  }

  #bits(selector: NftSelector, type: Datatype, right: NftRight, at: string): void {
    if (type.bits === undefined) {
      throw new TypeError(`Cannot use "in" as ${at}.op: expected "==", as ${type.name} has no flags`);
    }
    this.load(selector, `${at}.left`);
    this.mask(this.flags(type, right, `${at}.right`));
    this.#compare("!=", new Uint8Array(type.size), at);
  }

  #compare(op: string, value: Bytes, at: string): void {
    const number = COMPARISONS[op];
    if (number === undefined) throw new TypeError(`Cannot use ${shown(op)} as ${at}.op here: expected == or !=`);
    this.expressions.push({ name: "cmp", data: { sreg: REGISTER, op: number, data: { value } } });
  }

  #interval(selector: NftSelector, type: Datatype, interval: Interval, right: NftRight, op: string, at: string): void {
    if (op !== "==" && op !== "!=") {
      throw new TypeError(`Cannot use ${shown(op)} as ${at}.op: expected == or != with a prefix or a range`);
    }
    if (typeof right === "object" && right !== null && "prefix" in right) {
      const { len } = right.prefix;
      const isWhole = len % 8 === 0 && len > 0 && "payload" in selector;
      this.load(selector, `${at}.left`, isWhole ? len / 8 : undefined);
      if (!isWhole) this.mask(maskBytes(len, type.size));
      return this.#compare(op, isWhole ? interval.from.slice(0, len / 8) : interval.from, at);
    }
    this.load(selector, `${at}.left`);
    this.toNetworkOrder(type);
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
