/** `limit`: the rule goes on as long as no more packets or bytes than a rate come. NFTA_LIMIT_…. */
import { shown } from "../../../errors.ts";
import { flagOf, objectOf, oneOf } from "../given.ts";
import { attributesOf } from "../../wire/attributes.ts";
import type { MessageCodec } from "../../wire/codec.ts";
import { be32, be64 } from "../../wire/numbers.ts";
import { amountOf, bytesOf, type NftUnit, type NftWhole, numberUpTo, wholeNumber } from "./units.ts";

/** A rate: `{ rate: 10, per: "second" }`. */
export interface NftLimit {
  /** How many in each time. */
  readonly rate: NftWhole;
  /** What of: packets, or an amount of bytes. @default {"packets"} */
  readonly rate_unit?: "packets" | NftUnit | undefined;
  /** The time. @default {"second"} */
  readonly per?: NftPeriod | undefined;
  /** How many more may come at once. @default {5 packets, 0 bytes} */
  readonly burst?: number | undefined;
  /** The unit of the burst, of a rate in bytes. @default {"bytes"} */
  readonly burst_unit?: NftUnit | undefined;
  /** The rule goes on if more come. @default {false} */
  readonly inv?: boolean | undefined;
}

/** The time of a rate. */
export type NftPeriod = "second" | "minute" | "hour" | "day" | "week";

const SECONDS: Readonly<Record<NftPeriod, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 };
/** NFT_LIMIT_PKT_BYTES */
const OF_BYTES = 1;
/** NFT_LIMIT_F_INV */
const INVERTED = 1;
/** The highest u32. */
const MOST = 0xffffffff;
/** How many packets more `nft` lets through. */
const BURST = 5;

/** NFTA_LIMIT_… */
export interface LimitAttributes {
  readonly rate?: bigint;
  readonly unit?: bigint;
  readonly burst?: number;
  readonly type?: number;
  readonly flags?: number;
}

/** The keys of a limit. */
export const LIMIT_KEYS: readonly (keyof NftLimit)[] = ["rate", "rate_unit", "per", "burst", "burst_unit", "inv"];

/** The codec of the expression. */
export const limit: MessageCodec<LimitAttributes> = attributesOf<LimitAttributes>({
  rate: [1, be64],
  unit: [2, be64],
  burst: [3, be32],
  type: [4, be32],
  flags: [5, be32],
});

/**
 * The attributes of a statement.
 *
 * @throws {TypeError} A value in it is none.
 */
export function encodeLimit(given: NftLimit, at: string): LimitAttributes {
  objectOf(given, at);
  const { rate, rate_unit: unit = "packets", per = "second", burst, burst_unit: burstUnit, inv } = given;
  const seconds = oneOf(SECONDS, per, `${at}.per`);
  const ofPackets = unit === "packets";
  const amount = bytesOf(rate, ofPackets ? undefined : unit, `${at}.rate`);
  const more = burst === undefined ? ofPackets ? BURST : 0 : burst;
  if (BigInt(amount) === 0n) {
    throw new TypeError(`Cannot use ${shown(rate)} as ${at}.rate: expected a whole number, 1 or more`);
  }
  return {
    rate: BigInt(amount),
    unit: BigInt(seconds),
    burst: numberUpTo(MOST, bytesOf(more, ofPackets ? undefined : burstUnit, `${at}.burst`), `${at}.burst`),
    type: ofPackets ? 0 : OF_BYTES,
    flags: flagOf(inv, `${at}.inv`) ? INVERTED : 0,
  };
}

/** The statement of attributes. */
export function decodeLimit({ rate = 0n, unit = 1n, burst = 0, type = 0, flags = 0 }: LimitAttributes): NftLimit {
  const periods = Object.keys(SECONDS) as NftPeriod[]; // its keys are those of the type
  const per = periods.find((one) => SECONDS[one] === Number(unit)) ?? "second";
  const inverted = (flags & INVERTED) === 0 ? {} : { inv: true };
  if (type !== OF_BYTES) return { rate: wholeNumber(rate), burst, per, ...inverted };
  const [amount, more] = [amountOf(rate), amountOf(BigInt(burst))];
  const values = { rate: amount.value, burst: Number(more.value) };
  return { ...values, per, ...inverted, rate_unit: amount.unit, burst_unit: more.unit };
}
