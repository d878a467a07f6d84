/** The state of one configuration: what it owns, and where it came from. */
import * as v from "npm:valibot@1.5.0";
import { ConfigError, StateFileError } from "../../errors.ts";
import { checkConfig, type NetworkConfig } from "../../models/config.ts";
import { isMapping } from "../../models/fields.ts";
import { namespaceRecordSchema, objectRecordSchema } from "./record_schema.ts";
import type { NamespaceRecord, ObjectRecord } from "./records.ts";

/** The version of the format that is written. */
const STATE_VERSION = 2;
/** How many records a state may have. */
const RECORDS_MAX = 1_000_000;

/** What is remembered of a configuration. */
export interface ConfigurationState {
  /** The file that its name was made of, as an absolute path; absent where the file or `--name` gave the name. */
  readonly path?: string | undefined;
  /** The namespaces that it describes, as `namespaceToString` writes them: none of these is another's to delete. */
  readonly uses: readonly string[];
  /** The namespaces in which it has something. */
  readonly namespaces: readonly NamespaceRecord[];
  /** What it owns in them. */
  readonly records: readonly ObjectRecord[];
  /** What version 1 of this format remembered: descriptions instead of records. Taken over where it proves true. */
  readonly legacy?: LegacyState | undefined;
}

/** A state file of version 1. */
export interface LegacyState {
  /** What was applied, the newest first. */
  readonly configs: readonly NetworkConfig[];
  /** Names of namespaces that apply made. */
  readonly made: readonly string[];
}

/** A configuration that owns nothing. */
export const EMPTY_STATE: ConfigurationState = { uses: [], namespaces: [], records: [] };

/** True if nothing is remembered that a destroy could take away. */
export function isEmptyState({ namespaces, records, legacy }: ConfigurationState): boolean {
  return namespaces.length === 0 && records.length === 0 && legacy === undefined;
}

const stateSchema = v.object({
  version: v.literal(STATE_VERSION),
  path: v.optional(v.string()),
  uses: v.array(v.string()),
  namespaces: v.pipe(v.array(namespaceRecordSchema), v.maxLength(RECORDS_MAX)),
  records: v.pipe(v.array(objectRecordSchema), v.maxLength(RECORDS_MAX)),
});

const legacySchema = v.object({
  version: v.literal(1),
  config: v.unknown(),
  earlier: v.array(v.unknown()),
  made: v.array(v.string()),
});

/** The text of a state file. */
export function stateText({ path, uses, namespaces, records }: ConfigurationState): string {
  return `${JSON.stringify({ version: STATE_VERSION, path, uses, namespaces, records })}\n`;
}

/**
 * Reads the text of a state file, of this version or of version 1.
 *
 * @param file What the error calls it.
 * @throws {StateFileError} It is not what an apply wrote.
 */
export function readState(text: string, file: string): ConfigurationState {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw damaged(file, error);
  }
  if (isMapping(document) && document["version"] === 1) return readLegacy(document, file);
  const state = v.safeParse(stateSchema, document, { abortEarly: true });
  if (!state.success) throw damaged(file);
  const { path, uses, namespaces, records } = state.output;
  return path === undefined ? { uses, namespaces, records } : { path, uses, namespaces, records };
}

function readLegacy(document: unknown, file: string): ConfigurationState {
  const state = v.safeParse(legacySchema, document);
  if (!state.success) throw damaged(file);
  const { config, earlier, made } = state.output;
  try {
    const configs = [config, ...earlier].map((one) => checkConfig(one, { source: file, path: null }));
    return { ...EMPTY_STATE, legacy: { configs, made } };
  } catch (error) {
    if (error instanceof ConfigError) throw damaged(file, error);
    throw error;
  }
}

function damaged(file: string, cause?: unknown): StateFileError {
  return new StateFileError(file, "it is not what an apply wrote", { cause });
}
