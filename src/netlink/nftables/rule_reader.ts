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
import { type Datatype, DATATYPES, integerOf } from "./datatypes.ts";
import type { Expression, Expressions, KnownExpression } from "./expressions.ts";
import { maskLength } from "./intervals.ts";
import { CT, LINK, META, NETWORK, networkOf, PROTOCOLS, TRANSPORT } from "./selectors.ts";
import type {
  NftElement,
  NftFamily,
  NftLeft,
  NftLog,
  NftMatch,
  NftNat,
  NftRange,
  NftRight,
  NftScalar,
  NftSelector,
  NftStatement,
} from "./types.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A part of the packet. */
interface Part {
  readonly kind: "selector";
  readonly selector: NftSelector;
  readonly type: Datatype;
  /** Fewer bytes than the type has: the beginning of an address. */
  readonly length: number;
  readonly mask?: Bytes;
  /** True if it was put into network order. */
  readonly swapped?: true;
}

/** What a register holds: a part of the packet, several that lie side by side, or a value. */
type Register =
  | Part
  | { readonly kind: "joined"; readonly parts: readonly Part[] }
  | { readonly kind: "value"; readonly bytes: Bytes };

/** A comparison that a later statement may imply; then it is not written. */
interface Dependency {
  readonly statement: NftStatement;
  /** True of a field of IP, which is written in families that have more than IP. */
  readonly isField: boolean;
}

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
  #network: "ipv4" | "ipv6" | undefined;
  #transport: number | undefined;
  readonly #dependencies: { network?: Dependency | undefined; transport?: Dependency | undefined } = {};
  /** A comparison with the lower end of a range, which may follow. */
  #lower: { readonly register: Part; readonly value: Bytes; readonly statement: NftStatement } | undefined;

  constructor(family: NftFamily, anonymous: AnonymousElements) {
    this.#family = family;
    this.#anonymous = anonymous;
    this.#network = networkOf(family);
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

  #payload({ dreg, base, offset = 0, length = 0 }: Expressions["payload"]): void {
    const name = base === undefined ? undefined : this.#protocolAt(base);
    const parts = name === undefined ? undefined : fieldsBetween(name, offset, offset + length);
    if (dreg === undefined || parts === undefined) return this.#unknown("payload");
    if (base !== LINK) this.#imply(base === NETWORK ? "network" : "transport");
    const [first, ...others] = parts;
    this.#registers.set(dreg, others.length === 0 ? first : { kind: "joined", parts });
  }

  /** The protocol whose header is at `base`, as far as it is known. */
  #protocolAt(base: number): string | undefined {
    if (base === LINK) return "ether";
    if (base === NETWORK) return this.#network === undefined ? undefined : this.#network === "ipv4" ? "ip" : "ip6";
    if (base !== TRANSPORT) return undefined;
    return Object.keys(PROTOCOLS).find((name) => (
      this.#transport !== undefined && PROTOCOLS[name]?.number === this.#transport
    )) ?? "th";
  }

  /** What was compared for the sake of what follows is not written. */
  #imply(layer: "network" | "transport"): void {
    const dependency = this.#dependencies[layer];
    const isWritten = dependency?.isField === true && networkOf(this.#family) === undefined;
    if (dependency === undefined || isWritten) return;
    this.#statements.splice(this.#statements.indexOf(dependency.statement), 1);
    this.#dependencies[layer] = undefined;
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
    if (name === "==" && register.mask === undefined) this.#learn(register.selector, right);
  }

  /** `nft` compares equal fields that lie side by side at once. */
  #cmpJoined(parts: readonly Part[], op: number | undefined, value: Bytes | undefined): void {
    const size = parts.reduce((sum, { length }) => sum + length, 0);
    if (op !== COMPARISONS["=="] || value?.length !== size) return this.#unknown("cmp");
    let at = 0;
    for (const part of parts) {
      const { op: shown, left, right } = comparison(part, "==", value.slice(at, at += part.length));
      this.#match(left, shown, right);
      this.#learn(part.selector, right);
    }
  }

  /** Adds a comparison. */
  #match(left: NftLeft, op: Operator, right: NftRight): void {
    this.#add({ match: { op, left, right } });
  }

  /** What an equality says of the packets that follow. */
  #learn(selector: NftSelector, right: NftRight): void {
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
    const version = Object.values(PROTOCOLS).find(({ number }) => number === this.#transport)?.network;
    if (version !== undefined && version === this.#network) this.#imply("network"); // ICMP is of one version of IP
    this.#dependencies.transport = dependency;
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
    const kind = type === REJECTS.icmpx ? "icmpx" : this.#network === "ipv6" ? "icmpv6" : "icmp";
    if (kind !== "icmpx") this.#imply("network");
    const codes = REJECT_CODES[kind] ?? {};
    this.#add({ reject: { type: kind, expr: Object.keys(codes).find((name) => codes[name] === code) ?? code } });
  }
}

