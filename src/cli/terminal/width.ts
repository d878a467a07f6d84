/** The width of text on a terminal, in columns. */

/** Ends a text that was cut. */
const ELLIPSIS = "…";

/** How many columns `text` takes. */
export function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Made when they are first needed, as they hold large sets. */
let patterns: { readonly mark: RegExp; readonly wide: RegExp } | undefined;

function characterWidth(character: string): number {
  patterns ??= {
    // Without a width: combining marks and format characters such as joiners.
    mark: /[\p{M}\p{Cf}]/u,
    // Of two columns: East Asian scripts, full-width forms and emoji. See UAX #11.
    wide:
      /(?![\uff61-\uffdc])[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Bopomofo}\p{sc=Yi}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u,
  };
  if (patterns.mark.test(character)) return 0;
  return patterns.wide.test(character) ? 2 : 1;
}

/** `text` if it fits into `columns`, otherwise its beginning and an ellipsis. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns < 1) return "";
  let cut = "";
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    cut += character;
  }
  return cut + ELLIPSIS;
}
