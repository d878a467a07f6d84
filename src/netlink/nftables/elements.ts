/** Elements of sets and maps as the kernel has them: values, or the starts and ends of intervals. */
import { defined } from "../../collections.ts";
import { shown } from "../../errors.ts";
import { checkKeys, textOf } from "./given.ts";
import { CATCH_ALL, INTERVAL_END } from "./constants.ts";
import { decodeElementExpressions, encodeElementExpressions } from "./element_expressions.ts";
import type { NftConcat, NftElement, NftMapElement, NftScalar, NftTimedElement, NftValue } from "./element_types.ts";
import {
  compareBytes,
  hasIntervals,
  type Interval,
  intervalOf,
  intervalText,
  isInterval,
  neighbour,
} from "./intervals.ts";
import { millisecondsOf } from "./expressions/units.ts";
import { isBig, isWildcard, type KeyTypes, paddedSize } from "./key_types.ts";
import type { ElementAttributes } from "./messages.ts";
import { elementComment, elementUserData } from "./user_data.ts";
import { decodeVerdict, encodeVerdict } from "./verdicts.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What a map has for its elements: values of types, verdicts, or objects of a kind. */
export type MapData = KeyTypes | "verdict" | "object";

/** What must be known of a set or a map to read and write its elements. */
export interface SetType {
  readonly key: KeyTypes;
  readonly intervals: boolean;
  /** Of a map. */
  readonly data?: MapData | undefined;
}

/** An element of a set, or of a map. */
type AnyElement = NftElement | NftMapElement;

/** The keys of an element that has more than a value. */
const TIMED_KEYS = ["val", "timeout", "expires", "comment", "counter", "limit", "quota"];

/** Milliseconds in a second. */
const SECOND = 1000;
/** The value of the element that has whatever no other has. */
const ANY = "*";

/**
 * The elements for the kernel, in order.
 *
 * @throws {TypeError} An element is none of the type, or is an interval in a set without any.
 */
export function encodeElements(set: SetType, elements: readonly AnyElement[], at: string): ElementAttributes[] {
  if (!Array.isArray(elements)) throw new TypeError(`Cannot use ${shown(elements)} as ${at}: expected a list`);
  const all = elements.map((element: AnyElement, i) => encodeElement(set, element, `${at}[${i}]`));
  const isOne = set.key.length === 1;
  if (set.intervals && isOne) {
    return all.toSorted((a, b) => compareBytes(a.from, b.from)).flatMap(({ from, to, more }) => {
      if (from.length === 0) return [more];
      const end = neighbour(to, 1); // absent behind the highest value: the interval is open
      const start: ElementAttributes = { key: { value: from }, ...more };
      return end === undefined ? [start] : [start, { key: { value: end }, flags: INTERVAL_END }];
    });
  }
  return all.map(({ from, to, more }) => (
    from.length === 0 ? more : { key: { value: from }, ...set.intervals ? { keyEnd: { value: to } } : {}, ...more }
  ));
}

/** True if an element needs a set with intervals. */
export function hasInterval(types: KeyTypes, element: unknown): boolean {
  const isTimed = typeof element === "object" && element !== null && "elem" in element;
  const val = isTimed ? (element as NftTimedElement).elem.val : element;
  const isConcat = typeof val === "object" && val !== null && "concat" in val && Array.isArray(val.concat);
  const parts: readonly unknown[] = isConcat ? val.concat as unknown[] : [val];
  return types.some((type, i) => isInterval(parts[i]) || isWildcard(type, parts[i]));
}

interface EncodedElement extends Interval {
  readonly more: ElementAttributes;
}

