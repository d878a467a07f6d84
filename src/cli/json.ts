/** JSON as a command prints it. */

/**
 * A value as JSON in which nothing speaks to the terminal and nothing turns the direction of writing: such characters of
 * the data are escaped as `\u…`, so that it is the same data. JSON itself only asks that for those below U+0020.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(/[\p{C}\u2028\u2029]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""));
}
