/** What an error says. Apart from `errors.ts`, which loads `ffi/`: a command that only parses its arguments needs neither. */

/** What an error says, as one text for people; of one that another came after while all was closed, what both say. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isOfOpenssl(error)) return error.reason;
  if (!isSuppressed(error)) return error.message.trim();
  const [first, second] = [reasonOf(error.suppressed), reasonOf(error.error)];
  return first === second ? first : `${first}; then ${second}`;
}

/** The error that came first: what closes after it may fail too, and the language then throws a `SuppressedError`. */
export function firstErrorOf(error: unknown): unknown {
  return error instanceof Error && isSuppressed(error) ? firstErrorOf(error.suppressed) : error;
}

/** By its name: Node 20 has no such class, and what is built for it throws an error that looks like one. */
function isSuppressed(error: Error): error is Error & { readonly error: unknown; readonly suppressed: unknown } {
  return error.name === "SuppressedError" && "error" in error && "suppressed" in error;
}

/** Of TLS in Node: its message has the number of a thread, and a file and line of OpenSSL. */
function isOfOpenssl(error: Error): error is Error & { readonly reason: string } {
  return "library" in error && "reason" in error && typeof error.reason === "string";
}

/** The name of the errno of an error of node:fs; empty for another error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
