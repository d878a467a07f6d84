/** A name that was made of a file's belongs to that file. */
import { ConfigError } from "../../errors.ts";
import type { NetworkConfig } from "../../models/config.ts";
import type { ConfigurationState } from "./state.ts";

/**
 * A name that was made of a file's is that file's alone: another file with the same base name is not the next version.
 *
 * @throws {ConfigError} The state is of another file.
 */
export function requireSameFile({ name, origin }: NetworkConfig, state: ConfigurationState | undefined): void {
  if (origin === undefined || state?.path === undefined || state.path === origin) return;
  const expected = `a name of its own: ${JSON.stringify(name)} was applied from ${state.path}; ` +
    'give this file a name: "name: …" in it, or --name';
  throw new ConfigError([{ path: "name", value: name, expected }], origin);
}
