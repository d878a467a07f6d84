/** What is wrong with a file: where, as the document writes it, and what was expected. */
import type * as v from "npm:valibot@1.5.0";
import { quoted } from "../../ffi/mod.ts";
import type { ConfigIssue } from "../errors.ts";
import type { Fault } from "./item_faults.ts";
import { isMapping } from "./fields.ts";
import type { Keys } from "./short/text_item.ts";
import { snakeCase } from "./snake_case.ts";
import { type SeenTexts, withoutSecrets } from "./secrets.ts";

/** The faults that a check found; `root` leads to what was checked. */
export function faultsOf(
  issues: readonly v.BaseIssue<unknown>[] | undefined,
  root: readonly (string | number)[],
): Fault[] {
  return (issues ?? []).map(({ message, input, path = [] }) => ({
    keys: [...root, ...path.map(({ key }) => typeof key === "number" ? key : String(key))],
    value: input,
    expected: message,
  }));
}

/** The faults as they are reported, in the order of the document. */
export function issuesOf(faults: readonly Fault[], document: unknown): ConfigIssue[] {
  const order = new Map((isMapping(document) ? Object.keys(document) : []).map((key, position) => [key, position]));
  const seen: SeenTexts = new Map();
  return faults
    .map(({ keys, value, expected }) => ({ keys: asWritten(keys, document), value, expected }))
    .map((fault) => ({ fault, rank: order.get(String(fault.keys[0])) ?? -1, index: Number(fault.keys[1] ?? 0) || 0 }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ fault: { keys, value, expected } }) => (
      { path: pathOf(keys), value: withoutSecrets(value, String(keys.at(-1)), seen), expected }
    ));
}

/** `keys` with snake_case where the document has it so. */
function asWritten(keys: readonly (string | number)[], document: unknown): (string | number)[] {
  let value: unknown = document;
  return keys.map((key) => {
    const has = (name: string | number): boolean =>
      typeof value === "object" && value !== null && Object.hasOwn(value, name);
    const name = typeof key === "string" && !has(key) && has(snakeCase(key)) ? snakeCase(key) : key;
    value = has(name) ? Reflect.get(Object(value), name) : undefined;
    return name;
  });
}

/** The longest name of a field that a path repeats as a whole; ours are shorter. */
const SHOWN_KEY = 160;

/** `["interfaces", 0, "name"]` as `interfaces[0].name`. */
export function pathOf(keys: Keys): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === "number") return `${path}[${key}]`;
    if (key.length > SHOWN_KEY) return `${path}[${quoted(key.slice(0, SHOWN_KEY))}…]`;
    if (!/^[\w$-]+$/.test(key)) return `${path}[${quoted(key)}]`;
    return path === "" ? key : `${path}.${key}`;
  }, "");
}
