/** Splits a stream into lines. */

/** The longest line that is kept, in characters: an event is a few hundred. */
const LONGEST = 1024 * 1024;

/** Stands for a line that is too long. */
export const TOO_LONG: unique symbol = Symbol("too long");

/**
 * The lines of a stream of UTF-8, whose chunks may end within a character. An unfinished last line is dropped: the stream
 * was cut off.
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
