/** Verdicts: what happens to a packet. NFTA_VERDICT_…. */
import { checkKeys, checkNull, textOf } from "./given.ts";
import { JUMPS, VERDICTS } from "./constants.ts";
import type { NftVerdict } from "./element_types.ts";
import type { Verdict } from "./expressions.ts";

/**
 * A verdict for the kernel; undefined if it is none.
 *
 * @param at Where its value stands, for errors.
 * @throws {TypeError} A jump names no chain, or another verdict has a value.
 */
export function encodeVerdict(name: string, value: unknown, at: string): Verdict | undefined {
  if (name === "jump" || name === "goto") {
    checkKeys(value, ["target"], at);
    const { target } = value as { readonly target?: unknown }; // an object, as checkKeys looked
    return { code: JUMPS[name], chain: textOf(target, `${at}.target`) };
  }
  if (!isFinal(name)) return undefined;
  checkNull(value, at);
  return { code: VERDICTS[name] };
}

function isFinal(name: string): name is keyof typeof VERDICTS {
  return Object.hasOwn(VERDICTS, name);
}

/** The verdict of the kernel; undefined if the library does not know it. */
export function decodeVerdict({ code, chain: target = "" }: Verdict): NftVerdict | undefined {
  if (code === JUMPS.jump) return { jump: { target } };
  if (code === JUMPS.goto) return { goto: { target } };
  switch (Object.entries(VERDICTS).find(([, number]) => number === code)?.[0]) {
    case "accept":
      return { accept: null };
    case "drop":
      return { drop: null };
    case "continue":
      return { continue: null };
    case "return":
      return { return: null };
    default:
      return undefined;
  }
}
