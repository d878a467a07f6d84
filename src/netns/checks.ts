/** Checks of arguments, in the words and with the codes of Node: untyped code may give anything. */
import { shown } from "../errors.ts";

/**
 * Checks a limit of time.
 *
 * @throws {RangeError} `ERR_OUT_OF_RANGE`: it is no number of milliseconds.
 */
export function checkTimeout(timeout: number | undefined): void {
  if (timeout === undefined || typeof timeout === "number" && timeout >= 0) return;
  const error = new RangeError(`The timeout should be >= 0. Received type ${typeof timeout} (${String(timeout)}).`);
  throw Object.assign(error, { code: "ERR_OUT_OF_RANGE" });
}

/**
 * Refuses an argument of a wrong type, in the words of Node: untyped code may give anything.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`: always.
 */
function wrongType(name: string, expected: string, value: unknown): never {
  const error = new TypeError(`The "${name}" argument must be ${expected}. Received ${shown(value)}`);
  throw Object.assign(error, { code: "ERR_INVALID_ARG_TYPE" });
}

/**
 * Checks that options are an object, and the signal among them one.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`: they are not.
 */
export function checkOptions(options: object | undefined): void {
  if (typeof options !== "object" || options === null) wrongType("options", "of type object", options);
  const signal: unknown = "signal" in options ? options.signal : undefined;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    wrongType("options.signal", "an instance of AbortSignal", signal);
  }
}

/**
 * Checks the options of the calls of a worker.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`: they are not, or what is handed over is no list.
 */
export function checkCallOptions(options: { readonly transfer?: unknown }): void {
  checkOptions(options);
  const { transfer } = options;
  if (transfer !== undefined && !Array.isArray(transfer)) {
    wrongType("options.transfer", "an instance of Array", transfer);
  }
}

/**
 * Checks that something can listen.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`: it is no server.
 */
export function checkServer(server: { readonly listen: unknown } | undefined): void {
  if (typeof server?.listen !== "function") wrongType("server", "an instance of Server", server);
}

/**
 * Checks the text of a name or an address.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`: it is no text.
 */
export function checkText(value: unknown, name: string): void {
  if (typeof value !== "string") wrongType(name, "of type string", value);
}

/**
 * Checks how a program is started: Node takes some of what is wrong, and drops it.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`: the command is no text, the arguments are no list, or the options are none.
 */
export function checkProgram(command: unknown, args: unknown, options: object): void {
  checkText(command, "command");
  if (!Array.isArray(args)) wrongType("args", "an instance of Array", args);
  checkOptions(options);
}

/**
 * Checks what a program is to read.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`: it is neither text nor bytes.
 */
export function checkInput(input: unknown): void {
  if (input === undefined || typeof input === "string" || ArrayBuffer.isView(input)) return;
  wrongType("options.input", "of type string or an instance of Uint8Array", input);
}

/**
 * Checks a family of addresses: of another one there would be none.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_VALUE`: it is none.
 */
export function checkFamily(family: unknown): void {
  if (family === undefined || family === 4 || family === 6) return;
  const error = new TypeError(`The argument 'family' must be one of: 4, 6. Received ${shown(family)}`);
  throw Object.assign(error, { code: "ERR_INVALID_ARG_VALUE" });
}

/** The longest queue of connections that listen(2) takes. */
const LONGEST_BACKLOG = 2 ** 31 - 1;

/**
 * Checks how many connections may wait.
 *
 * @throws {RangeError} `ERR_OUT_OF_RANGE`: it is no such number.
 */
export function checkBacklog(backlog: unknown): void {
  if (typeof backlog === "number" && Number.isInteger(backlog) && Math.abs(backlog) <= LONGEST_BACKLOG) return;
  const error = new RangeError(
    `The value of "backlog" is out of range. It must be a whole number up to ${LONGEST_BACKLOG}. Received ${
      shown(backlog)
    }`,
  );
  throw Object.assign(error, { code: "ERR_OUT_OF_RANGE" });
}

/**
 * Checks a port.
 *
 * @throws {RangeError} `ERR_SOCKET_BAD_PORT`: it is no port.
 */
export function checkPort(port: number): void {
  if (Number.isInteger(port) && port >= 0 && port < 65536) return;
  const error = new RangeError(`Port should be >= 0 and < 65536. Received type ${typeof port} (${String(port)}).`);
  throw Object.assign(error, { code: "ERR_SOCKET_BAD_PORT" });
}
