/** How much room text takes on a terminal. */

/** Characters that take no room of their own: marks that go onto the one before, and joiners. */
const MARK = /[\p{M}\p{Cf}]/u;
/** Characters that take two columns: those of East Asian scripts, full-width forms, pictures. See UAX #11. */
const WIDE =
  /(?![\uff61-\uffdc])[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Bopomofo}\p{sc=Yi}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;

/** What shows that text was cut. */
const ELLIPSIS = "…";

/** How many columns of a terminal `text` takes. */
export function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

function widthOfCharacter(character: string): number {
  if (MARK.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** `text` as it is if it has room in `columns`, otherwise its beginning with an ellipsis. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns < 1) return "";
  let cut = "";
  let width = 0;
  for (const character of text) {
    width += widthOfCharacter(character);
    if (width > columns - 1) break;
    cut += character;
  }
  return cut + ELLIPSIS;
}
