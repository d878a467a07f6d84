/** JSON as a command prints it. */

/**
 * `value` as JSON on one line, with control characters, direction marks and other invisible characters escaped as
 * `\u…`. It parses to the same data: JSON itself requires escapes only below U+0020.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(/[\p{C}\u2028\u2029]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""));
}
