/** What `nft` keeps with tables, rules and sets, and the kernel does not look at: NFTNL_UDATA_…. See libnftnl/udata.h. */

import { shown } from "../../errors.ts";

const TABLE_COMMENT = 0;
const CHAIN_COMMENT = 0;
const RULE_COMMENT = 0;
const SET_KEY_ORDER = 0;
const SET_DATA_ORDER = 1;
const SET_MERGES = 2;
const SET_COMMENT = 7;
const ELEMENT_COMMENT = 0;
const OBJECT_COMMENT = 0;

// The values of NFTNL_UDATA_SET_KEYBYTEORDER.
const ORDER_HOST = 1;
const ORDER_BIG = 2;

type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The longest comment, in bytes, with its NUL. */
const LONGEST_COMMENT = 128;

function entry(type: number, value: Uint8Array): number[] {
  return [type, value.length, ...value];
}

/** A comment, which stands at `at` + `.comment`, with its NUL. */
function commentBytes(comment: unknown, at: string): Uint8Array {
  const isText = typeof comment === "string" && comment.isWellFormed() && !comment.includes("\0");
  const expected = `expected text without NUL, of at most ${LONGEST_COMMENT - 1} bytes`;
  if (!isText) throw new TypeError(`Cannot use ${shown(comment)} as ${at}.comment: ${expected}`);
  const bytes = encoder.encode(`${comment}\0`);
  if (bytes.length <= LONGEST_COMMENT) return bytes;
  throw new RangeError(`Cannot use a text of ${bytes.length - 1} bytes as ${at}.comment: ${expected}`);
}

/** The user data of an object that has at most a comment. */
function userDataOf(type: number, comment: unknown, at: string): Bytes | undefined {
  return comment === undefined ? undefined : Uint8Array.from(entry(type, commentBytes(comment, at)));
}

/** The user data of a table; undefined if it has no comment. */
export function tableUserData(comment: string | undefined, at: string): Bytes | undefined {
  return userDataOf(TABLE_COMMENT, comment, at);
}

/** The user data of a chain; undefined if it has no comment. */
export function chainUserData(comment: string | undefined, at: string): Bytes | undefined {
  return userDataOf(CHAIN_COMMENT, comment, at);
}

/** The user data of a rule; undefined if it has no comment. */
export function ruleUserData(comment: string | undefined, at: string): Bytes | undefined {
  return userDataOf(RULE_COMMENT, comment, at);
}

/** The user data of a set: `nft` reads its elements by the order of bytes, and what a map has by that of its data. */
export function setUserData(
  { big, isDataBig, merges = false, comment }: {
    readonly big: boolean;
    readonly isDataBig: boolean | undefined;
    readonly merges?: boolean | undefined;
    readonly comment?: string | undefined;
  },
  at: string,
): Bytes {
  const order = (type: number, isBig: boolean): number[] => (
    entry(type, Uint8Array.of(isBig ? ORDER_BIG : ORDER_HOST, 0, 0, 0))
  );
  return Uint8Array.from([
    ...order(SET_KEY_ORDER, big),
    ...isDataBig === undefined ? [] : order(SET_DATA_ORDER, isDataBig),
    ...merges ? entry(SET_MERGES, Uint8Array.of(1, 0, 0, 0)) : [],
    ...comment === undefined ? [] : entry(SET_COMMENT, commentBytes(comment, at)),
  ]);
}

/** The user data of an element of a set; undefined if it has no comment. */
export function elementUserData(comment: string | undefined, at: string): Bytes | undefined {
  return userDataOf(ELEMENT_COMMENT, comment, at);
}

/** The user data of a named object; undefined if it has no comment. */
export function objectUserData(comment: string | undefined, at: string): Bytes | undefined {
  return userDataOf(OBJECT_COMMENT, comment, at);
}

function valueOf(data: Uint8Array | undefined, type: number): Uint8Array | undefined {
  for (let at = 0; data !== undefined && at + 2 <= data.length;) {
    const length = data[at + 1] ?? 0;
    if (data[at] === type) return data.subarray(at + 2, at + 2 + length);
    at += 2 + length;
  }
  return undefined;
}

function commentOf(data: Uint8Array | undefined, type: number): string | undefined {
  const value = valueOf(data, type);
  return value === undefined ? undefined : decoder.decode(value).split("\0", 1)[0];
}

/** The comment of a table. */
export function tableComment(data: Uint8Array | undefined): string | undefined {
  return commentOf(data, TABLE_COMMENT);
}

/** The comment of a chain. */
export function chainComment(data: Uint8Array | undefined): string | undefined {
  return commentOf(data, CHAIN_COMMENT);
}

/** The comment of a rule. */
export function ruleComment(data: Uint8Array | undefined): string | undefined {
  return commentOf(data, RULE_COMMENT);
}

/** True of a set whose elements `nft` merges. */
export function setMerges(data: Uint8Array | undefined): boolean {
  return valueOf(data, SET_MERGES)?.some((byte) => byte !== 0) ?? false;
}

/** The comment of a set. */
export function setComment(data: Uint8Array | undefined): string | undefined {
  return commentOf(data, SET_COMMENT);
}

/** The comment of an element of a set. */
export function elementComment(data: Uint8Array | undefined): string | undefined {
  return commentOf(data, ELEMENT_COMMENT);
}

/** The comment of a named object. */
export function objectComment(data: Uint8Array | undefined): string | undefined {
  return commentOf(data, OBJECT_COMMENT);
}
