/** Sets and maps as the kernel sends them, in the words of libnftables-json(5). */
import { defined } from "../../collections.ts";
import { namesOfBits, SET_CONSTANT, SET_FLAGS, SET_INTERVAL, SET_MAP, SET_OBJECTS } from "./constants.ts";
import { familyOf } from "./families.ts";
import { numberOfHandle } from "./handles.ts";
import { decodeSetStatements } from "./element_expressions.ts";
import type { NftElement, NftMapElement } from "./element_types.ts";
import type { MapData, SetType } from "./elements.ts";
import { keyOfSet, namesOf, typesOf, VERDICT_TYPE } from "./key_types.ts";
import { type ElementAttributes, elementsMessage, type SetAttributes, setMessage } from "./messages.ts";
import { objectKindOf } from "./object_kinds.ts";
import type { NftMap, NftSet } from "./set_types.ts";
import type { NftFamily } from "./names.ts";
import { setComment, setMerges } from "./user_data.ts";

const MILLISECONDS = 1000;

/** A set or a map as the kernel has it. */
export interface ListedSet {
  readonly family: NftFamily;
  readonly attributes: SetAttributes;
  /** Undefined if the library does not know one of its types. */
  readonly type: SetType | undefined;
}

/** A set or a map; undefined if the library does not know the family. */
export function decodeSet(body: Uint8Array): ListedSet | undefined {
  const { family: number, attributes } = setMessage.decode(body);
  const family = familyOf(number);
  return family && { family, attributes, type: typeOfSet(attributes) };
}

function typeOfSet({ keyType = 0, keyLength = 0, flags = 0, dataType, dataLength = 0, objectType }: SetAttributes) {
  const types = typesOf(keyType, keyLength);
  if (types === undefined) return undefined;
  const intervals = (flags & SET_INTERVAL) !== 0;
  const key = keyOfSet(types, intervals);
  if ((flags & (SET_MAP | SET_OBJECTS)) === 0) return { key, intervals };
  const data: MapData | undefined = objectType !== undefined
    ? "object"
    : dataType === VERDICT_TYPE
    ? "verdict"
    : typesOf(dataType ?? 0, dataLength);
  return data && { key, intervals, data };
}

/** Elements of a set or a map. */
export function decodeElementAttributes(body: Uint8Array): readonly ElementAttributes[] {
  return elementsMessage.decode(body).attributes.elements ?? [];
}

/** True of a map. */
export function isMap({ attributes: { flags = 0 } }: ListedSet): boolean {
  return (flags & (SET_MAP | SET_OBJECTS)) !== 0;
}

/** The set, with its elements. */
export function setOf(set: ListedSet, elements: readonly NftElement[]): NftSet {
  return { ...keyedOf(set), ...elements.length === 0 ? {} : { elem: elements } };
}

/** The map, with its elements. */
export function mapOf(set: ListedSet, elements: readonly NftMapElement[]): NftMap {
  return { ...keyedOf(set), map: dataName(set), ...elements.length === 0 ? {} : { elem: elements } };
}

function dataName({ attributes: { dataType, objectType }, type }: ListedSet): string {
  const { data } = type ?? {};
  if (objectType !== undefined) return objectKindOf(objectType) ?? `${objectType}`;
  if (data === "verdict" || data === "object" || data === undefined) return data ?? `${dataType}`;
  return data.map(({ name }) => name).join(" . ");
}

function keyedOf({ family, attributes, type }: ListedSet): Omit<NftSet, "elem"> {
  const { table = "", name = "", handle, keyType = 0, flags = 0, policy, description, timeout, gcInterval } =
    attributes;
  const { userData, expression, expressions = expression === undefined ? [] : [expression] } = attributes;
  const names = namesOfBits(SET_FLAGS, flags);
  return defined({
    family,
    table,
    name,
    handle: numberOfHandle(handle),
    type: type === undefined ? `${keyType}` : namesOf(type.key),
    comment: setComment(userData),
    flags: names.length === 0 ? undefined : names,
    "auto-merge": setMerges(userData) || undefined,
    policy: policy === 1 ? "memory" as const : undefined,
    size: (flags & SET_CONSTANT) === 0 ? description?.size : undefined, // of a constant set it is how many there are
    timeout: timeout === undefined ? undefined : Number(timeout) / MILLISECONDS,
    "gc-interval": gcInterval === undefined ? undefined : gcInterval / MILLISECONDS,
    stmt: expressions.length === 0 ? undefined : decodeSetStatements(expressions),
  });
}
