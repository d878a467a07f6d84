/** The kinds of named objects: what each has, in the words of libnftables-json(5) and as attributes. NFTA_OBJ_DATA. */
import { defined } from "../../collections.ts";
import { flagOf } from "./given.ts";
import { counter, COUNTER_KEYS, decodeCounter, encodeCounter } from "./expressions/counter.ts";
import { decodeLimit, encodeLimit, limit, LIMIT_KEYS } from "./expressions/limit.ts";
import { quota } from "./expressions/quota.ts";
import { wholeNumber, wholeOf } from "./expressions/units.ts";
import type { ObjectCodec, OwnKeys } from "./object_codec.ts";
import type {
  NftCounterObject,
  NftCtExpectation,
  NftCtHelper,
  NftCtTimeout,
  NftLimitObject,
  NftQuotaObject,
  NftSynproxy,
} from "./object_types.ts";
import { expectation, helper, timeout } from "./objects/ct.ts";
import { synproxy } from "./objects/synproxy.ts";

/** The objects by the name of their kind. */
export interface ObjectKinds {
  readonly counter: NftCounterObject;
  readonly quota: NftQuotaObject;
  readonly limit: NftLimitObject;
  readonly "ct helper": NftCtHelper;
  readonly "ct timeout": NftCtTimeout;
  readonly "ct expectation": NftCtExpectation;
  readonly synproxy: NftSynproxy;
}

/** The name of a kind of objects. */
export type ObjectKind = keyof ObjectKinds;

/** NFT_OBJECT_… */
export const OBJECT_TYPES: Readonly<Record<ObjectKind, number>> = {
  "counter": 1,
  "quota": 2,
  "ct helper": 3,
  "limit": 4,
  "ct timeout": 7,
  "ct expectation": 9,
  "synproxy": 10,
};

/** NFT_QUOTA_F_INV */
const INVERTED = 1;

const KINDS: { readonly [K in ObjectKind]: ObjectCodec<ObjectKinds[K]> } = {
  counter: {
    keys: COUNTER_KEYS,
    encode: ({ packets, bytes }, _, at) => counter.encode(encodeCounter({ packets, bytes }, at)),
    decode: (bytes) => decodeCounter(counter.decode(bytes)),
  },
  quota: {
    keys: ["bytes", "used", "inv"],
    encode: ({ bytes, used = 0, inv }, _, at) => (
      quota.encode({
        bytes: wholeOf(bytes, `${at}.bytes`),
        consumed: wholeOf(used, `${at}.used`),
        flags: flagOf(inv, `${at}.inv`) ? INVERTED : 0,
      })
    ),
    decode(data) {
      const { bytes = 0n, consumed = 0n, flags = 0 } = quota.decode(data);
      return { bytes: wholeNumber(bytes), used: wholeNumber(consumed), inv: (flags & INVERTED) !== 0 };
    },
  },
  limit: {
    keys: LIMIT_KEYS,
    encode: (value, _, at) => limit.encode(encodeLimit(value, at)),
    decode: (bytes) => decodeLimit(limit.decode(bytes)),
  },
  "ct helper": helper,
  "ct timeout": timeout,
  "ct expectation": expectation,
  synproxy,
};

/** True of the name of a kind. */
export function isObjectKind(name: string): name is ObjectKind {
  return Object.hasOwn(OBJECT_TYPES, name);
}

/** The kind of a number; undefined if the library does not know it. */
export function objectKindOf(type: number | undefined): ObjectKind | undefined {
  return (Object.keys(OBJECT_TYPES) as ObjectKind[]).find((kind) => OBJECT_TYPES[kind] === type); // its keys are those
}

/** The keys that an object of a kind has beside its name. */
export function keysOfKind(kind: ObjectKind): readonly string[] {
  return KINDS[kind].keys;
}

/**
 * The attributes of an object.
 *
 * @throws {TypeError} A value in it is none.
 */
export function encodeObject<K extends ObjectKind>(
  kind: K,
  object: ObjectKinds[K],
  at: string,
): Uint8Array<ArrayBuffer> {
  const one: ObjectCodec<ObjectKinds[K]> = KINDS[kind];
  return one.encode(object, object.family, at);
}

/** The object of attributes. */
export function decodeObject<K extends ObjectKind>(kind: K, bytes: Uint8Array): OwnKeys<ObjectKinds[K]> {
  const one: ObjectCodec<ObjectKinds[K]> = KINDS[kind];
  return defined(one.decode(bytes)) as OwnKeys<ObjectKinds[K]>; // no key was undefined
}
