/** `quota`: the rule goes on until so many bytes have come. NFTA_QUOTA_…. */
import { defined } from "../../../collections.ts";
import { attributesOf } from "../../wire/attributes.ts";
import type { MessageCodec } from "../../wire/codec.ts";
import { be32, be64 } from "../../wire/numbers.ts";
import { checkKeys, flagOf } from "../given.ts";
import { amountOf, bytesOf, type NftUnit, type NftWhole } from "./units.ts";

/** An amount of bytes: `{ val: 25, val_unit: "mbytes" }`. */
export interface NftQuota {
  /** How much. */
  readonly val: NftWhole;
  /** Its unit. @default {"bytes"} */
  readonly val_unit?: NftUnit | undefined;
  /** How much of it has come. @default {0} */
  readonly used?: NftWhole | undefined;
  /** The unit of that. @default {"bytes"} */
  readonly used_unit?: NftUnit | undefined;
  /** The rule goes on once more has come. @default {false} */
  readonly inv?: boolean | undefined;
}

/** NFT_QUOTA_F_INV */
const INVERTED = 1;

/** NFTA_QUOTA_… */
export interface QuotaAttributes {
  readonly bytes?: bigint;
  readonly flags?: number;
  readonly consumed?: bigint;
}

const QUOTA_KEYS: readonly (keyof NftQuota)[] = ["val", "val_unit", "used", "used_unit", "inv"];

/** The codec of the expression. */
export const quota: MessageCodec<QuotaAttributes> = attributesOf<QuotaAttributes>({
  bytes: [1, be64],
  flags: [2, be32],
  consumed: [4, be64],
});

/**
 * The attributes of a statement.
 *
 * @throws {TypeError} A value in it is none.
 */
export function encodeQuota(
  given: NftQuota,
  at: string,
): QuotaAttributes {
  checkKeys(given, QUOTA_KEYS, at);
  const { val, val_unit, used = 0, used_unit, inv } = given;
  return {
    bytes: BigInt(bytesOf(val, val_unit, `${at}.val`)),
    consumed: BigInt(bytesOf(used, used_unit, `${at}.used`)),
    flags: flagOf(inv, `${at}.inv`) ? INVERTED : 0,
  };
}

/** The statement of attributes. */
export function decodeQuota({ bytes = 0n, consumed = 0n, flags = 0 }: QuotaAttributes): NftQuota {
  const [amount, used] = [amountOf(bytes), amountOf(consumed)];
  return defined({
    val: amount.value,
    val_unit: amount.unit,
    inv: (flags & INVERTED) === 0 ? undefined : true,
    used: consumed === 0n ? undefined : used.value,
    used_unit: consumed === 0n ? undefined : used.unit,
  });
}
