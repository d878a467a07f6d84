/** Rules as they are written: the expressions of the kernel become statements. */
import { defined } from "../../collections.ts";
import { COMPARISONS, FAMILIES, namesOfBits, NAT_FLAGS, oneOrMany, REJECT_CODES, REJECTS } from "./constants.ts";
import { SET_OPERATIONS } from "./constants.ts";
import { DATATYPES } from "./datatypes.ts";
import { Dependencies } from "./dependencies.ts";
import { decodeSetStatements } from "./element_expressions.ts";
import type { NftElement, NftMapElement, NftRange } from "./element_types.ts";
import { type Expression, type Expressions, type KnownExpression, VERDICT_REGISTER } from "./expressions.ts";
import { decodeCounter } from "./expressions/counter.ts";
import { decodeFib, fibType } from "./expressions/fib.ts";
import { decodeLimit } from "./expressions/limit.ts";
import { decodeNumgen } from "./expressions/numgen.ts";
import { decodeQuota } from "./expressions/quota.ts";
import { logOf } from "./log.ts";
import type { NftFamily } from "./names.ts";
import { objectKindOf } from "./object_kinds.ts";
import { comparison, fieldsBetween, type Operator, type Part, scalar } from "./parts.ts";
import { type OwnSets, Registers } from "./rule_registers.ts";
import { CT, LINK, META, NETWORK } from "./selectors.ts";
import type { NftLeft, NftMapped, NftNat, NftRight, NftSelector, NftStatement } from "./statement_types.ts";
import { decodeVerdict } from "./verdicts.ts";

const OPERATIONS = ["add", "update", "delete"] as const;

type Bytes = Uint8Array<ArrayBuffer>;

/** The statements of a rule. */
export function readRule(
  family: NftFamily,
  expressions: readonly Expression[],
  sets: OwnSets,
): NftStatement[] {
  const reader = new RuleReader(family, sets);
  for (const one of expressions) reader.read(one);
  return reader.statements();
}

class RuleReader {
  readonly #family: NftFamily;
  readonly #sets: OwnSets;
  readonly #statements: NftStatement[] = [];
  readonly #registers: Registers;
  readonly #known: Dependencies;
  /** A comparison with the lower end of a range, which may follow. */
  #lower: { readonly register: Part; readonly value: Bytes; readonly statement: NftStatement } | undefined;

  constructor(family: NftFamily, sets: OwnSets) {
    this.#family = family;
    this.#sets = sets;
    this.#registers = new Registers(sets);
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
      case "counter":
        return this.#add({ counter: decodeCounter(one.data) });
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
      case "numgen":
        return this.#numgen(one.data);
      case "objref":
        return this.#objref(one.data);
      case "dynset":
        return this.#dynset(one.data);
      case "flow_offload":
        return this.#add({ flow: { op: "add", flowtable: `@${one.data.name}` } });
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

  #key(of: "meta" | "ct", keys: typeof META, { key, dreg, sreg }: Expressions["meta"]): void {
    const [name, known] = Object.entries(keys).find(([, known]) => known.key === key) ?? [];
    if (name === undefined || known === undefined) return this.#unknown(of);
    const selector: NftSelector = of === "meta" ? { meta: { key: name } } : { ct: { key: name } };
    const { type } = known;
    if (dreg !== undefined) {
      return void this.#registers.set(dreg, { kind: "selector", selector, type, length: type.size });
    }
    const found = this.#registers.get(sreg);
    switch (found?.kind) {
      case "value":
        return this.#add({ mangle: { key: selector, value: type.decode(found.bytes) } });
      case "mapped":
        return this.#add({ mangle: { key: selector, value: found.mapped } });
      case "selector":
        if (found.mask === undefined) return this.#add({ mangle: { key: selector, value: found.selector } });
    }
    this.#unknown(of);
  }

