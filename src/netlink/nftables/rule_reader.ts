/** Rules as they are written: the expressions of the kernel become statements. */
import {
  COMPARISONS,
  FAMILIES,
  JUMPS,
  LOG_FLAGS,
  LOG_LEVELS,
  namesOfBits,
  NAT_FLAGS,
  oneOrMany,
  REJECT_CODES,
  REJECTS,
  VERDICTS,
} from "./constants.ts";
import { type Datatype, DATATYPES } from "./datatypes.ts";
import type { Expression, Expressions, KnownExpression } from "./expressions.ts";
import { decodeFib, fibType } from "./expressions/fib.ts";
import { decodeLimit } from "./expressions/limit.ts";
import { decodeQuota } from "./expressions/quota.ts";
import { Dependencies } from "./dependencies.ts";
import { comparison, fieldsBetween, type Operator, type Part, scalar } from "./parts.ts";
import { CT, LINK, META, NETWORK } from "./selectors.ts";
import type {
  NftElement,
  NftFamily,
  NftLeft,
  NftLog,
  NftNat,
  NftRange,
  NftRight,
  NftScalar,
  NftSelector,
  NftStatement,
} from "./types.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What a register holds: a part of the packet, several that lie side by side, or a value. */
type Register =
  | Part
  | { readonly kind: "joined"; readonly parts: readonly Part[] }
  | { readonly kind: "value"; readonly bytes: Bytes };

/** The elements of a set that belongs to a rule alone; undefined of a set with a name of its own. */
export type AnonymousElements = (name: string) => readonly NftElement[] | undefined;

/** The statements of a rule. */
export function readRule(
  family: NftFamily,
  expressions: readonly Expression[],
  anonymous: AnonymousElements,
): NftStatement[] {
  const reader = new RuleReader(family, anonymous);
  for (const one of expressions) reader.read(one);
  return reader.statements();
}

class RuleReader {
  readonly #family: NftFamily;
  readonly #anonymous: AnonymousElements;
  readonly #statements: NftStatement[] = [];
  readonly #registers = new Map<number, Register>();
  readonly #known: Dependencies;
  /** A comparison with the lower end of a range, which may follow. */
  #lower: { readonly register: Part; readonly value: Bytes; readonly statement: NftStatement } | undefined;

  constructor(family: NftFamily, anonymous: AnonymousElements) {
    this.#family = family;
    this.#anonymous = anonymous;
    this.#known = new Dependencies(family, this.#statements);
  }

  statements(): NftStatement[] {
    return this.#statements;
  }

  read(one: Expression): void {
    if (one.name === "unknown") return this.#unknown(one.kernelName);
    if (one.name !== "cmp") this.#lower = undefined;
    switch (one.name) {
      case "meta":
        return this.#key("meta", META, one.data);
      case "ct":
        return this.#key("ct", CT, one.data);
      case "fib":
        return this.#fib(one.data);
      case "payload":
        return this.#payload(one.data);
      case "bitwise":
        return this.#bitwise(one.data);
      case "byteorder":
        return this.#byteorder(one.data);
      case "cmp":
        return this.#cmp(one.data);
      case "range":
        return this.#range(one.data);
      case "lookup":
        return this.#lookup(one.data);
      case "immediate":
        return this.#immediate(one.data);
      case "counter": {
        const { packets = 0n, bytes = 0n } = one.data;
        return this.#add({ counter: { packets: Number(packets), bytes: Number(bytes) } });
      }
      case "masq": {
        const ports = this.#ports(one.data);
        return this.#add({ masquerade: isEmpty(ports) ? null : ports });
      }
      case "redir": {
        const ports = this.#ports(one.data);
        return this.#add({ redirect: isEmpty(ports) ? null : ports });
      }
      case "nat":
        return this.#nat(one.data);
      case "reject":
        return this.#reject(one.data);
      case "log":
        return this.#add({ log: logOf(one.data) });
      case "limit":
        return this.#add({ limit: decodeLimit(one.data) });
      case "quota":
        return this.#add({ quota: decodeQuota(one.data) });
      case "notrack":
        return this.#add({ notrack: null });
      default:
        return unreachable(one);
    }
  }

