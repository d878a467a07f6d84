/** Verdicts: what happens to a packet. NFTA_VERDICT_…. */
import { shown } from "../../errors.ts";
import { JUMPS, VERDICTS } from "./constants.ts";
import type { NftVerdict } from "./element_types.ts";
import type { Verdict } from "./expressions.ts";

/**
 * A verdict for the kernel; undefined if it is none.
 *
 * @throws {TypeError} A jump names no chain.
 */
export function encodeVerdict(given: object, at: string): Verdict | undefined {
  const [[name, value] = ["", undefined]]: [string, unknown][] = Object.entries(given);
  if (name === "jump" || name === "goto") {
    const chain: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "target") : undefined;
    if (typeof chain === "string" && chain !== "") return { code: JUMPS[name], chain };
    throw new TypeError(`Cannot use ${shown(chain)} as ${at}.target: expected the name of a chain`);
  }
  return isFinal(name) ? { code: VERDICTS[name] } : undefined;
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
