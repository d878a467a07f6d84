/** The width of text in a picture, and how text is made to fit. */

/** The widest advance of a character in monospaced fonts, relative to the size of the font. */
const ADVANCE = 0.62;
/** Characters that may take two columns: from Hangul on, except punctuation, arrows and box drawing. */
const isWide = (code: number): boolean => code >= 0x1100 && !(code >= 0x2000 && code < 0x2600);

/** The most columns that `text` takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
  return columns;
}

/** The most pixels that `text` takes in a monospaced font of this size. */
export function widthOf(text: string, size: number): number {
  return columnsOf(text) * size * ADVANCE;
}

/** `text`, or its beginning and its end if it takes more than `most` columns. */
export function shortened(text: string, most: number): string {
  if (columnsOf(text) <= most) return text;
  const characters = [...text];
  const fitting = (from: readonly string[], columns: number): string[] => {
    const kept: string[] = [];
    for (const character of from) {
      columns -= columnsOf(character);
      if (columns < 0) break;
      kept.push(character);
    }
    return kept;
  };
  const start = fitting(characters, Math.ceil((most - 1) * 0.6));
  const end = fitting(characters.toReversed(), most - 1 - columnsOf(start.join("")));
  return `${start.join("")}…${end.toReversed().join("")}`;
}

/** `text` in lines of at most `most` columns, broken at spaces; a longer word is shortened. */
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
