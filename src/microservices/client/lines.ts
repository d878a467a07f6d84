/** From the pieces of a stream to the lines in it. */

/** The longest line that is kept, in characters: an event is a few hundred. */
const LONGEST = 1024 * 1024;

/** A line that could not be read as a whole. */
export const TOO_LONG: unique symbol = Symbol("too long");

/**
 * The lines of a stream of UTF-8, which may be cut anywhere, also within a character. What stands behind the last end
 * of a line when the stream ends is no line: it was cut off.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<string | typeof TOO_LONG, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  let skipping = false;
  for await (const chunk of chunks) {
    const parts = decoder.decode(chunk, { stream: true }).split("\n");
    const unfinished = parts.pop() ?? "";
    for (const part of parts) {
      const line = (rest + part).trim();
      rest = "";
      if (skipping) yield TOO_LONG;
      else if (line !== "") yield line;
      skipping = false;
    }
    rest += unfinished;
    if (rest.length > LONGEST) {
      skipping = true;
      rest = "";
    }
  }
}
