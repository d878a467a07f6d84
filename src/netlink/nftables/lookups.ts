/** What rules look up in sets and maps: those of their table, and those that they have for themselves. */
import { defined } from "../../collections.ts";
import { shown } from "../../errors.ts";
import { checkKeys } from "./given.ts";
import { type Datatype, DATATYPES, inNetworkOrder } from "./datatypes.ts";
import type { NftElement, NftMapElement } from "./element_types.ts";
import { hasInterval, type MapData, type SetType } from "./elements.ts";
import { REGISTER, VERDICT_REGISTER } from "./expressions.ts";
import { keyOfSet, type KeyTypes } from "./key_types.ts";
import { Loading } from "./loading.ts";
import type { NftFamily } from "./names.ts";
import { registerOf, wordOf, wordsOf } from "./registers.ts";
import type { NftMapped, NftMatch } from "./statement_types.ts";

/** A set or a map that a rule has for itself, and that is made with it. */
export interface AnonymousSet {
  /** Its number in the batch. */
  readonly id: number;
  /** A name that the kernel completes with a number. */
  readonly name: string;
  readonly type: SetType;
  /** The kind of objects that a map has: NFT_OBJECT_…. */
  readonly objectType?: number | undefined;
  readonly elements: readonly (NftElement | NftMapElement)[];
  /** Where it stands, for errors. */
  readonly at: string;
}

/** The type of a set or a map of the rule's table; undefined if there is none, or the library does not know its type. */
export type OwnSets = (name: string) => SetType | undefined;

/** How a rule names a set or a map that it has for itself. */
interface OwnSet {
  readonly set: string;
  readonly setId: number;
  readonly type: SetType;
}

/** NFT_BYTEORDER_HTON */
const TO_NETWORK_ORDER = 1;
const ANONYMOUS_SET = "__set%d";
const ANONYMOUS_MAP = "__map%d";
const ANONYMOUS_OBJECTS = "__objmap%d";
/** NFT_LOOKUP_F_INV */
const INVERTED = 1;

/** Compiles what a rule looks up. */
export class Lookups extends Loading {
  readonly sets: AnonymousSet[] = [];
  readonly #newSetId: () => number;
  readonly #sets: OwnSets;

  /** Compiles for a table of `family`, whose sets are `sets`; `newSetId` gives each set of the batch a number. */
  constructor(family: NftFamily, newSetId: () => number, sets: OwnSets) {
    super(family);
    this.#newSetId = newSetId;
    this.#sets = sets;
  }

  /**
   * Looks up what a map has, and gives the map's types; `data` is what it has to have, if the map is the rule's own.
   *
   * @throws {TypeError} There is no such map, or it has something else.
   */
  loadMapped(mapped: NftMapped, data: MapData, dreg: number, at: string): SetType {
    checkKeys(mapped, ["map"], at);
    const { map } = mapped;
    const path = `${at}.map`;
    checkKeys(map, ["key", "data"], path);
    const sreg = dreg === VERDICT_REGISTER ? REGISTER : dreg;
    const key = this.loadKey(map.key, `${path}.key`, sreg);
    if (typeof map.data === "string" && map.data.startsWith("@")) {
      const name = map.data.slice(1);
      this.order(key, this.setNamed(name), sreg);
      this.lookup({ set: name, sreg, dreg }, false);
      return this.#sets(name) ?? { key, intervals: false, data };
    }
    const own = this.#ownMap(key, data, map.data, `${path}.data`);
    this.order(key, own.type, sreg);
    this.lookup({ ...own, sreg, dreg }, false);
    return own.type;
  }

