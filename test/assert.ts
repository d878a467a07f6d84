/**
 * The assertions of `@std/assert`, from where npm has them (the npm package carries no types, so the signatures
 * in use are given here). Where JSR is reached, one line of deno.json takes its place; see CONTRIBUTING.
 */
import * as std from "deno-std/assert/mod.js";

// deno-lint-ignore no-explicit-any -- as in @std/assert: a class of any arguments
type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

interface Assertions {
  assert(expression: unknown, message?: string): asserts expression;
  assertEquals<T>(actual: T, expected: T, message?: string): void;
  assertNotEquals<T>(actual: T, expected: T, message?: string): void;
  assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T;
  assertInstanceOf<T>(
    actual: unknown,
    expected: abstract new (...args: never[]) => T,
    message?: string,
  ): asserts actual is T;
  assertMatch(actual: string, expected: RegExp, message?: string): void;
  assertNotMatch(actual: string, expected: RegExp, message?: string): void;
  assertStringIncludes(actual: string, expected: string, message?: string): void;
  assertObjectMatch(actual: object, expected: object, message?: string): void;
  assertThrows(fn: () => unknown, message?: string): unknown;
  assertThrows<E extends Error>(fn: () => unknown, error: ErrorClass<E>, includes?: string, message?: string): E;
  assertRejects(fn: () => PromiseLike<unknown>, message?: string): Promise<unknown>;
  assertRejects<E extends Error>(
    fn: () => PromiseLike<unknown>,
    error: ErrorClass<E>,
    includes?: string,
    message?: string,
  ): Promise<E>;
  fail(message?: string): never;
}

const assertions: Assertions = std as unknown as Assertions; // the same code, whose npm package has no types

export const assert: Assertions["assert"] = assertions.assert;
export const assertEquals: Assertions["assertEquals"] = assertions.assertEquals;
export const assertNotEquals: Assertions["assertNotEquals"] = assertions.assertNotEquals;
export const assertStrictEquals: Assertions["assertStrictEquals"] = assertions.assertStrictEquals;
export const assertInstanceOf: Assertions["assertInstanceOf"] = assertions.assertInstanceOf;
export const assertMatch: Assertions["assertMatch"] = assertions.assertMatch;
export const assertNotMatch: Assertions["assertNotMatch"] = assertions.assertNotMatch;
export const assertStringIncludes: Assertions["assertStringIncludes"] = assertions.assertStringIncludes;
export const assertObjectMatch: Assertions["assertObjectMatch"] = assertions.assertObjectMatch;
export const assertThrows: Assertions["assertThrows"] = assertions.assertThrows;
export const assertRejects: Assertions["assertRejects"] = assertions.assertRejects;
export const fail: Assertions["fail"] = assertions.fail;
