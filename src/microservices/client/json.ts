/** JSON of a container runtime. */
import { MalformedReplyError } from "./replies.ts";

/**
 * The value of a JSON text. Text with more than `most` values is refused before they are made: each costs many times
 * the memory of the two bytes that it may take in the text.
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

/** How many values there can be at most: each but the first comes after a comma or the beginning of what holds it. */
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
