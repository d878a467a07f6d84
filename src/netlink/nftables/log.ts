/** `log`: what a rule writes to the kernel's log, as it is listed. */
import { defined } from "../../collections.ts";
import { LOG_FLAGS, LOG_LEVELS, namesOfBits, oneOrMany } from "./constants.ts";
import type { Expressions } from "./expressions.ts";
import type { NftLog } from "./statement_types.ts";

/** The statement of attributes. */
export function logOf({ prefix, group, snaplen, threshold, level, flags = 0 }: Expressions["log"]): NftLog | null {
  const all = Object.values(LOG_FLAGS).reduce((sum, bit) => sum | bit, 0);
  const names = flags === all ? ["all"] : namesOfBits(LOG_FLAGS, flags);
  const name = Object.keys(LOG_LEVELS).find((name) => LOG_LEVELS[name] === level);
  const log: NftLog = defined({
    prefix,
    group,
    snaplen: snaplen || undefined,
    "queue-threshold": threshold || undefined,
    level: name === "warn" ? undefined : name,
    flags: names.length === 0 ? undefined : oneOrMany(names),
  });
  return Object.keys(log).length === 0 ? null : log;
}
