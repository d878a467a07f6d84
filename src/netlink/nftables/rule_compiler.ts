/** Rules for the kernel: the statements of a rule become expressions. */
import { defined } from "../../collections.ts";
import { shown } from "../../errors.ts";
import { checkKeys, checkNull, isObject, objectOf, oneOf, onlyEntry, textOf } from "./given.ts";
import { JUMPS, LOG_FLAGS, LOG_LEVELS, REJECT_CODES, REJECTS, SET_OPERATIONS, VERDICTS } from "./constants.ts";
import { DATATYPES } from "./datatypes.ts";
import { encodeSetStatements } from "./element_expressions.ts";
import type { NftScalar } from "./element_types.ts";
import { REGISTER, VERDICT_REGISTER } from "./expressions.ts";
import { encodeCounter } from "./expressions/counter.ts";
import { encodeLimit, LIMIT_KEYS, type NftLimit } from "./expressions/limit.ts";
import { encodeQuota, type NftQuota } from "./expressions/quota.ts";
import { millisecondsOf, numberUpTo } from "./expressions/units.ts";
import { bitsOf, numberIn } from "./flags.ts";
import type { OwnSets } from "./lookups.ts";
import { isObjectKind, OBJECT_TYPES, type ObjectKind } from "./object_kinds.ts";
import { CT, META } from "./selectors.ts";
import { isMapped, Translations } from "./translations.ts";
import type { NftFamily } from "./names.ts";
import type { NftLog, NftMapped, NftSelector, NftSetStatement, NftStatement } from "./statement_types.ts";
import { encodeVerdict } from "./verdicts.ts";

/** What is written into a mark. */
type NftMangled = NftScalar | NftMapped | NftSelector;

/** NFT_DYNSET_F_EXPR */
const HAS_EXPRESSIONS = 2;
/** NF_LOG_PREFIXLEN, without the NUL. */
const LONGEST_PREFIX = 127;
/** The statements that are neither a named object nor a verdict. */
const STATEMENTS = ["match", "vmap", "set", "flow", "mangle", "masquerade", "redirect", "snat", "dnat", "reject", "log"]
  .concat("notrack");
/** The number of TCP. */
const TCP = 6;

/** Compiles the statements of one rule. */
export class RuleCompiler extends Translations {
  readonly #tableFamily: NftFamily;

  /** As {@linkcode Translations}. */
  constructor(family: NftFamily, newSetId: () => number, sets: OwnSets) {
    super(family, newSetId, sets);
    this.#tableFamily = family;
  }

