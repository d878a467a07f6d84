/** How wide text is, and how it is made to fit. */

/** What monospaced fonts take for a character at most, as a part of their size. */
const ADVANCE = 0.62;
/** Characters that may be as wide as two: from the Hangul letters on, but for punctuation, arrows and frames. */
const isWide = (code: number): boolean => code >= 0x1100 && !(code >= 0x2000 && code < 0x2600);

/** How many columns `text` takes at most. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
  return columns;
}

/** How wide `text` is at most, in a monospaced font of this size. */
export function widthOf(text: string, size: number): number {
  return columnsOf(text) * size * ADVANCE;
}

/** `text`, or its beginning and its end where it takes more columns than `most`. */
export function shortened(text: string, most: number): string {
  if (columnsOf(text) <= most) return text;
  const characters = [...text];
  const taken = (from: readonly string[], columns: number): string[] => {
    const kept: string[] = [];
    for (const character of from) {
      columns -= columnsOf(character);
      if (columns < 0) break;
      kept.push(character);
    }
    return kept;
  };
  const start = taken(characters, Math.ceil((most - 1) * 0.6));
  const end = taken(characters.toReversed(), most - 1 - columnsOf(start.join("")));
  return `${start.join("")}…${end.toReversed().join("")}`;
}

/** `text` in lines of at most so many columns, broken at spaces; a word that takes more is shortened. */
export function wrapped(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ").map((one) => shortened(one, most))) {
    const last = lines.at(-1);
    if (last !== undefined && columnsOf(last) + 1 + columnsOf(word) <= most) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
