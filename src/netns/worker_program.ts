/** The program of a thread that calls functions of a module, its messages, and errors that go from one thread to another. */

import { shown } from "../errors.ts";

/** What the thread is started with. */
export interface ProgramData {
  /** The module whose functions are called. */
  readonly url: string;
}

/** What the thread receives. */
export type Order =
  | {
    readonly kind: "call";
    readonly id: number;
    readonly name: string;
    readonly args: readonly unknown[];
    /** Where among the arguments an `AbortSignal` stands. */
    readonly signals: readonly number[];
  }
  | { readonly kind: "abort"; readonly id: number; readonly index: number; readonly reason: Thrown }
  | { readonly kind: "end" };

/**
 * What the thread says: that it has started and can be ended, that its module is there, or what became of a call. What fails
 * before the module is there has no call.
 */
export type Answer = { readonly netns: typeof ANSWER } & Said;

/** What marks an answer: a module may post messages of its own, which nobody waits for. */
const ANSWER = "answer";

type Said =
  | { readonly id: 0; readonly started: true }
  | { readonly id: 0; readonly ready: true }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: Thrown };

/** What was thrown: a value, or the parts of an error, because a clone loses its class. */
export type Thrown = { readonly value: unknown } | ErrorParts;

/** The parts of an error that can be cloned. */
export interface ErrorParts {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly cause?: Thrown;
  /** Those of an `AggregateError`: at most 64 errors are sent in all, each once. */
  readonly errors?: readonly Thrown[];
}

/** The program. It is text and not a file, so it needs no permission to be read and no entry in a bundle. */
const PROGRAM = `
import { parentPort, workerData } from "node:worker_threads";
const cloneable = (value) => { try { structuredClone(value); return true; } catch { return false; } };
const answer = (said) => parentPort.postMessage({ netns: "${ANSWER}", ...said });
const textOf = (value) => {
  for (const text of [String, (value) => Object.prototype.toString.call(value)]) try { return text(value); } catch {}
  return "what has no text"; // a proxy may refuse everything
};
// What an error says of itself may throw, too: then the call is to fail, and not the thread.
const thrown = (error) => {
  try { return parts(error); } catch { return { name: "Error", message: textOf(error), properties: {} }; }
};
// An error may be a cause of itself, and have many others.
const parts = (error, sent = { errors: new Set(), left: 64 }) => {
  sent.left--;
  if (!(error instanceof Error)) {
    return cloneable(error) ? { value: error } : { name: "Error", message: textOf(error), properties: {} };
  }
  sent.errors.add(error);
  const next = (one) => sent.left > 0 && !sent.errors.has(one) ? [parts(one, sent)] : [];
  const [cause] = error.cause === undefined ? [] : next(error.cause);
  const own = Object.entries(error).filter(([key, value]) => key !== "cause" && key !== "name" && cloneable(value));
  if (error instanceof DOMException) own.push(["code", error.code]); // which it inherits
  return {
    name: textOf(error.name),
    message: textOf(error.message),
    ...(typeof error.stack === "string" ? { stack: error.stack } : {}),
    properties: Object.fromEntries(own),
    ...(cause === undefined ? {} : { cause }),
    ...(error instanceof AggregateError ? { errors: error.errors.flatMap(next) } : {}),
  };
};
const reasonOf = (thrown) => {
  if ("value" in thrown) return thrown.value;
  if (thrown.name === "AbortError" || thrown.name === "TimeoutError") return new DOMException(thrown.message, thrown.name);
  return Object.assign(new Error(thrown.message), { ...thrown.properties, name: thrown.name });
};
const controllers = new Map();
let module;
const call = async ({ id, name, args, signals }) => {
  try {
    if (typeof module[name] !== "function") {
      throw new TypeError(workerData.url.slice(0, 200) + " exports no function " + name);
    }
    for (const index of signals) {
      const controller = new AbortController();
      controllers.set(id + ":" + index, controller);
      args[index] = controller.signal;
    }
    answer({ id, value: await module[name](...args) });
  } catch (error) {
    answer({ id, error: thrown(error) });
  } finally {
    for (const index of signals) controllers.delete(id + ":" + index);
  }
};
parentPort.on("message", (order) => {
  if (order.kind === "call") void call(order);
  else if (order.kind === "abort") controllers.get(order.id + ":" + order.index)?.abort(reasonOf(order.reason));
  else if ("close" in parentPort) parentPort.close();
  else close(); // in Deno
});
answer({ id: 0, started: true });
// Not awaited: Deno keeps two descriptors of a thread that is ended while its program awaits something at the top.
import(workerData.url).then((imported) => {
  module = imported;
  answer({ id: 0, ready: true });
}).catch((error) => answer({ id: 0, error: thrown(error) }));
`;

/** True of what the program says, and not the module. */
export const isAnswer = (message: unknown): message is Answer =>
  typeof message === "object" && message !== null && "netns" in message && message.netns === ANSWER;

/** The program as an URL for a `Worker`. */
export const workerProgram: URL = new URL(`data:text/javascript,${encodeURIComponent(PROGRAM)}`);

/** A text of the runtime's without the address of the program, which is its whole source. */
const readable = (text: string): string => text.replaceAll(workerProgram.href, "runInNamespace()");

/** Types of properties that can be sent: `code` and the like. */
const PLAIN: ReadonlySet<string> = new Set(["string", "number", "boolean", "bigint"]);

/** How many causes of causes are sent with a reason: one may be a cause of itself. */
const LONGEST_CHAIN = 8;

/** A reason, as it is sent to the thread or to another process. */
export function partsOf(reason: unknown, left: number = LONGEST_CHAIN): Thrown {
  if (!(reason instanceof Error)) {
    try {
      return { value: structuredClone(reason) };
    } catch {
      return { name: "Error", message: shown(reason), properties: {} }; // as a function
    }
  }
  const own = Object.entries(reason).filter(([key, value]) => key !== "name" && PLAIN.has(typeof value));
  if (reason instanceof DOMException) own.push(["code", reason.code]); // which it inherits
  const { name, message, stack, cause } = reason;
  return {
    name,
    message,
    properties: Object.fromEntries(own),
    ...(stack === undefined ? {} : { stack }),
    ...(cause === undefined || left === 0 ? {} : { cause: partsOf(cause, left - 1) }),
    ...(reason instanceof AggregateError && left > 0
      ? { errors: reason.errors.map((one) => partsOf(one, left - 1)) }
      : {}),
  };
}

/** The classes of errors that every thread has. */
const CLASSES: ReadonlyMap<string, ErrorConstructor> = new Map<string, ErrorConstructor>(
  Object.entries({ EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }),
);

/** The error that was thrown in the thread. */
export function assembled(thrown: Thrown): unknown {
  if ("value" in thrown) return thrown.value;
  const { name, message, stack, properties, cause, errors } = thrown;
  const error = new (CLASSES.get(name) ?? Error)(
    readable(message),
    cause === undefined ? undefined : { cause: assembled(cause) },
  );
  Object.assign(error, properties, errors && { errors: errors.map(assembled) });
  Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  if (stack !== undefined) {
    Object.defineProperty(error, "stack", { value: readable(stack), configurable: true, writable: true });
  }
  return error;
}
