/** Regular expressions of namespaces as text, for JSON Schema. */

import type { JsonSchema } from "./json_schema.ts";

/** The name of a namespace, but for its length in bytes. */
const NAME_PATTERN = "(?!\\.\\.?$)[^/\\u0000]{1,255}";

const NAME_RULE = 'a name of 1 to 255 bytes, no "/", not "." or ".."';

/** The name of a namespace, in JSON Schema. */
export const NAME_SCHEMA: JsonSchema = { description: NAME_RULE, pattern: `^${NAME_PATTERN}$` };
/** The same, or a text that is empty. */
export const NAME_OR_NONE_SCHEMA: JsonSchema = { description: NAME_RULE, pattern: `^(?:${NAME_PATTERN})?$` };

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