/** The fields of a header that lie between two offsets, and fill that; of the last, an address, perhaps the beginning. */
function fieldsBetween(name: string, from: number, to: number): readonly [Part, ...Part[]] | undefined {
  const parts: Part[] = [];
  const fields = Object.entries(PROTOCOLS[name]?.fields ?? {});
  for (let at = from; at < to;) {
    const [field, known] = fields.find(([, { offset, type }]) => (
      offset === at && (at + type.size <= to || type.isAddress === true)
    )) ?? [];
    if (field === undefined || known === undefined) return undefined;
    const length = Math.min(known.type.size, to - at);
    parts.push({ kind: "selector", selector: { payload: { protocol: name, field } }, type: known.type, length });
    at += length;
  }
  const [first, ...others] = parts;
  return first === undefined ? undefined : [first, ...others];
}

type Operator = NonNullable<NftMatch["match"]["op"]>;

/** The value in a register that is compared, perhaps in network order. */
function scalar({ type, swapped }: Part, bytes: Bytes): NftScalar {
  return type.decode(swapped ? bytes.slice().reverse() : bytes);
}

/** How a comparison with a value is written: prefixes and flags have forms of their own. */
function comparison(
  register: Part,
  op: Operator,
  value: Bytes,
): { readonly op: Operator; readonly left: NftLeft; readonly right: NftRight } {
  const { selector, type, mask, length } = register;
  const isZero = value.every((byte) => byte === 0);
  if (mask !== undefined) {
    if (type.bits !== undefined && op === "!=" && isZero) {
      return { op: "in", left: selector, right: flagsOf(type, mask) };
    }
    const len = type.isAddress ? maskLength(mask) : undefined;
    const isPrefix = len !== undefined && value.every((byte, i) => (byte & ~(mask[i] ?? 0)) === 0);
    if (isPrefix) return { op, left: selector, right: { prefix: { addr: `${type.decode(value)}`, len } } };
    return { op, left: { "&": [selector, flagsOf(type, mask)] }, right: flagsOf(type, value) };
  }
  if (type.isAddress === true && length < type.size) {
    const whole = new Uint8Array(type.size);
    whole.set(value);
    return { op, left: selector, right: { prefix: { addr: `${type.decode(whole)}`, len: length * 8 } } };
  }
  return { op, left: selector, right: register.swapped ? scalar(register, value) : flagsOf(type, value) };
}

/** A value; of a type with flags that has several of them, their names. */
function flagsOf(type: Datatype, bytes: Bytes): NftScalar | readonly NftScalar[] {
  const value = type.decode(bytes);
  if (type.bits === undefined || typeof value === "string") return value;
  const bits = integerOf(bytes, type.big);
  const names = namesOfBits(type.bits, bits);
  const known = names.reduce((sum, name) => sum | (type.bits?.[name] ?? 0), 0);
  return names.length > 1 && known === bits ? names : value;
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