  /**
   * The map in which an object is looked up by what is loaded now.
   *
   * @param objectType The kind of objects that the map has, if it is the rule's own.
   * @throws {TypeError} There is none.
   */
  objectMap(mapped: NftMapped, objectType: number, at: string): { readonly set: string; readonly setId?: number } {
    checkKeys(mapped, ["map"], at);
    const { map } = mapped;
    checkKeys(map, ["key", "data"], `${at}.map`);
    const key = this.loadKey(map.key, `${at}.map.key`);
    if (typeof map.data === "string" && map.data.startsWith("@")) {
      const set = map.data.slice(1);
      this.order(key, this.setNamed(set), REGISTER);
      return { set };
    }
    const { set, setId, type } = this.#ownMap(key, "object", map.data, `${at}.map.data`, objectType);
    this.order(key, type, REGISTER);
    return { set, setId };
  }

  protected checkLookup(op: NftMatch["match"]["op"], at: string): void {
    if (op === undefined || op === "==" || op === "!=") return;
    throw new TypeError(`Cannot use ${shown(op)} as ${at}.op: expected == or != with a set`);
  }

  /** The type of a set or a map of the table. */
  protected setNamed(name: string): SetType | undefined {
    return this.#sets(name);
  }

  /** Puts what was loaded into the order in which a set has it. */
  protected order(key: KeyTypes, set: SetType | undefined, register: number): void {
    if (set?.intervals !== true) return;
    const isOne = key.length === 1;
    let word = isOne ? 0 : wordOf(register);
    for (const type of key) {
      this.toNetworkOrder(type, isOne ? register : registerOf(word));
      word += wordsOf(type.size);
    }
  }

  /** Puts numbers of a register into network order, in which values can be ordered. */
  protected toNetworkOrder(type: Datatype, register: number = REGISTER): void {
    const { size } = type;
    if (size === 1 || inNetworkOrder(type) === type) return;
    const data = { sreg: register, dreg: register, op: TO_NETWORK_ORDER, length: size, size };
    this.expressions.push({ name: "byteorder", data });
  }

  protected lookup(
    { set, setId, sreg = REGISTER, dreg }: {
      readonly set: string;
      readonly setId?: number;
      readonly sreg?: number;
      readonly dreg?: number;
    },
    isNegative: boolean,
  ): void {
    const data = defined({ set, sreg, dreg, setId, flags: isNegative ? INVERTED : undefined });
    this.expressions.push({ name: "lookup", data });
  }

  /** A map of the rule's own, in which values may have a port beside the address that `data` is. */
  #ownMap(key: KeyTypes, data: MapData, given: unknown, at: string, objectType?: number): OwnSet {
    if (typeof given !== "object" || given === null) {
      throw new TypeError(`Cannot use ${shown(given)} as ${at}: expected "@" and the name of a map, or a map`);
    }
    checkKeys(given, ["set"], at);
    const elements: unknown = Reflect.get(given as object, "set"); // checkKeys looked
    const first: unknown = Array.isArray(elements) ? elements[0] : undefined;
    const value: unknown = Array.isArray(first) ? first[1] : undefined;
    const isConcat = typeof value === "object" && value !== null && "concat" in value;
    const whole: MapData = isConcat && Array.isArray(data) ? [data[0], DATATYPES.service] : data;
    return this.anonymous(key, whole, elements, `${at}.set`, objectType);
  }

  protected anonymous(
    key: KeyTypes,
    data: MapData | undefined,
    elements: unknown,
    at: string,
    objectType?: number,
  ): OwnSet {
    if (!Array.isArray(elements) || elements.length === 0) {
      throw new TypeError(`Cannot use ${shown(elements)} as ${at}: expected a list that is not empty`);
    }
    const setId = this.#newSetId();
    const intervals = elements.some((one) => hasInterval(key, data === undefined ? one : one?.[0]));
    const type: SetType = { key: keyOfSet(key, intervals), intervals, data };
    const set = data === undefined ? ANONYMOUS_SET : data === "object" ? ANONYMOUS_OBJECTS : ANONYMOUS_MAP;
    this.sets.push({ id: setId, name: set, type, objectType, elements, at });
    return { set, setId, type };
  }
}
