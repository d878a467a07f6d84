/**
 * Text to values: YAML 1.2, and with it JSON, by js-yaml. (The package `yaml` reads process.env while it parses, so
 * that under `deno --allow-ffi` alone it fails.)
 */
import { CORE_SCHEMA, loadAll, mergeTag, YAMLException } from "npm:js-yaml@5.5.0";
import { ConfigError, type ConfigIssue } from "../errors.ts";
import { lineWithoutSecrets } from "./secrets.ts";
import { findUnclosed } from "./unclosed.ts";

/** YAML 1.2's core types, and `<<` to merge a mapping into another. */
const SCHEMA = CORE_SCHEMA.withTags(mergeTag);
/** Aliases that one document may use. */
const MAX_ALIASES = 10_000;
/** Values that a document may have once each alias is put out in full: what the checks walk over. */
const MAX_VALUES = 1_000_000;
/** Faults that the parser finds where they are, also within quotation marks that are closed. */
const FOUND_AT_ONCE =
  /^(?:duplicated mapping key|unknown escape sequence|expected hexadecimal|expected valid JSON|nesting exceeded)/;
const LINE_END = /\r\n|\r|\n/;

/**
 * The one document that `text` is made of.
 *
 * @param source What the text is called in the error.
 * @throws {ConfigError} It is neither YAML nor JSON (with line and column), empty, or more than one document.
 */
export function readDocument(text: string, source?: string): unknown {
  const documents = load(text, source);
  const fault = (value: unknown, expected: string): ConfigError =>
    new ConfigError([{ path: "", value, expected }], source);
  if (documents.length > 1) {
    throw fault(`${documents.length} documents`, "one document; without lines of --- between parts");
  }
  const [document] = documents;
  if (document === undefined || document === null) {
    throw fault(undefined, "a mapping with namespaces, links, interfaces or routes; the document is empty");
  }
  // Without an alias no document has more values than its text has signs.
  if ((text.length > MAX_VALUES || text.includes("*")) && !isSmall(document)) {
    throw fault("aliases", `at most ${MAX_VALUES} values, once every alias is put out in full`);
  }
  return document;
}

function load(text: string, source?: string): unknown[] {
  try {
    return loadAll(text, { schema: SCHEMA, maxAliases: MAX_ALIASES });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new ConfigError([issueOf(error, text)], source, { cause: error });
  }
}

/** Where the text is no YAML: at the bracket that is never closed, or where the parser failed. */
function issueOf({ reason, mark }: YAMLException, text: string): ConfigIssue {
  if (mark === undefined) return { path: "", value: "", expected: `YAML or JSON: ${reason}` };
  const unclosed = FOUND_AT_ONCE.test(reason) ? undefined : findUnclosed(text, mark.position);
  const lines = text.slice(0, unclosed?.offset ?? mark.position).split(LINE_END);
  const opener = unclosed === undefined ? "" : text.charAt(unclosed.offset);
  return {
    path: `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`,
    value: lineWithoutSecrets(text.split(LINE_END)[lines.length - 1] ?? ""),
    expected: `YAML or JSON: ${unclosed === undefined ? reason : `${unclosed.closer} to close this ${opener}`}`,
  };
}

/**
 * False if the document, with its aliases put out, is too large to walk over. A few lines of aliases of aliases
 * stand for thousands of millions of values, and an alias inside of what it names for an endless number.
 */
function isSmall(document: unknown): boolean {
  const open: unknown[] = [document];
  let seen = 1;
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== "object" || value === null) continue;
    for (const key in value) {
      if (++seen > MAX_VALUES) return false;
      const inner: unknown = Reflect.get(value, key);
      if (typeof inner === "object" && inner !== null) open.push(inner);
    }
  }
  return true;
}
