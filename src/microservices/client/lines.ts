/** Splits a stream into lines. */
import { MalformedReplyError } from "./replies.ts";

/** The longest line that is kept, in characters: an event is a few hundred. */
const LONGEST = 1024 * 1024;

/** The byte that ends a line; no other character has it in UTF-8. */
const LINE_FEED = 0x0a;

/** How much of a longer line is passed over, in bytes, before the stream is given up. */
const MOST_PASSED_OVER = 8 * LONGEST;

/** Stands for a line that is too long. */
export const TOO_LONG: unique symbol = Symbol("too long");

/**
 * The lines of a stream of UTF-8, whose chunks may end within a character. An unfinished last line is dropped: the stream
 * was cut off.
 *
 * @throws {MalformedReplyError} A line has no end.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<string | typeof TOO_LONG, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  let skipped = 0;
  for await (const chunk of chunks) {
    let left = chunk;
    if (skipped > 0) {
      const end = left.indexOf(LINE_FEED);
      if (end < 0) {
        skipped += left.length;
        if (skipped <= MOST_PASSED_OVER) continue;
        // To read on would fill the memory faster than the garbage collector frees it.
        throw new MalformedReplyError("a line of events", "…", "expected an end of the line");
      }
      left = left.subarray(end + 1);
      skipped = 0;
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
      skipped = rest.length;
      rest = "";
      decoder.decode(); // it forgets the beginning of a character
    }
  }
}
