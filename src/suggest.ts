/** What a misspelt word was probably meant to be. */

/** The longest text that may be a misspelt word, in characters. */
const LONGEST_WORD = 64;

/** The one of `words` that `given` is a misspelling of, or undefined where none is close. */
export function nearest(given: string, words: readonly string[]): string | undefined {
  if (given.length > LONGEST_WORD) return undefined;
  const text = given.toLowerCase();
  let best: { word: string; distance: number } | undefined;
  for (const word of words) {
    const distance = editDistance(text, word.toLowerCase());
    if (distance <= Math.max(1, Math.floor(word.length / 3)) && (best === undefined || distance < best.distance)) {
      best = { word, distance };
    }
  }
  return best?.word;
}

/** How many letters must be put in, taken away or replaced to make `b` of `a`. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const [above = 0, left = 0, diagonal = 0] = [row[j], next[j - 1], row[j - 1]];
      next.push(Math.min(above + 1, left + 1, diagonal + Number(a[i - 1] !== b[j - 1])));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
