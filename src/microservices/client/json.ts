/** JSON of a container runtime. */
import { MalformedReplyError } from "./replies.ts";

/**
 * Parses JSON. A text with more than `most` values is refused first: `[],` has three bytes and takes over fifty in memory.
 *
 * @param what What the text is called in the error.
 * @throws {MalformedReplyError} It is no JSON, or has too many values.
 */
export function readJson(text: string, what: string, most: number): unknown {
  if (separatorsIn(text) > most) throw new MalformedReplyError(what, text, `expected at most ${most} values`);
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedReplyError(what, text, "expected a JSON document");
  }
}

/** An upper bound of the number of values: each but the first follows a comma, a bracket or a brace. */
function separatorsIn(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === COMMA || unit === BRACKET || unit === BRACE) count++;
  }
  return count;
}

const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;
