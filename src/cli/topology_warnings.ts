/** What in a topology file is mostly a mistake, said before it is applied. */
import type { NetworkConfig } from "../models/config.ts";
import { configWarnings } from "../models/warnings.ts";
import type { Io } from "./io.ts";
import { oneLine } from "./terminal/escape.ts";

/** Prints a line for each warning to standard error. */
export function printWarnings(config: NetworkConfig, io: Io): void {
  for (const { item, reason } of configWarnings(config)) io.complain(`warning: ${oneLine(`${item}: ${reason}`)}`);
}
