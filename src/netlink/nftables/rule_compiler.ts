/** Rules for the kernel: the statements of a rule become expressions. */
import { shown } from "../../errors.ts";
import { familyOf } from "../../ip/address.ts";
import { Comparisons } from "./comparison.ts";
import {
  FAMILIES,
  JUMPS,
  LOG_FLAGS,
  LOG_LEVELS,
  NAT_FLAGS,
  NAT_PORTS,
  REJECT_CODES,
  REJECTS,
  VERDICTS,
} from "./constants.ts";
import { type Datatype, DATATYPES, encodeValue } from "./datatypes.ts";
import { type Expressions, REGISTER } from "./expressions.ts";
import { encodeLimit } from "./expressions/limit.ts";
import { encodeQuota } from "./expressions/quota.ts";
import { CT, META } from "./selectors.ts";
import type { NftFamily, NftLog, NftNat, NftRange, NftScalar, NftStatement } from "./types.ts";

/** The number of TCP. */
const TCP = 6;

/** Compiles the statements of one rule. */
export class RuleCompiler extends Comparisons {
  readonly #tableFamily: NftFamily;

  /** As {@linkcode Comparisons}. */
  constructor(family: NftFamily, newSetId: () => number) {
    super(family, newSetId);
    this.#tableFamily = family;
  }

  /**
   * Adds a statement.
   *
   * @param at Where it stands, for errors.
   * @throws {TypeError} The library does not know it, or a value in it is none.
   */
  add(statement: NftStatement, at: string): void {
    const [name, ...others] = typeof statement === "object" && statement !== null ? Object.keys(statement) : [];
    if (name === undefined || others.length > 0) {
      throw new TypeError(`Cannot use ${shown(statement)} as ${at}: expected an object with one key`);
    }
    const path = `${at}.${name}`;
    if ("match" in statement) return this.match(objectOf(statement.match, path), path);
    if ("jump" in statement) return this.#jump("jump", objectOf(statement.jump, path).target, path);
    if ("goto" in statement) return this.#jump("goto", objectOf(statement.goto, path).target, path);
    if ("counter" in statement) {
      const { packets = 0, bytes = 0 } = statement.counter ?? {};
      const data = {
        ...bytes === 0 ? {} : { bytes: wholeOf(bytes, `${path}.bytes`) },
        ...packets === 0 ? {} : { packets: wholeOf(packets, `${path}.packets`) },
      };
      return void this.expressions.push({ name: "counter", data });
    }
    if ("mangle" in statement) return this.#mangle(statement.mangle, path);
    if ("masquerade" in statement) {
      const data = this.#ports(statement.masquerade ?? {}, REGISTER, path);
      return void this.expressions.push({ name: "masq", data });
    }
    if ("redirect" in statement) {
      const data = this.#ports(statement.redirect ?? {}, REGISTER, path);
      return void this.expressions.push({ name: "redir", data });
    }
    if ("snat" in statement) return this.#nat(0, objectOf(statement.snat, path), path);
    if ("dnat" in statement) return this.#nat(1, objectOf(statement.dnat, path), path);
    if ("reject" in statement) return this.#reject(statement.reject ?? {}, path);
    if ("log" in statement) return this.#log(statement.log ?? {}, path);
    if ("limit" in statement) {
      const data = encodeLimit(objectOf(statement.limit, path), path);
      return void this.expressions.push({ name: "limit", data });
    }
    if ("quota" in statement) {
      const data = encodeQuota(objectOf(statement.quota, path), path);
      return void this.expressions.push({ name: "quota", data });
    }
    if ("notrack" in statement) return void this.expressions.push({ name: "notrack", data: {} });
    const code = numberIn(VERDICTS, name);
    if (code === undefined) throw new TypeError(`Cannot use ${shown(name)} as ${at}: the library does not know it`);
    this.expressions.push({ name: "immediate", data: { dreg: 0, data: { verdict: { code } } } });
  }

