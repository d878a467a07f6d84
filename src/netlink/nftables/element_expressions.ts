/** What each element of a set has for itself: a counter, a limit, a quota. */
import { shown } from "../../errors.ts";
import { checkKeys } from "./given.ts";
import type { NftTimedElement } from "./element_types.ts";
import type { Expression, KnownExpression } from "./expressions.ts";
import { decodeCounter, encodeCounter } from "./expressions/counter.ts";
import { decodeLimit, encodeLimit, LIMIT_KEYS } from "./expressions/limit.ts";
import { decodeQuota, encodeQuota } from "./expressions/quota.ts";
import type { NftStatement } from "./statement_types.ts";

/** What an element may have. */
export type ElementStatements = Pick<NftTimedElement["elem"], "counter" | "limit" | "quota">;

/**
 * The expressions of an element.
 *
 * @throws {TypeError} A value in it is none.
 */
export function encodeElementExpressions({ counter, limit, quota }: ElementStatements, at: string): KnownExpression[] {
  const expressions: KnownExpression[] = [];
  if (counter !== undefined) expressions.push({ name: "counter", data: encodeCounter(counter, `${at}.counter`) });
  if (limit !== undefined) {
    checkKeys(limit, LIMIT_KEYS, `${at}.limit`);
    expressions.push({ name: "limit", data: encodeLimit(limit, `${at}.limit`) });
  }
  if (quota !== undefined) expressions.push({ name: "quota", data: encodeQuota(quota, `${at}.quota`) });
  return expressions;
}

/** What an element has, of its expressions; those that the library does not know are left out. */
export function decodeElementExpressions(expressions: readonly Expression[]): ElementStatements {
  const found: { -readonly [K in keyof ElementStatements]: ElementStatements[K] } = {};
  for (const one of expressions) {
    if (one.name === "counter") found.counter = decodeCounter(one.data);
    if (one.name === "limit") found.limit = decodeLimit(one.data);
    if (one.name === "quota") found.quota = decodeQuota(one.data);
  }
  return found;
}

/**
 * What each element of a set has, of its `stmt`.
 *
 * @throws {TypeError} An element cannot have it.
 */
export function encodeSetStatements(statements: readonly NftStatement[] | undefined, at: string): KnownExpression[] {
  if (statements === undefined) return [];
  if (!Array.isArray(statements)) throw new TypeError(`Cannot use ${shown(statements)} as ${at}: expected a list`);
  return statements.flatMap((one: unknown, i) => {
    const path = `${at}[${i}]`;
    const isKnown = typeof one === "object" && one !== null && !Array.isArray(one) &&
      Object.keys(one).every((name) => ["counter", "limit", "quota"].includes(name));
    const expressions = isKnown ? encodeElementExpressions(one as ElementStatements, path) : []; // each looks itself
    if (expressions.length === 1) return expressions;
    throw new TypeError(`Cannot use ${shown(one)} as ${path}: expected counter, limit or quota`);
  });
}

/** The `stmt` of a set: what its elements have, before any packet. */
export function decodeSetStatements(expressions: readonly Expression[]): NftStatement[] {
  return expressions.map((one): NftStatement => {
    switch (one.name) {
      case "counter":
        return { counter: null };
      case "limit":
        return { limit: decodeLimit(one.data) };
      case "quota":
        return { quota: decodeQuota(one.data) };
      default:
        return { unknown: one.name === "unknown" ? one.kernelName : one.name };
    }
  });
}