function encodeElement({ key: types, intervals, data }: SetType, given: AnyElement, at: string): EncodedElement {
  const pair = data === undefined ? [given] : Array.isArray(given) && given.length === 2 ? given : undefined;
  if (pair === undefined || (data === undefined && Array.isArray(given))) {
    throw new TypeError(`Cannot use ${shown(given)} as ${at}: expected ${data === undefined ? "one value" : "a pair"}`);
  }
  const [element, mapped]: readonly unknown[] = pair;
  const path = data === undefined ? at : `${at}[0]`;
  const isTimed = typeof element === "object" && element !== null && "elem" in element;
  if (isTimed) {
    checkKeys(element, ["elem"], path);
    checkKeys(element.elem, TIMED_KEYS, `${path}.elem`);
  }
  const own = isTimed ? `${path}.elem` : path;
  const { val, timeout, comment, ...rest } = isTimed ? (element as NftTimedElement).elem : { val: element as NftValue }; // each part is looked at where it is encoded
  const expressions = encodeElementExpressions(rest, own);
  const isAny = val === ANY;
  const more: ElementAttributes = {
    ...data === undefined ? {} : encodeData(data, mapped, `${at}[1]`),
    ...defined({
      flags: isAny ? CATCH_ALL : undefined,
      timeout: timeout === undefined ? undefined : BigInt(millisecondsOf(timeout, `${own}.timeout`)),
      userData: elementUserData(comment, own),
    }),
    ...expressions.length === 1 ? { expression: expressions[0] } : expressions.length > 1 ? { expressions } : {},
  };
  const nothing = new Uint8Array(0);
  return isAny
    ? { from: nothing, to: nothing, more }
    : { ...encodeKey(types, val, intervals, isTimed ? `${own}.val` : own), more };
}

/**
 * The bytes of a value of these types, from the lowest to the highest.
 *
 * @throws {TypeError} It is none; or it is an interval, and there are none.
 */
