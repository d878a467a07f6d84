/** What the tests of the models have in common: the faults of a file, one line each. */
import { ConfigError, type ConfigIssue } from "../../../src/errors.ts";
import { checkConfig, parseConfig } from "../../../src/models/config.ts";

/** The faults that `act` throws; none if it throws nothing. */
function issues(act: () => unknown): readonly ConfigIssue[] {
  try {
    act();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
}

/** The faults of a document as `path: expected`. */
export function faults(document: unknown): string[] {
  return issues(() => checkConfig(document)).map(({ path, expected }) => `${path}: ${expected}`);
}

/** The faults of a text as `path: expected`. */
export function textFaults(text: string): string[] {
  return issues(() => parseConfig(text)).map(({ path, expected }) => `${path}: ${expected}`);
}

/** One end of a pair; the other end is not in the file, which is allowed. */
export function veth(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { name: "left", veth: { peerIfName: "right" }, ...fields };
}
