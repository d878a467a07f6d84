/** How links are named, and how a request finds one. */
import { bytesOfName, utf8Length } from "../../../ffi/mod.ts";
import { shown } from "../../errors.ts";
import { wholeNumber } from "../../whole_number.ts";
import type { Codec } from "../wire/codec.ts";
import { u32 } from "../wire/numbers.ts";

/** A link, by its name, alone or as `{ name }`, or by its index. */
export type LinkRef = string | { readonly name: string } | { readonly index: number };

/** The links that were put into a group. See `ip link set group` in ip-link(8). */
export interface LinkGroup {
  /** Its number; every new link is in group 0. */
  readonly group: number;
}

/** The longest name of a link, in bytes: IFNAMSIZ without the NUL. Alternative names can be longer. */
const LONGEST_NAME = 15;
/** The longest alternative name, in bytes: ALTIFNAMSIZ without the NUL. */
const LONGEST_ALT_NAME = 127;

/**
 * A name that a link can have; the kernel replaces `%d` in it by a number.
 *
 * @throws {TypeError} The kernel would refuse it, without a reason.
 */
export function linkName(name: string): string {
  const length = typeof name === "string" ? nameLength(name) : 0; // untyped code may give anything
  if (length >= 1 && length <= LONGEST_NAME && name !== "." && name !== ".." && !/[/:\s\0]/.test(name)) return name;
  throw new TypeError(
    `Cannot use ${shown(name)} as the name of a link: ` +
      `expected 1 to ${LONGEST_NAME} bytes, no "/", ":" or white space, not "." or ".."`,
  );
}

/**
 * An alternative name that a link can get. The kernel also takes an empty one, by which nobody finds the link.
 *
 * @throws {TypeError} It is empty, too long or no text.
 */
export function newAltName(name: string): string {
  const length = typeof name === "string" ? nameLength(name) : 0; // untyped code may give anything
  if (length >= 1 && length <= LONGEST_ALT_NAME && !name.includes("\0")) return name;
  throw new TypeError(
    `Cannot use ${shown(name)} as the alternative name of a link: expected 1 to ${LONGEST_ALT_NAME} bytes, no NUL`,
  );
}

/** How many bytes a name has. */
function nameLength(name: string): number {
  return name.includes("\\x") ? bytesOfName(name).length : utf8Length(name);
}

/**
 * True of a link that is named by its index. One that has both, as a link that was listed, is found by its index, which
 * stays when it is renamed.
 *
 * @throws {TypeError} It is neither name nor index.
 */
export function hasIndex(ref: LinkRef): ref is { readonly index: number } {
  if (typeof ref === "string") return false;
  if (typeof ref === "object" && ref !== null) {
    if ("index" in ref && typeof ref.index === "number") return isLinkIndex(ref.index);
    if ("name" in ref && typeof ref.name === "string") return false;
  }
  throw new TypeError(`Cannot use ${shown(ref)} as a link: expected a name, { name } or { index }`);
}

/** The largest index that the kernel gives a link. */
export const LARGEST_INDEX = 0x7fffffff;

/**
 * True of a number that the index of a link can be; 0 is that of none.
 *
 * @throws {RangeError} It is another one.
 */
function isLinkIndex(index: number): true {
  wholeNumber(index, "the index of a link", 0, LARGEST_INDEX);
  return true;
}

/** How a specification names its link: by `link`, or by its index, as what was listed does. */
export type OfLink =
  | {
    /** The link. */
    readonly link: LinkRef;
    /** The index of the link of what was listed; `link` wins. */
    readonly linkIndex?: number | undefined;
  }
  | {
    /** The index of the link. */
    readonly linkIndex: number;
    /** The link, instead of its index. */
    readonly link?: LinkRef | undefined;
  };

/** How a specification may name a link. */
export interface NamesLink {
  /** The link. */
  readonly link?: LinkRef | undefined;
  /** The index of the link, as lists give it; `link` wins. */
  readonly linkIndex?: number | undefined;
}

/** A specification that names its link by the index alone; `link` wins over the index of what was listed. */
export function withIndex<T extends NamesLink>(spec: T, indexOf: (link: LinkRef) => number): T {
  // Untyped code may give anything, which is refused later; a string has a method `link`.
  const link = typeof spec === "object" ? spec?.link : undefined;
  return link === undefined ? spec : { ...spec, link: undefined, linkIndex: indexOf(link) };
}

/** The name of a link that is not named by its index. */
export function nameOfRef(ref: Exclude<LinkRef, { readonly index: number }>): string {
  return typeof ref === "string" ? ref : ref.name;
}

/** True of a group. A link that was listed may be in one, and is still a link. */
export function isGroup(ref: LinkRef | LinkGroup): ref is LinkGroup {
  return typeof ref === "object" && ref !== null && "group" in ref && !("index" in ref) && !("name" in ref);
}

/**
 * A link as error messages name it.
 *
 * @throws {TypeError} It is neither name nor index.
 */
export function labelOf(ref: LinkRef): string {
  if (typeof ref === "string") return ref;
  if (!hasIndex(ref)) return ref.name;
  return "name" in ref && typeof ref.name === "string" ? ref.name : `link ${ref.index}`;
}

/** Where a request names its link: the index in the header, or one of two attributes. */
export interface LinkTarget {
  /** The index, or 0. */
  readonly index: number;
  /** IFLA_IFNAME */
  readonly name: string | undefined;
  /** IFLA_ALT_IFNAME, of a name that is too long for IFLA_IFNAME. */
  readonly altName: string | undefined;
}

/**
 * Where a request names `ref`.
 *
 * @throws {TypeError} It is neither name nor index.
 */
export function targetOf(ref: LinkRef): LinkTarget {
  if (hasIndex(ref)) return { index: ref.index, name: undefined, altName: undefined };
  const name = nameOfRef(ref);
  const length = nameLength(name);
  if (length < 1 || length > LONGEST_ALT_NAME || name.includes("\0")) {
    throw new TypeError(
      `Cannot use ${shown(name)} as the name of a link: expected 1 to ${LONGEST_ALT_NAME} bytes without NUL`,
    );
  }
  const isLong = length > LONGEST_NAME;
  return { index: 0, name: isLong ? undefined : name, altName: isLong ? name : undefined };
}

/**
 * A link as the families of generic netlink name it: by the index, or by one of its names.
 *
 * @throws {TypeError} It is neither name nor index.
 * @throws {RangeError} Its index is that of none.
 */
export function namedOrIndexed(ref: LinkRef): { readonly name: string } | { readonly index: number } {
  const { index, name, altName } = targetOf(ref);
  const text = name ?? altName;
  if (text !== undefined) return { name: text };
  return { index: wholeNumber(index, "the index of a link", 1, LARGEST_INDEX) };
}

/**
 * The index of a link. One that is named must have been looked up before.
 *
 * @param field What an error calls it.
 * @throws {TypeError} It is a name.
 */
export function indexOfRef(link: LinkRef | number, field = "a link"): number {
  if (typeof link === "number") return link;
  if (hasIndex(link)) return link.index;
  throw new TypeError(`Cannot use ${shown(nameOfRef(link))} as ${field}: expected an index`);
}

/** The codec of the index of a link, in the place of a link. */
export const linkIndex: Codec<LinkRef | number> = {
  write: (out, value, name) => u32.write(out, indexOfRef(value, name), name),
  read: u32.read,
};
