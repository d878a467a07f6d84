/** The JSON Schema of the file, held against what the models themselves answer. */
import { assertEquals } from "@std/assert";
import { Ajv } from "ajv";
import type { ConfigIssue } from "../../../src/errors.ts";
import { fileJsonSchema } from "../../../src/models/sections.ts";

/** What a schema finds wrong with a value; undefined if nothing. */
export type SchemaCheck = (value: unknown) => unknown;

/** Compiles a schema of which nothing has to be explained: that takes a third of the time. */
const openAjv = (): Ajv =>
  new Ajv({
    keywords: ["patternErrorMessage", "errorMessage"], // of editors
    strictTypes: false,
    strictRequired: false,
    validateSchema: false,
    inlineRefs: false,
    code: { optimize: false },
  });

/** The check of a whole file. */
export function fileCheck(): SchemaCheck {
  const check = openAjv().compile(fileJsonSchema());
  return (value) => check(value) ? undefined : check.errors;
}

const SECTION = /^#[/]definitions[/]/;

/** The check of a file that compiles what the sections of the file need, when they first need it. */
export function partialCheck(): SchemaCheck {
  const ajv = openAjv();
  const { properties, ...rest } = fileJsonSchema() as { properties: Record<string, { items?: { $ref: string } }> };
  ajv.addSchema({ properties, ...rest }, "file");
  const withoutItems = Object.entries(properties).map(([name, { items: _, ...list }]) => [name, list]);
  const top = ajv.compile({ ...rest, properties: Object.fromEntries(withoutItems) });
  return (document) => {
    if (!top(document)) return top.errors;
    for (const [name, items] of Object.entries(Object(document))) {
      const section = properties[name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())]?.items?.$ref;
      if (section === undefined || !SECTION.test(section) || !Array.isArray(items)) continue;
      const check = ajv.getSchema(`file${section}`);
      if (check === undefined) throw new Error(`no schema at ${section}`);
      for (const item of items) if (!check(item)) return check.errors;
    }
    return undefined;
  };
}

/** What JSON Schema has no words for: faults between items, lengths in bytes, comparisons of numbers and networks. */
const UNSAYABLE: readonly RegExp[] = [
  /of its own|has the same|has (it|some of them)$|no other interface names|is free in its namespace/, // names and keys
  /^another (interface|TAP|namespace)|^an interface (whose|of)|^a link with IPv6: give|which stands on the same link$|^a BRIDGE, BOND or VRF_DEVICE/, // references
  /once|^one (for|filter|uplink)|^ports that no other/,
  /^a name of 1 to 15 bytes|^an interface of the file, or a name/, // bytes
  /bits beyond|^a range|^1 to 255 bytes|^an IPv4 network of|from \d+ to \d+$/, // numbers as text
  /whole machine's|flushes routes|^a key of sysctl/, // a list of keys that is too long
  /^(no dns|no exception with)/,
  /^an address, with a port or without|^a route as text.* is there twice/,
  /family of|^each remote an IPv|^no scope|addresses as the routers|without which a link has no IPv6$/, // families
];

let check: SchemaCheck | undefined;

/** Compares what the schema says of a document with the faults that the models find. */
export function compareWithSchema(document: unknown, issues: readonly ConfigIssue[]): void {
  const text = JSON.stringify(document);
  if (text === undefined) return; // no JSON
  check ??= partialCheck();
  const found = check(JSON.parse(text));
  if (issues.length === 0) assertEquals(found, undefined, text);
  else if (found === undefined) {
    const unsaid = issues.filter(({ expected }) => !UNSAYABLE.some((pattern) => pattern.test(expected)));
    assertEquals(unsaid.map(({ path, expected }) => `${path}: ${expected}`), [], `the schema takes ${text}`);
  }
}
