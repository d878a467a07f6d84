/** Sets and maps for the kernel, and their elements: each command becomes a few messages. */
import { shown } from "../../errors.ts";
import { NLM_F_CREATE } from "../wire/framing.ts";
import { BatchWriter, type Verb } from "./batch_writer.ts";
import { headerOf } from "./families.ts";
import { checkKeys, flagOf, oneOf, textOf } from "./given.ts";
import { MESSAGES, SET_ANONYMOUS, SET_CONCATENATION, SET_CONSTANT, SET_FLAGS, SET_INTERVAL } from "./constants.ts";
import { SET_MAP, SET_OBJECTS } from "./constants.ts";
import { encodeSetStatements } from "./element_expressions.ts";
import type { NftElement, NftElements, NftMapElement, NftMapElements } from "./element_types.ts";
import { encodeElements, type MapData, type SetType } from "./elements.ts";
import { bitsOf } from "./flags.ts";
import { isBig, keyOfSet, numberOf, sizeOf, typesNamed, VERDICT_TYPE } from "./key_types.ts";
import type { AnonymousSet } from "./lookups.ts";
import { millisecondsOf, numberUpTo } from "./expressions/units.ts";
import { elementsMessage, type NetfilterHeader, type SetAttributes, setMessage } from "./messages.ts";
import { MOST_ELEMENTS } from "./raw_sets.ts";
import { isObjectKind, OBJECT_TYPES } from "./object_kinds.ts";
import type { NftMap, NftSet } from "./set_types.ts";
import { setUserData } from "./user_data.ts";

/** The type of the set that a command names, by what the kernel has; a set of the same batch is known already. */
export type SetTypes = (set: Pick<NftElements, "family" | "table" | "name">) => SetType | undefined;

/** The highest u32. */
const MOST = 0xffffffff;
/** NFT_SET_POL_… */
const SET_POLICIES: Readonly<Record<NonNullable<NftSet["policy"]>, number>> = { performance: 0, memory: 1 };

/** Compiles the commands of one batch that are about sets and maps. */
export class SetCompiler extends BatchWriter {
  readonly #existing: SetTypes;
  readonly #made = new Map<string, SetType>();
  #setIds = 0;

  /** Sets that are not made in the batch are looked up with `existing`. */
  constructor(existing: SetTypes) {
    super();
    this.#existing = existing;
  }

  /** A number for a set of the batch. */
  protected nextSetId(): number {
    return ++this.#setIds;
  }

  /** The type of a set of the batch, or of one that exists. */
  protected typeOf(set: Pick<NftElements, "family" | "table" | "name">): SetType | undefined {
    return this.#made.get(keyOf(set)) ?? this.#existing(set);
  }

  /** A set or a map that a rule has for itself. */
  protected anonymousSet(set: AnonymousSet, header: NetfilterHeader, table: string, label: string): void {
    const attributes: SetAttributes = {
      table,
      name: set.name,
      ...typeAttributes(set.type, SET_ANONYMOUS | SET_CONSTANT, undefined, set.objectType),
      id: set.id,
      userData: setUserData({ big: isBig(set.type.key), isDataBig: isDataBig(set.type) }, set.at),
    };
    this.push(MESSAGES.newSet, NLM_F_CREATE, setMessage.encode({ ...header, attributes }), label);
    const names = { table, set: set.name, setId: set.id };
    this.#elements(MESSAGES.newElements, NLM_F_CREATE, { header, names, type: set.type, label }, set.elements, set.at);
  }

  protected set(verb: Verb, set: NftSet | NftMap, flags: number, at: string): void {
    const isMap = at.endsWith(".map");
    checkKeys(set, isMap ? MAP_KEYS : SET_KEYS, at);
    const header = headerOf(set.family, at);
    const names = { table: textOf(set.table, `${at}.table`), set: textOf(set.name, `${at}.name`) };
    const label = `${verb} ${isMap ? "map" : "set"} ${set.family} ${names.table} ${names.set}`;
    if (verb === "flush") {
      return this.push(MESSAGES.delElements, 0, elementsMessage.encode({ ...header, attributes: names }), label);
    }
    const named = { table: names.table, name: names.set };
    if (verb === "delete") {
      return this.push(MESSAGES.delSet, 0, setMessage.encode({ ...header, attributes: named }), label);
    }
    const { type, bits, objectType } = typeNamed(set, at);
    this.#made.set(keyOf(set), type);
    const { "gc-interval": interval } = set;
    const [expression, ...others] = encodeSetStatements(set.stmt, `${at}.stmt`);
    const attributes: SetAttributes = {
      ...named,
      ...typeAttributes(
        type,
        bits,
        set.size === undefined ? undefined : numberUpTo(MOST, set.size, `${at}.size`),
        objectType,
      ),
      policy: set.policy === undefined ? undefined : oneOf(SET_POLICIES, set.policy, `${at}.policy`),
      id: this.nextSetId(),
      timeout: set.timeout === undefined ? undefined : BigInt(millisecondsOf(set.timeout, `${at}.timeout`)),
      gcInterval: interval === undefined ? undefined : millisecondsOf(interval, `${at}.gc-interval`, MOST),
      userData: setUserData(
        {
          big: isBig(type.key),
          isDataBig: isDataBig(type),
          merges: flagOf(set["auto-merge"], `${at}.auto-merge`),
          comment: set.comment,
        },
        at,
      ),
      expression: others.length === 0 ? expression : undefined,
      expressions: others.length === 0 || expression === undefined ? undefined : [expression, ...others],
    };
    this.push(MESSAGES.newSet, flags, setMessage.encode({ ...header, attributes }), label);
    if (set.elem === undefined) return;
    this.#elements(MESSAGES.newElements, NLM_F_CREATE, { header, names, type, label }, set.elem, `${at}.elem`);
  }