  /**
   * Adds a statement.
   *
   * @param at Where it stands, for errors.
   * @throws {TypeError} The library does not know it, or a value in it is none.
   */
  add(statement: NftStatement, at: string): void {
    const [name, value] = onlyEntry(statement, at);
    const path = `${at}.${name}`;
    if ("match" in statement) return this.match(objectOf(statement.match, path), path);
    if ("vmap" in statement) {
      return void this.loadMapped({ map: statement.vmap }, "verdict", VERDICT_REGISTER, path);
    }
    if ("set" in statement) return this.#change(objectOf(statement.set, path), path);
    if ("flow" in statement) {
      checkKeys(statement.flow, ["op", "flowtable"], path);
      const { op, flowtable } = statement.flow;
      if (op !== "add") throw new TypeError(`Cannot use ${shown(op)} as ${path}.op: expected "add"`);
      const name = referenceOf(flowtable, `${path}.flowtable`);
      return void this.expressions.push({ name: "flow_offload", data: { name } });
    }
    if (isObjectKind(name)) {
      const given: unknown = Reflect.get(statement, name);
      if (typeof given === "string" || isMapped(given)) return this.#object(name, given, path);
      // Only these are statements of a rule's own, too.
      if (!["counter", "limit", "quota"].includes(name)) {
        throw new TypeError(`Cannot use ${shown(given)} as ${path}: expected the name of a ${name}, or a map`);
      }
    }
    if ("counter" in statement) {
      const given = statement.counter as Parameters<typeof encodeCounter>[0]; // names and maps are done with
      return void this.expressions.push({ name: "counter", data: encodeCounter(given, path) });
    }
    if ("mangle" in statement) return this.#mangle(statement.mangle, path);
    if ("masquerade" in statement) {
      const data = this.own(statement.masquerade, path);
      return void this.expressions.push({ name: "masq", data });
    }
    if ("redirect" in statement) {
      const data = this.own(statement.redirect, path);
      return void this.expressions.push({ name: "redir", data });
    }
    if ("snat" in statement) return this.nat(0, objectOf(statement.snat, path), path);
    if ("dnat" in statement) return this.nat(1, objectOf(statement.dnat, path), path);
    if ("reject" in statement) return this.#reject(statement.reject ?? {}, path);
    if ("log" in statement) return this.#log(statement.log ?? {}, path);
    if ("limit" in statement) {
      const given = statement.limit as NftLimit; // as above
      checkKeys(given, LIMIT_KEYS, path);
      const data = encodeLimit(given, path);
      return void this.expressions.push({ name: "limit", data });
    }
    if ("quota" in statement) {
      const given = statement.quota as NftQuota; // as above
      const data = encodeQuota(given, path);
      return void this.expressions.push({ name: "quota", data });
    }
    if ("notrack" in statement) {
      checkNull(value, path);
      return void this.expressions.push({ name: "notrack", data: {} });
    }
    const verdict = encodeVerdict(name, value, path);
    if (verdict === undefined) {
      const known = [...STATEMENTS, ...Object.keys(OBJECT_TYPES), ...Object.keys(VERDICTS), ...Object.keys(JUMPS)];
      const expected = [...new Set(known)].join(", ");
      throw new TypeError(`Cannot use ${shown(name)} as ${at}: expected ${expected}`);
    }
    this.expressions.push({ name: "immediate", data: { dreg: VERDICT_REGISTER, data: { verdict } } });
  }