  #add(statement: NftStatement): void {
    this.#statements.push(statement);
  }

  #unknown(name: string): void {
    this.#registers.clear(); // it may have written to any
    this.#add({ unknown: name });
  }

  #selector(register: number): Part | undefined {
    const found = this.#registers.get(register);
    return found?.kind === "selector" ? found : undefined;
  }

  #value(register: number | undefined): Bytes | undefined {
    const found = register === undefined ? undefined : this.#registers.get(register);
    return found?.kind === "value" ? found.bytes : undefined;
  }

  #key(of: "meta" | "ct", keys: typeof META, { key, dreg, sreg }: Expressions["meta"]): void {
    const [name, known] = Object.entries(keys).find(([, known]) => known.key === key) ?? [];
    if (name === undefined || known === undefined) return this.#unknown(of);
    const selector: NftSelector = of === "meta" ? { meta: { key: name } } : { ct: { key: name } };
    const { type } = known;
    if (dreg !== undefined) {
      return void this.#registers.set(dreg, { kind: "selector", selector, type, length: type.size });
    }
    const value = this.#value(sreg);
    if (value === undefined) return this.#unknown(of);
    this.#add({ mangle: { key: selector, value: type.decode(value) } });
  }

  #fib({ dreg, ...asked }: Expressions["fib"]): void {
    const fib = decodeFib(asked);
    const type = fib === undefined ? undefined : fibType(fib);
    if (fib === undefined || type === undefined || dreg === undefined) return this.#unknown("fib");
    this.#registers.set(dreg, { kind: "selector", selector: { fib }, type, length: type.size });
  }

  #payload({ dreg, base, offset = 0, length = 0 }: Expressions["payload"]): void {
    const name = base === undefined ? undefined : this.#known.protocolAt(base);
    const parts = name === undefined ? undefined : fieldsBetween(name, offset, offset + length);
    if (dreg === undefined || parts === undefined) return this.#unknown("payload");
    if (base !== LINK) this.#known.imply(base === NETWORK ? "network" : "transport");
    const [first, ...others] = parts;
    this.#registers.set(dreg, others.length === 0 ? first : { kind: "joined", parts });
  }

  #bitwise({ sreg = 0, dreg = 0, mask, xor, op = 0 }: Expressions["bitwise"]): void {
    const from = this.#selector(sreg);
    const isMask = op === 0 && mask?.value !== undefined && xor?.value?.every((byte) => byte === 0) === true;
    if (from === undefined || !isMask || mask?.value === undefined || from.mask !== undefined) {
      return this.#unknown("bitwise");
    }
    this.#registers.set(dreg, { ...from, mask: mask.value });
  }

  #byteorder({ sreg = 0, dreg = 0 }: Expressions["byteorder"]): void {
    const from = this.#selector(sreg);
    if (from === undefined || from.type.big) return this.#unknown("byteorder");
    this.#registers.set(dreg, { ...from, swapped: true });
  }

  #cmp({ sreg = 0, op, data }: Expressions["cmp"]): void {
    const joined = this.#registers.get(sreg);
    if (joined?.kind === "joined") return this.#cmpJoined(joined.parts, op, data?.value);
    const register = this.#selector(sreg);
    const value = data?.value;
    const name = Object.keys(COMPARISONS).find((name) => COMPARISONS[name] === op) as Operator | undefined;
    if (register === undefined || value === undefined || name === undefined) return this.#unknown("cmp");
    const lower = this.#lower;
    this.#lower = undefined;
    if (name === "<=" && lower !== undefined && lower.register === register) {
      this.#statements.splice(this.#statements.indexOf(lower.statement), 1);
      const range: NftRange = { range: [scalar(register, lower.value), scalar(register, value)] };
      return this.#match(register.selector, "==", range);
    }
    const { op: shown, left, right } = comparison(register, name, value);
    this.#match(left, shown, right);
    if (name === ">=") {
      const statement = this.#statements.at(-1);
      if (statement !== undefined) this.#lower = { register, value, statement };
    }
    if (name === "==" && register.mask === undefined) this.#known.learn(register.selector, right);
  }

  /** `nft` compares equal fields that lie side by side at once. */
  #cmpJoined(parts: readonly Part[], op: number | undefined, value: Bytes | undefined): void {
    const size = parts.reduce((sum, { length }) => sum + length, 0);
    if (op !== COMPARISONS["=="] || value?.length !== size) return this.#unknown("cmp");
    let at = 0;
    for (const part of parts) {
      const { op: shown, left, right } = comparison(part, "==", value.slice(at, at += part.length));
      this.#match(left, shown, right);
      this.#known.learn(part.selector, right);
    }
  }

  /** Adds a comparison. */
  #match(left: NftLeft, op: Operator, right: NftRight): void {
    this.#add({ match: { op, left, right } });
  }

  #range({ sreg = 0, op, from, to }: Expressions["range"]): void {
    const register = this.#selector(sreg);
    if (register === undefined || from?.value === undefined || to?.value === undefined) return this.#unknown("range");
    const range: NftRange = { range: [scalar(register, from.value), scalar(register, to.value)] };
    this.#match(register.selector, op === COMPARISONS["!="] ? "!=" : "==", range);
  }

  #lookup({ set = "", sreg = 0, dreg, flags = 0 }: Expressions["lookup"]): void {
    const register = this.#selector(sreg);
    if (register === undefined || dreg !== undefined) return this.#unknown("lookup");
    const elements = this.#anonymous(set);
    this.#match(
      register.selector,
      (flags & 1) !== 0 ? "!=" : "==",
      elements === undefined ? `@${set}` : { set: elements },
    );
  }

  #immediate({ dreg = 0, data }: Expressions["immediate"]): void {
    if (data?.value !== undefined) return void this.#registers.set(dreg, { kind: "value", bytes: data.value });
    const { code, chain: target = "" } = data?.verdict ?? {};
    if (code === JUMPS.jump) return this.#add({ jump: { target } });
    if (code === JUMPS.goto) return this.#add({ goto: { target } });
    switch (Object.entries(VERDICTS).find(([, number]) => number === code)?.[0]) {
      case "accept":
        return this.#add({ accept: null });
      case "drop":
        return this.#add({ drop: null });
      case "continue":
        return this.#add({ continue: null });
      case "return":
        return this.#add({ return: null });
      default:
        return this.#unknown("immediate");
    }
  }

  #ports({ portMin, portMax, flags = 0 }: Expressions["redir"]): Pick<NftNat, "port" | "flags"> {
    const port = this.#ends(DATATYPES.service, portMin, portMax) as NftNat["port"]; // numbers, by their type
    const names = namesOfBits(NAT_FLAGS, flags);
    return {
      ...port === undefined ? {} : { port },
      ...names.length === 0 ? {} : { flags: oneOrMany(names) },
    };
  }

  /** A value in one register, or a range in two. */
  #ends(type: Datatype, first: number | undefined, last: number | undefined): NftScalar | NftRange | undefined {
    const [from, to] = [this.#value(first), this.#value(last)];
    if (from === undefined) return undefined;
    const low = type.decode(from.subarray(0, type.size));
    const high = to === undefined ? low : type.decode(to.subarray(0, type.size));
    return low === high ? low : { range: [low, high] };
  }

  #nat({ type, family, addressMin, addressMax, ...ports }: Expressions["nat"]): void {
    const version = family === FAMILIES.ip6 ? "ip6" : "ip";
    const kind = version === "ip" ? DATATYPES.ipv4 : DATATYPES.ipv6;
    const addr = this.#ends(kind, addressMin, addressMax) as NftNat["addr"]; // text, by its type
    const nat: NftNat = {
      ...this.#family === "inet" && addr !== undefined ? { family: version } : {},
      ...addr === undefined ? {} : { addr },
      ...this.#ports(ports),
    };
    this.#add(type === 0 ? { snat: nat } : { dnat: nat });
  }

  #reject({ type, code = 0 }: Expressions["reject"]): void {
    if (type === REJECTS.tcp) return this.#add({ reject: { type: "tcp reset" } });
    const kind = type === REJECTS.icmpx ? "icmpx" : this.#known.network === "ipv6" ? "icmpv6" : "icmp";
    if (kind !== "icmpx") this.#known.imply("network");
    const codes = REJECT_CODES[kind] ?? {};
    this.#add({ reject: { type: kind, expr: Object.keys(codes).find((name) => codes[name] === code) ?? code } });
  }
}

function logOf({ prefix, group, snaplen, threshold, level, flags = 0 }: Expressions["log"]): NftLog | null {
  const all = Object.values(LOG_FLAGS).reduce((sum, bit) => sum | bit, 0);
  const names = flags === all ? ["all"] : namesOfBits(LOG_FLAGS, flags);
  const name = Object.keys(LOG_LEVELS).find((name) => LOG_LEVELS[name] === level);
  const log: NftLog = {
    ...prefix === undefined ? {} : { prefix },
    ...group === undefined ? {} : { group },
    ...snaplen === undefined || snaplen === 0 ? {} : { snaplen },
    ...threshold === undefined || threshold === 0 ? {} : { "queue-threshold": threshold },
    ...name === undefined || name === "warn" ? {} : { level: name },
    ...names.length === 0 ? {} : { flags: oneOrMany(names) },
  };
  return isEmpty(log) ? null : log;
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

function unreachable(one: never): never {
  throw new TypeError(`an expression without a reader: ${(one as KnownExpression).name}`);
}