  protected element(verb: Verb, given: NftElements | NftMapElements, flags: number, at: string): void {
    checkKeys(given, ELEMENT_KEYS, at);
    const header = headerOf(given.family, at);
    const names = { table: textOf(given.table, `${at}.table`), set: textOf(given.name, `${at}.name`) };
    const label = `${verb} element ${given.family} ${names.table} ${names.set}`;
    const type = this.typeOf(given);
    if (type === undefined) {
      throw new TypeError(
        `Cannot use ${shown(names.set)} as ${at}.name: expected the name of a set or map of the table ` +
          `${given.family} ${names.table} that is there, or that an earlier command makes, and whose type is known`,
      );
    }
    const [message, messageFlags] = verb === "delete" ? [MESSAGES.delElements, 0] : [MESSAGES.newElements, flags];
    this.#elements(message, messageFlags, { header, names, type, label }, given.elem, `${at}.elem`);
  }

  /** Elements in as many messages as they take. */
  #elements(
    message: number,
    flags: number,
    { header, names, type, label }: {
      readonly header: NetfilterHeader;
      readonly names: { readonly table: string; readonly set: string; readonly setId?: number };
      readonly type: SetType;
      readonly label: string;
    },
    given: readonly (NftElement | NftMapElement)[],
    at: string,
  ): void {
    const elements = encodeElements(type, given, at);
    for (let start = 0; start < elements.length; start += MOST_ELEMENTS) {
      const attributes = { ...names, elements: elements.slice(start, start + MOST_ELEMENTS) };
      this.push(message, flags, elementsMessage.encode({ ...header, attributes }), label);
    }
  }
}

/** What a set or a map that is to be made says of its type. */
function typeNamed(set: NftSet | NftMap, at: string) {
  const bits = bitsOf(SET_FLAGS, set.flags, `${at}.flags`) |
    (set.timeout === undefined ? 0 : SET_FLAGS["timeout"] ?? 0);
  const intervals = (bits & SET_INTERVAL) !== 0;
  const type: SetType = { key: keyOfSet(typesNamed(set.type, `${at}.type`), intervals), intervals };
  if (!("map" in set)) return { type, bits };
  const { map } = set;
  if (typeof map === "string" && isObjectKind(map)) {
    return { type: { ...type, data: "object" as const }, bits, objectType: OBJECT_TYPES[map] };
  }
  const data: MapData = map === "verdict" ? map : typesNamed(map, `${at}.map`);
  return { type: { ...type, data }, bits };
}

/** What says the type of a set or a map. */
function typeAttributes(
  { key, intervals, data }: SetType,
  bits: number,
  size?: number | undefined,
  objectType?: number | undefined,
): SetAttributes {
  const isConcat = key.length > 1;
  const isMap = data === undefined ? 0 : data === "object" ? SET_OBJECTS : SET_MAP;
  const fields = isConcat ? key.map((type) => ({ length: type.size })) : undefined;
  const values = data === undefined || data === "object"
    ? {}
    : data === "verdict"
    ? { dataType: VERDICT_TYPE, dataLength: 0 }
    : { dataType: numberOf(data), dataLength: sizeOf(data) };
  return {
    flags: bits | isMap | (intervals ? SET_INTERVAL : 0) | (isConcat ? SET_CONCATENATION : 0),
    keyType: numberOf(key),
    keyLength: sizeOf(key),
    ...values,
    objectType,
    description: size === undefined && fields === undefined ? undefined : { size, fields },
  };
}

/** Whether what a map has is in network order; undefined of a set, of verdicts and of objects. */
function isDataBig({ data }: SetType): boolean | undefined {
  return data === undefined || data === "verdict" || data === "object" ? undefined : isBig(data);
}

const SET_KEYS = ["family", "table", "name", "handle", "type", "flags", "policy", "size", "timeout", "gc-interval"]
  .concat("auto-merge", "stmt", "comment", "elem");
const MAP_KEYS = SET_KEYS.concat("map");
const ELEMENT_KEYS = ["family", "table", "name", "elem"];

/** Text that is equal for two sets exactly if they are one. */
function keyOf({ family, table, name }: Pick<NftElements, "family" | "table" | "name">): string {
  return [family, table, name].join("\0");
}
