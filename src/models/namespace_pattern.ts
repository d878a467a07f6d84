/** Regular expressions of namespaces as text, for JSON Schema. */

/** The name of a namespace, but for its length in bytes. */
export const NAME_PATTERN = "(?!\\.\\.?$)[^/\\u0000]{1,255}";

/** The name of a namespace, or with `""` none, in JSON Schema. */
export const nameSchema = (...others: readonly ""[]): { readonly description: string; readonly pattern: string } => ({
  description: 'a name of 1 to 255 bytes, no "/", not "." or ".."',
  pattern: others.length === 0 ? `^${NAME_PATTERN}$` : `^(?:${NAME_PATTERN})?$`,
});

/** The ways to write a namespace that no one makes, each with what follows it. */
const OTHERS = "PID:\\d{1,10}|(?:MICROSERVICE|CONTAINER|FILE):[^\\u0000]+";

/** What `parseNamespace` reads. */
export const NAMESPACE_PATTERN: string =
  `^(?:${OTHERS}|(?:NAMED:|(?!(?:PID|MICROSERVICE|CONTAINER|FILE|NAMED):))${NAME_PATTERN})$`;

/** A namespace in a short form, where a blank ends it. */
export const NAMESPACE_WORD_PATTERN =
  "(?:PID:\\d{1,10}|(?:MICROSERVICE|CONTAINER|FILE):\\S+|(?:NAMED:|(?!(?:PID|MICROSERVICE|CONTAINER|FILE|NAMED):))[^\\s/]+)";

/** What `parseNamespace` reads as a name. */
export const NAMED_PATTERN: string = `^(?:NAMED:|(?!(?:PID|MICROSERVICE|CONTAINER|FILE|NAMED):))${NAME_PATTERN}$`;