  /** What an object with a name does; which one, a map may have. */
  #object(kind: ObjectKind, given: string | NftMapped, at: string): void {
    if (isMapped(given)) {
      const { set, setId } = this.objectMap(given, OBJECT_TYPES[kind], at);
      return void this.expressions.push({ name: "objref", data: defined({ sreg: REGISTER, set, setId }) });
    }
    this.expressions.push({ name: "objref", data: { type: OBJECT_TYPES[kind], name: textOf(given, at) } });
  }

  /** Puts an element into a set of the table, or takes it out. */
  #change(given: NftSetStatement, at: string): void {
    checkKeys(given, ["op", "elem", "set", "stmt"], at);
    const { op, elem, set, stmt } = given;
    const number = oneOf(SET_OPERATIONS, op, `${at}.op`);
    const isTimed = isObject(elem) && "elem" in elem;
    if (isTimed) {
      checkKeys(elem, ["elem"], `${at}.elem`);
      checkKeys(elem.elem, ["val", "timeout"], `${at}.elem.elem`);
    }
    const { val, timeout } = isTimed ? elem.elem : { val: elem, timeout: undefined };
    const name = referenceOf(set, `${at}.set`);
    this.loadKey(val, isTimed ? `${at}.elem.elem.val` : `${at}.elem`);
    const milliseconds = timeout === undefined ? undefined : BigInt(millisecondsOf(timeout, `${at}.elem.elem.timeout`));
    const own = encodeSetStatements(stmt, `${at}.stmt`);
    const data = defined({
      set: name,
      op: number,
      sreg: REGISTER,
      timeout: milliseconds,
      expression: own.length === 1 ? own[0] : undefined,
      expressions: own.length > 1 ? own : undefined,
      flags: own.length > 1 ? HAS_EXPRESSIONS : undefined,
    });
    this.expressions.push({ name: "dynset", data });
  }

  #mangle(given: { readonly key: unknown; readonly value: NftMangled }, at: string): void {
    checkKeys(given, ["key", "value"], at);
    const { key, value } = given;
    const isKey = (of: "meta" | "ct"): boolean => {
      const inner: unknown = typeof key === "object" && key !== null ? Reflect.get(key, of) : undefined;
      return typeof inner === "object" && inner !== null && Reflect.get(inner, "key") === "mark";
    };
    const name = isKey("meta") ? "meta" : isKey("ct") ? "ct" : undefined;
    if (name === undefined) throw new TypeError(`Cannot use ${shown(key)} as ${at}.key: expected meta mark or ct mark`);
    checkKeys(key, [name], `${at}.key`);
    checkKeys(Reflect.get(key as object, name), ["key"], `${at}.key.${name}`); // isKey looked
    if (isMapped(value)) this.loadMapped(value, [DATATYPES.mark], REGISTER, `${at}.value`);
    else if (typeof value === "object" && value !== null) this.loadKey(value, `${at}.value`);
    else this.immediate(DATATYPES.mark, value, REGISTER, `${at}.value`);
    const number = (name === "meta" ? META : CT)["mark"]?.key ?? 0;
    this.expressions.push({ name, data: { key: number, sreg: REGISTER } });
  }

  #reject(given: { readonly type?: string | undefined; readonly expr?: NftScalar | undefined }, at: string): void {
    checkKeys(given, ["type", "expr"], at);
    const { type, expr } = given;
    if (type === "tcp reset") {
      this.requireTransport(TCP, at);
      return void this.expressions.push({ name: "reject", data: { type: REJECTS.tcp, code: 0 } });
    }
    const own = this.#tableFamily === "ip" ? "icmp" : this.#tableFamily === "ip6" ? "icmpv6" : "icmpx";
    const kind = type === undefined ? own : type;
    const codes = typeof kind === "string" && Object.hasOwn(REJECT_CODES, kind) ? REJECT_CODES[kind] : undefined;
    if (codes === undefined) {
      throw new TypeError(
        `Cannot use ${shown(type)} as ${at}.type: expected "tcp reset", ${Object.keys(REJECT_CODES).join(", ")}`,
      );
    }
    const code = typeof expr === "number" ? expr : numberIn(codes, expr ?? "port-unreachable");
    if (code === undefined || !(code >= 0 && code <= 255)) {
      throw new TypeError(`Cannot use ${shown(expr)} as ${at}.expr: expected ${Object.keys(codes).join(", ")}`);
    }
    if (kind !== "icmpx") this.requireNetwork(kind === "icmp" ? "ipv4" : "ipv6", at);
    this.expressions.push({ name: "reject", data: { type: kind === "icmpx" ? REJECTS.icmpx : REJECTS.icmp, code } });
  }

  #log(given: NftLog, at: string): void {
    checkKeys(given, ["prefix", "group", "snaplen", "queue-threshold", "level", "flags"], at);
    const { level, flags } = given;
    const number = level === undefined ? undefined : oneOf(LOG_LEVELS, level, `${at}.level`);
    const upTo = (most: number, key: "group" | "snaplen" | "queue-threshold"): number | undefined => (
      given[key] === undefined ? undefined : numberUpTo(most, given[key], `${at}.${key}`)
    );
    const { prefix: text } = given; // the kernel takes an empty one, and lists it
    const prefix = text === undefined || text === "" ? text : textOf(text, `${at}.prefix`, LONGEST_PREFIX);
    const [group, threshold] = [upTo(0xffff, "group"), upTo(0xffff, "queue-threshold")];
    const snaplen = upTo(0xffffffff, "snaplen");
    const all = Object.values(LOG_FLAGS).reduce((sum, bit) => sum | bit, 0);
    const bits = bitsOf({ ...LOG_FLAGS, all }, flags, `${at}.flags`);
    this.expressions.push({
      name: "log",
      data: defined({ group, prefix, snaplen, threshold, level: number, flags: bits || undefined }),
    });
  }
}

/** The name behind the "@" of a set or a flowtable. */
function referenceOf(given: unknown, at: string): string {
  if (typeof given === "string" && /^@./.test(given)) return given.slice(1);
  throw new TypeError(`Cannot use ${shown(given)} as ${at}: expected "@" and a name`);
}