  #jump(how: "jump" | "goto", chain: string, at: string): void {
    if (typeof chain !== "string" || chain === "") {
      throw new TypeError(`Cannot use ${shown(chain)} as ${at}.target: expected the name of a chain`);
    }
    const verdict = { code: JUMPS[how], chain };
    this.expressions.push({ name: "immediate", data: { dreg: 0, data: { verdict } } });
  }

  #mangle({ key, value }: { readonly key: unknown; readonly value: NftScalar }, at: string): void {
    const isKey = (of: "meta" | "ct"): boolean => {
      const inner: unknown = typeof key === "object" && key !== null ? Reflect.get(key, of) : undefined;
      return typeof inner === "object" && inner !== null && Reflect.get(inner, "key") === "mark";
    };
    const name = isKey("meta") ? "meta" : isKey("ct") ? "ct" : undefined;
    if (name === undefined) throw new TypeError(`Cannot use ${shown(key)} as ${at}.key: expected meta mark or ct mark`);
    this.#immediate(DATATYPES.mark, value, REGISTER, `${at}.value`);
    const number = (name === "meta" ? META : CT)["mark"]?.key ?? 0;
    this.expressions.push({ name, data: { key: number, sreg: REGISTER } });
  }

  #immediate(type: Datatype, value: NftScalar, register: number, at: string): void {
    const data = { value: encodeValue(type, value, at) };
    this.expressions.push({ name: "immediate", data: { dreg: register, data } });
  }

  /** Loads a value, or both ends of a range, into registers from `first` on, and gives those. */
  #loadRange(type: Datatype, value: NftScalar | NftRange, first: number, at: string): number[] {
    const isRange = typeof value === "object" && value !== null && Array.isArray(value.range);
    const values: readonly NftScalar[] = isRange ? value.range : [value as NftScalar]; // encodeValue looks
    return values.map((one, i) => {
      this.#immediate(type, one, first + i, isRange ? `${at}.range[${i}]` : at);
      return first + i;
    });
  }

  #ports(
    { port, flags }: Pick<NftNat, "port" | "flags">,
    first: number,
    at: string,
  ): Pick<Expressions["nat"], "portMin" | "portMax" | "flags"> {
    const [portMin, portMax] = port === undefined ? [] : this.#loadRange(DATATYPES.service, port, first, `${at}.port`);
    const bits = bitsOf(NAT_FLAGS, flags, `${at}.flags`) | (portMin === undefined ? 0 : NAT_PORTS);
    return {
      ...portMin === undefined ? {} : { portMin },
      ...portMax === undefined ? {} : { portMax },
      ...bits === 0 ? {} : { flags: bits },
    };
  }

  #nat(type: number, nat: NftNat, at: string): void {
    const { addr } = nat;
    const family = nat.family ?? this.#natFamily(addr);
    if (family !== "ip" && family !== "ip6") {
      throw new TypeError(`Cannot use ${shown(nat.family)} as ${at}.family: expected "ip" or "ip6"`);
    }
    const [addressMin, addressMax] = addr === undefined
      ? []
      : this.#loadRange(family === "ip" ? DATATYPES.ipv4 : DATATYPES.ipv6, addr, REGISTER, `${at}.addr`);
    const next = (addressMax ?? addressMin ?? REGISTER - 1) + 1;
    const { flags, ...ports } = this.#ports(nat, next, at);
    this.expressions.push({
      name: "nat",
      data: {
        type,
        family: FAMILIES[family],
        ...addressMin === undefined ? {} : { addressMin },
        ...addressMax === undefined ? {} : { addressMax },
        ...ports,
        ...flags === undefined ? {} : { flags },
      },
    });
  }

  #natFamily(addr: NftNat["addr"]): NftFamily {
    if (this.#tableFamily !== "inet") return this.#tableFamily;
    const first = typeof addr === "object" ? addr.range[0] : addr;
    if (typeof first === "string") return familyOf(first) === 4 ? "ip" : "ip6";
    return this.network === "ipv6" ? "ip6" : "ip";
  }

  #reject(
    { type, expr }: { readonly type?: string | undefined; readonly expr?: NftScalar | undefined },
    at: string,
  ): void {
    if (type === "tcp reset") {
      this.requireTransport(TCP, at);
      return void this.expressions.push({ name: "reject", data: { type: REJECTS.tcp, code: 0 } });
    }
    const own = this.#tableFamily === "ip" ? "icmp" : this.#tableFamily === "ip6" ? "icmpv6" : "icmpx";
    const kind = type ?? own;
    const codes = Object.hasOwn(REJECT_CODES, kind) ? REJECT_CODES[kind] : undefined;
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

  #log({ prefix, group, snaplen, "queue-threshold": threshold, level, flags }: NftLog, at: string): void {
    const number = level === undefined ? undefined : numberIn(LOG_LEVELS, level);
    if (level !== undefined && number === undefined) {
      throw new TypeError(`Cannot use ${shown(level)} as ${at}.level: expected ${Object.keys(LOG_LEVELS).join(", ")}`);
    }
    const all = Object.values(LOG_FLAGS).reduce((sum, bit) => sum | bit, 0);
    const bits = bitsOf({ ...LOG_FLAGS, all }, flags, `${at}.flags`);
    this.expressions.push({
      name: "log",
      data: {
        ...group === undefined ? {} : { group },
        ...prefix === undefined ? {} : { prefix },
        ...snaplen === undefined ? {} : { snaplen },
        ...threshold === undefined ? {} : { threshold },
        ...number === undefined ? {} : { level: number },
        ...bits === 0 ? {} : { flags: bits },
      },
    });
  }
}

/** An object where untyped code may have given anything. */
function objectOf<T>(value: T, at: string): T {
  if (typeof value === "object" && value !== null) return value;
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected an object`);
}

function numberIn(names: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(names, name) ? names[name] : undefined;
}

function wholeOf(value: number, at: string): bigint {
  if (Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected a whole number, 0 or more`);
}

/**
 * The number of flags, given by one name or by a list.
 *
 * @throws {TypeError} There is no such flag.
 */
export function bitsOf(
  names: Readonly<Record<string, number>>,
  flags: string | readonly string[] | undefined,
  at: string,
): number {
  const given: readonly unknown[] = flags === undefined ? [] : Array.isArray(flags) ? flags : [flags];
  return given.reduce<number>((sum, flag) => {
    const bit = typeof flag === "string" ? numberIn(names, flag) : undefined;
    if (bit !== undefined) return sum | bit;
    throw new TypeError(`Cannot use ${shown(flag)} as ${at}: expected ${Object.keys(names).join(", ")}`);
  }, 0);
}
