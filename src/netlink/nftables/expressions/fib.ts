/** `fib`: what the routing tables say of an address of the packet. NFTA_FIB_…. */
import { shown } from "../../../errors.ts";
import { attributesOf } from "../../wire/attributes.ts";
import type { MessageCodec } from "../../wire/codec.ts";
import { be32 } from "../../wire/numbers.ts";
import { checkKeys } from "../given.ts";
import { namesOfBits } from "../constants.ts";
import { type Datatype, DATATYPES } from "../datatypes.ts";
import type { NftFib } from "../statement_types.ts";

/** NFT_FIB_RESULT_… */
const RESULTS: Readonly<Record<NftFib["result"], { readonly number: number; readonly type: Datatype }>> = {
  oif: { number: 1, type: DATATYPES.boolean },
  oifname: { number: 2, type: DATATYPES.fibLink },
  type: { number: 3, type: DATATYPES.fibType },
};

/** NFTA_FIB_F_… as `nft` names them. */
const FLAGS: Readonly<Record<NftFib["flags"][number], number>> = { saddr: 1, daddr: 2, mark: 4, iif: 8, oif: 16 };

/** NFTA_FIB_F_PRESENT: whether there is a link, not which; the library knows no links by their numbers. */
const PRESENT = 32;

/** The result that has this flag. */
const presence = ({ result }: Pick<NftFib, "result">): number => result === "oif" ? PRESENT : 0;

/** NFTA_FIB_… */
export interface FibAttributes {
  readonly dreg?: number;
  readonly result?: number;
  readonly flags?: number;
}

/** The codec of the expression. */
export const fib: MessageCodec<FibAttributes> = attributesOf<FibAttributes>({
  flags: [3, be32],
  result: [2, be32],
  dreg: [1, be32],
});

/** The type of what is asked; undefined if the library does not know it. */
export function fibType({ result }: NftFib): Datatype | undefined {
  return typeof result === "string" && Object.hasOwn(RESULTS, result) ? RESULTS[result].type : undefined;
}

/**
 * The attributes of a look-up.
 *
 * @throws {TypeError} It has no address, or two.
 */
export function encodeFib(given: NftFib, dreg: number, at: string): FibAttributes {
  checkKeys(given, ["result", "flags"], `${at}.fib`);
  const { result, flags } = given;
  const listed: readonly unknown[] = Array.isArray(flags) ? flags : [undefined];
  const bits = listed.map((one) => Object.entries(FLAGS).find(([name]) => name === one)?.[1] ?? 0);
  const sum = bits.reduce((all, bit) => all | bit, 0);
  const addresses = sum & (FLAGS.saddr | FLAGS.daddr);
  if (bits.includes(0) || addresses === 0 || addresses === 3) {
    throw new TypeError(
      `Cannot use ${shown(flags)} as ${at}.fib.flags: expected a list with saddr or daddr, and mark, iif or oif`,
    );
  }
  return { dreg, result: RESULTS[result].number, flags: sum | presence(given) };
}

/** The look-up of attributes; undefined if the library does not know it. */
export function decodeFib({ result, flags = 0 }: FibAttributes): NftFib | undefined {
  const known = (["oif", "oifname", "type"] as const).find((name) => RESULTS[name].number === result);
  if (known === undefined) return undefined;
  const names = namesOfBits(FLAGS, flags) as NftFib["flags"]; // the names of FLAGS
  const sum = names.reduce((all, name) => all | FLAGS[name], presence({ result: known }));
  return sum === flags ? { result: known, flags: names } : undefined;
}
