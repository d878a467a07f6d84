/** The kinds of named objects: what each has, in the words of libnftables-json(5) and as attributes. NFTA_OBJ_DATA. */
import { defined } from "../../collections.ts";
import { shown } from "../../errors.ts";
import { attributesOf } from "../wire/attributes.ts";
import type { MessageCodec } from "../wire/codec.ts";
import { be16, text, u8 } from "../wire/values.ts";
import { textOf } from "./checks.ts";
import { FAMILIES } from "./constants.ts";
import { DATATYPES } from "./datatypes.ts";
import { counter, decodeCounter, encodeCounter } from "./expressions/counter.ts";
import { decodeLimit, encodeLimit, limit } from "./expressions/limit.ts";
import { quota } from "./expressions/quota.ts";
import { wholeOf } from "./expressions/units.ts";
import type { NftCounterObject, NftCtHelper, NftLimitObject, NftQuotaObject } from "./object_types.ts";
import type { NftNamed } from "./names.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The objects by the name of their kind. */
export interface ObjectKinds {
  readonly counter: NftCounterObject;
  readonly quota: NftQuotaObject;
  readonly limit: NftLimitObject;
  readonly "ct helper": NftCtHelper;
}

/** The name of a kind of objects. */
export type ObjectKind = keyof ObjectKinds;

/** NFT_OBJECT_… */
export const OBJECT_TYPES: Readonly<Record<ObjectKind, number>> = { counter: 1, quota: 2, "ct helper": 3, limit: 4 };

/** What an object of a kind has beside its name. */
type Own<K extends ObjectKind> = Omit<ObjectKinds[K], keyof NftNamed | "comment">;

/** How a kind is written and read. */
interface Kind<T> {
  /** The keys that it has beside its name. */
  readonly keys: readonly string[];
  encode(value: T, family: NftNamed["family"], at: string): Bytes;
  decode(bytes: Uint8Array): T;
}

/** NFT_QUOTA_F_INV */
const INVERTED = 1;

/** NFTA_CT_HELPER_… */
interface HelperAttributes {
  readonly name?: string | undefined;
  readonly l3proto?: number | undefined;
  readonly l4proto?: number | undefined;
}

const helper: MessageCodec<HelperAttributes> = attributesOf<HelperAttributes>({
  name: [1, text],
  l3proto: [2, be16],
  l4proto: [3, u8],
});

const KINDS: { readonly [K in ObjectKind]: Kind<Own<K>> } = {
  counter: {
    keys: ["packets", "bytes"],
    encode: (value, _, at) => counter.encode(encodeCounter(value, at)),
    decode: (bytes) => decodeCounter(counter.decode(bytes)),
  },
  quota: {
    keys: ["bytes", "used", "inv"],
    encode: ({ bytes, used = 0, inv = false }, _, at) => (
      quota.encode({
        bytes: wholeOf(bytes, `${at}.bytes`),
        consumed: wholeOf(used, `${at}.used`),
        flags: inv ? INVERTED : 0,
      })
    ),
    decode(data) {
      const { bytes = 0n, consumed = 0n, flags = 0 } = quota.decode(data);
      return { bytes: Number(bytes), used: Number(consumed), inv: (flags & INVERTED) !== 0 };
    },
  },
  limit: {
    keys: ["rate", "rate_unit", "per", "burst", "burst_unit", "inv"],
    encode: (value, _, at) => limit.encode(encodeLimit(value, at)),
    decode: (bytes) => decodeLimit(limit.decode(bytes)),
  },
  "ct helper": {
    keys: ["type", "protocol", "l3proto"],
    encode({ type, protocol, l3proto }, family, at) {
      const l4proto = DATATYPES.protocol.encode(protocol)?.[0];
      if (l4proto === undefined) {
        throw new TypeError(`Cannot use ${shown(protocol)} as ${at}.protocol: expected "tcp" or "udp"`);
      }
      const version = l3proto ?? (family === "ip6" ? "ip6" : "ip");
      return helper.encode({ name: textOf(type, `${at}.type`), l3proto: FAMILIES[version], l4proto });
    },
    decode(bytes) {
      const { name = "", l3proto, l4proto = 0 } = helper.decode(bytes);
      return {
        type: name,
        protocol: `${DATATYPES.protocol.decode(Uint8Array.of(l4proto))}`,
        l3proto: l3proto === FAMILIES.ip6 ? "ip6" : "ip",
      };
    },
  },
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
export function encodeObject<K extends ObjectKind>(kind: K, object: ObjectKinds[K], at: string): Bytes {
  const one: Kind<Own<K>> = KINDS[kind];
  return one.encode(object, object.family, at);
}

/** The object of attributes. */
export function decodeObject<K extends ObjectKind>(kind: K, bytes: Uint8Array): Own<K> {
  const one: Kind<Own<K>> = KINDS[kind];
  return defined(one.decode(bytes)) as Own<K>; // no key was undefined
}