function encodeKey(types: KeyTypes, value: NftValue, intervals: boolean, at: string): Interval {
  const [first, ...others] = types;
  const part = (type: typeof first, one: Exclude<NftValue, NftConcat>, path: string): Interval => {
    if ((isInterval(one) || isWildcard(type, one)) && !(intervals && hasIntervals(type))) {
      throw new TypeError(`Cannot use ${shown(one)} as ${path}: expected a set with the flag interval`);
    }
    return intervalOf(type, one, path);
  };
  const isConcat = isConcatenation(value);
  if (isConcat) checkKeys(value, ["concat"], at);
  if (others.length === 0 && !isConcat) return part(first, value, at);
  const parts = isConcat && Array.isArray(value.concat) ? value.concat : [];
  if (parts.length !== types.length || others.length === 0) {
    const names = types.map(({ name }) => name).join(" . ");
    throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected a value of the type ${names}`);
  }
  const all = types.map((type, i) => part(type, parts[i] ?? "", `${at}.concat[${i}]`));
  return { from: joined(all.map(({ from }) => from)), to: joined(all.map(({ to }) => to)) };
}

/** An array has a `concat`, too. */
function isConcatenation(value: NftValue): value is NftConcat {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "concat");
}

/** Values as they lie in registers, each from a register on. */
function joined(parts: readonly Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + paddedSize(length), 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += paddedSize(part.length);
  }
  return all;
}

function encodeData(data: MapData, given: unknown, at: string): ElementAttributes {
  if (data === "object") {
    return { object: textOf(given, at) };
  }
  if (data === "verdict") {
    const entries = typeof given === "object" && given !== null ? Object.entries(given) : [];
    const [[name, value] = ["", undefined], ...others]: [string, unknown][] = entries;
    const verdict = others.length === 0 ? encodeVerdict(name, value, `${at}.${name}`) : undefined;
    if (verdict !== undefined) return { data: { verdict } };
    throw new TypeError(`Cannot use ${shown(given)} as ${at}: expected accept, drop, continue, return, jump or goto`);
  }
  return { data: { value: encodeKey(data, given as NftValue, false, at).from } }; // it looks at the value
}

/** The elements as they are written, in the order in which `nft` lists them. */
export function decodeElements(set: SetType, elements: readonly ElementAttributes[]): AnyElement[] {
  const keyed = elements.flatMap((element) => (
    element.key?.value === undefined ? [] : [{ ...element, at: element.key.value }]
  ));
  const rest = elements.filter(({ flags = 0 }) => (flags & CATCH_ALL) !== 0)
    .map((element) => elementOf(set, ANY, element));
  if (set.intervals && set.key.length > 1) {
    return [...keyed.map((element) => elementOf(set, valueBetween(set.key, element), element)), ...rest];
  }
  if (!set.intervals) {
    const order = isBig(set.key) && set.key.length === 1 ? compareBytes : compareReversed;
    const sorted = keyed.map((element) => ({ element, bytes: unpadded(set.key, element.at) }))
      .toSorted((a, b) => order(a.bytes, b.bytes));
    return [...sorted.map(({ element }) => elementOf(set, valueBetween(set.key, element), element)), ...rest];
  }
  const [type] = set.key;
  const sorted = keyed.toSorted((a, b) => compareBytes(a.at, b.at) || (b.flags ?? 0) - (a.flags ?? 0));
  const all = sorted.flatMap((element, i) => {
    if (((element.flags ?? 0) & INTERVAL_END) !== 0) return [];
    const next = sorted[i + 1]?.at;
    const to = next === undefined ? new Uint8Array(type.size).fill(0xff) : neighbour(next, -1) ?? element.at;
    return [elementOf(set, intervalText(type, { from: element.at, to }), element)];
  });
  return [...all, ...rest];
}

/** Orders keys as `nft` does those whose bytes are not all in network order. */
function compareReversed(a: Bytes, b: Bytes): number {
  return compareBytes(a.slice().reverse(), b.slice().reverse());
}

/** The parts of a value in registers. */
function partsOf(types: KeyTypes, bytes: Bytes): Bytes[] {
  let at = 0;
  return types.map(({ size }) => {
    const part = bytes.slice(at, at + size);
    at += paddedSize(size);
    return part;
  });
}

function unpadded(types: KeyTypes, bytes: Bytes): Bytes {
  return types.length === 1 ? bytes : Uint8Array.from(partsOf(types, bytes).flatMap((part) => [...part]));
}

function valueBetween(types: KeyTypes, { at, keyEnd }: ElementAttributes & { readonly at: Bytes }): NftValue {
  return valueOf(types, at, keyEnd?.value);
}

/** The value of bytes, or what lies between them and others. */
function valueOf(types: KeyTypes, from: Bytes, to: Bytes = from): NftValue {
  const [first, ...others] = types;
  if (others.length === 0) return first.decode(from);
  const [starts, ends] = [partsOf(types, from), partsOf(types, to)];
  return {
    concat: types.map((type, i) => {
      const start = starts[i] ?? new Uint8Array(0);
      return intervalText(type, { from: start, to: ends[i] ?? start });
    }),
  };
}

function elementOf(set: SetType, val: NftValue, element: ElementAttributes): AnyElement {
  const { timeout, expiration, userData, expression, expressions } = element;
  const all = expressions ?? (expression === undefined ? [] : [expression]);
  const more = defined({
    timeout: timeout === undefined ? undefined : Number(timeout) / SECOND,
    expires: expiration === undefined ? undefined : Math.floor(Number(expiration) / SECOND),
    comment: elementComment(userData),
    ...decodeElementExpressions(all),
  });
  const key: NftElement = Object.keys(more).length === 0 ? val : { elem: { val, ...more } };
  return set.data === undefined ? key : [key, dataOf(set.data, element)];
}

function dataOf(data: MapData, { data: mapped, object }: ElementAttributes): NftMapElement[1] {
  if (data === "object") return object ?? "";
  if (data === "verdict") return decodeVerdict(mapped?.verdict ?? {}) ?? { continue: null };
  return valueOf(data, mapped?.value ?? new Uint8Array(0)) as NftScalar | NftConcat; // a map has no intervals
}