  #numgen({ dreg, ...asked }: Expressions["numgen"]): void {
    const numgen = decodeNumgen(asked);
    if (numgen === undefined || dreg === undefined) return this.#unknown("numgen");
    const type = DATATYPES.integer32;
    this.#registers.set(dreg, { kind: "selector", selector: { numgen }, type, length: type.size });
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
    this.#known.imply(base === LINK ? "link" : base === NETWORK ? "network" : "transport");
    const [first, ...others] = parts;
    this.#registers.set(dreg, others.length === 0 ? first : { kind: "joined", parts });
  }

  #bitwise({ sreg = 0, dreg = 0, mask, xor, op = 0 }: Expressions["bitwise"]): void {
    const from = this.#registers.selector(sreg);
    const isMask = op === 0 && mask?.value !== undefined && xor?.value?.every((byte) => byte === 0) === true;
    if (from === undefined || !isMask || mask?.value === undefined || from.mask !== undefined) {
      return this.#unknown("bitwise");
    }
    this.#registers.set(dreg, { ...from, mask: mask.value });
  }

  #byteorder({ sreg = 0, dreg = 0 }: Expressions["byteorder"]): void {
    const from = this.#registers.selector(sreg);
    if (from === undefined || from.type.big) return this.#unknown("byteorder");
    this.#registers.set(dreg, { ...from, swapped: true });
  }

  #cmp({ sreg = 0, op, data }: Expressions["cmp"]): void {
    const joined = this.#registers.get(sreg);
    if (joined?.kind === "joined") return this.#cmpJoined(joined.parts, op, data?.value);
    const register = this.#registers.selector(sreg);
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
    const register = this.#registers.selector(sreg);
    if (register === undefined || from?.value === undefined || to?.value === undefined) return this.#unknown("range");
    const range: NftRange = { range: [scalar(register, from.value), scalar(register, to.value)] };
    this.#match(register.selector, op === COMPARISONS["!="] ? "!=" : "==", range);
  }

  #lookup({ set = "", sreg = 0, dreg, flags = 0 }: Expressions["lookup"]): void {
    const key = this.#registers.keyIn(set, sreg);
    if (key === undefined) return this.#unknown("lookup");
    const { elements, type } = this.#sets(set) ?? {};
    if (dreg === undefined) {
      const all = elements as readonly NftElement[] | undefined; // of a set they are no pairs
      return this.#match(key, (flags & 1) !== 0 ? "!=" : "==", all === undefined ? `@${set}` : { set: all });
    }
    const map: NftMapped["map"] = {
      key,
      data: elements === undefined ? `@${set}` : { set: elements as readonly NftMapElement[] }, // those of a map
    };
    if (dreg === VERDICT_REGISTER) return this.#add({ vmap: map });
    const data = type?.data;
    if (data === undefined || data === "verdict" || data === "object") return this.#unknown("lookup");
    this.#registers.set(dreg, { kind: "mapped", mapped: { map }, types: data });
  }

  #objref({ type, name = "", sreg, set = "" }: Expressions["objref"]): void {
    const key = sreg === undefined ? undefined : this.#registers.keyIn(set, sreg);
    const kind = objectKindOf(sreg === undefined ? type : this.#sets(set)?.objectType);
    if (kind === undefined || (sreg !== undefined && key === undefined)) return this.#unknown("objref");
    const own = this.#sets(set)?.elements as readonly NftMapElement[] | undefined; // those of a map are pairs
    const one = key === undefined ? name : { map: { key, data: own === undefined ? `@${set}` : { set: own } } };
    this.#add({ [kind]: one } as NftStatement); // the kinds are statements
  }

  #dynset({ set = "", op, sreg = 0, dataRegister, timeout, expression, expressions }: Expressions["dynset"]): void {
    const key = this.#registers.keyIn(set, sreg);
    const name = OPERATIONS.find((name) => SET_OPERATIONS[name] === op);
    const own = decodeSetStatements(expressions ?? (expression === undefined ? [] : [expression]));
    const isMore = dataRegister !== undefined || own.some((one) => "unknown" in one);
    if (key === undefined || name === undefined || isMore) return this.#unknown("dynset");
    const elem = timeout === undefined || timeout === 0n
      ? key
      : { elem: { val: key, timeout: Number(timeout) / 1000 } };
    this.#add({ set: { op: name, elem, set: `@${set}`, ...own.length === 0 ? {} : { stmt: own } } });
  }

  #immediate({ dreg = 0, data }: Expressions["immediate"]): void {
    if (data?.value !== undefined) return void this.#registers.set(dreg, { kind: "value", bytes: data.value });
    const verdict = decodeVerdict(data?.verdict ?? {});
    if (verdict === undefined) return this.#unknown("immediate");
    this.#add(verdict);
  }

  #ports({ portMin, portMax, flags = 0 }: Expressions["redir"]): Pick<NftNat, "port" | "flags"> {
    const port = this.#registers.ends(DATATYPES.service, portMin, portMax) as NftNat["port"]; // numbers, by their type
    const names = namesOfBits(NAT_FLAGS, flags);
    return defined({ port, flags: names.length === 0 ? undefined : oneOrMany(names) });
  }

  #nat({ type, family, addressMin, addressMax, ...ports }: Expressions["nat"]): void {
    const version = family === FAMILIES.ip6 ? "ip6" : "ip";
    const kind = version === "ip" ? DATATYPES.ipv4 : DATATYPES.ipv6;
    const mapped = this.#registers.get(addressMin);
    const hasPort = mapped?.kind === "mapped" && mapped.types.length > 1; // beside the address, in the same map
    const addr = this.#registers.ends(kind, addressMin, addressMax) as NftNat["addr"]; // text, by its type
    const nat: NftNat = {
      ...defined({ family: (this.#family === "inet" || hasPort) && addr !== undefined ? version : undefined, addr }),
      ...this.#ports(hasPort ? defined({ flags: ports.flags }) : ports),
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

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

function unreachable(one: never): never {
  throw new TypeError(`an expression without a reader: ${(one as KnownExpression).name}`);
}
