/** Splits a stream into lines. */

/** The longest line that is kept, in characters: an event is a few hundred. */
const LONGEST = 1024 * 1024;

/** The byte that ends a line; no other character has it in UTF-8. */
const LINE_FEED = 0x0a;

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
    let left = chunk;
    if (skipping) {
      // It is not decoded: a line without end would leave as much text for the garbage collector.
      const end = left.indexOf(LINE_FEED);
      if (end < 0) continue;
      left = left.subarray(end + 1);
      skipping = false;
      yield TOO_LONG;
    }
    const parts = decoder.decode(left, { stream: true }).split("\n");
    const unfinished = parts.pop() ?? "";
    for (const part of parts) {
      const line = (rest + part).trim();
      rest = "";
      if (line !== "") yield line;
    }
    rest += unfinished;
    if (rest.length > LONGEST) {
      skipping = true;
      rest = "";
      decoder.decode(); // it forgets the beginning of a character
    }
  }
}
