/** The parts of packets that rules compare, and how a comparison is written. */
import { namesOfBits } from "./constants.ts";
import { type Datatype, integerOf } from "./datatypes.ts";
import { maskLength } from "./intervals.ts";
import { PROTOCOLS } from "./selectors.ts";
import type { NftScalar } from "./element_types.ts";
import type { NftLeft, NftMatch, NftRight, NftSelector } from "./statement_types.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A part of the packet. */
export interface Part {
  readonly kind: "selector";
  readonly selector: NftSelector;
  readonly type: Datatype;
  /** Fewer bytes than the type has: the beginning of an address. */
  readonly length: number;
  readonly mask?: Bytes;
  /** True if it was put into network order. */
  readonly swapped?: true;
}

/** The fields of a header that lie between two offsets, and fill that; of the last, an address, perhaps the beginning. */
export function fieldsBetween(name: string, from: number, to: number): readonly [Part, ...Part[]] | undefined {
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

/** How two values are compared. */
export type Operator = NonNullable<NftMatch["match"]["op"]>;

/** The value in a register that is compared, perhaps in network order. */
export function scalar({ type, swapped }: Part, bytes: Bytes): NftScalar {
  return type.decode(swapped ? bytes.slice().reverse() : bytes);
}

/** How a comparison with a value is written: prefixes and flags have forms of their own. */
export function comparison(
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
export function flagsOf(type: Datatype, bytes: Bytes): NftScalar | readonly NftScalar[] {
  const value = type.decode(bytes);
  if (type.bits === undefined || typeof value === "string") return value;
  const bits = integerOf(bytes, type.big);
  const names = namesOfBits(type.bits, bits);
  const known = names.reduce((sum, name) => sum | (type.bits?.[name] ?? 0), 0);
  return names.length > 1 && known === bits ? names : value;
}
