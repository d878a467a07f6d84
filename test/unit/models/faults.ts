/** What the tests of the models have in common: the faults of a file, one line each. */
import { ConfigError, type ConfigIssue } from "../../../src/errors.ts";
import { checkConfig as check, type NetworkConfig, parseConfig } from "../../../src/models/config.ts";
import type { ConfigOptions } from "../../../src/models/config_name.ts";
import { readDocument } from "../../../src/models/document.ts";
import { compareWithSchema } from "./schema_check.ts";

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

/** Checks a document as the models do; the JSON Schema must take what they take. */
export function checkConfig(document: unknown, options?: ConfigOptions): NetworkConfig {
  const config = check(document, options);
  compareWithSchema(document, []);
  return config;
}

/** The faults of a document as `path: expected`; the JSON Schema must find fault too, where it has words for it. */
export function faults(document: unknown): string[] {
  const found = issues(() => check(document));
  compareWithSchema(document, found);
  return found.map(({ path, expected }) => `${path}: ${expected}`);
}

/** The faults of a text as `path: expected`. */
export function textFaults(text: string): string[] {
  const found = issues(() => parseConfig(text));
  if (issues(() => readDocument(text)).length === 0) compareWithSchema(readDocument(text), found);
  return found.map(({ path, expected }) => `${path}: ${expected}`);
}

/** One end of a pair; the other end is not in the file, which is allowed. */
export function veth(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { name: "left", veth: { peerIfName: "right" }, ...fields };
}
