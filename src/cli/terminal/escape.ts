/** Foreign text on a terminal: control characters and direction marks in it are escaped. */

/**
 * `text` with every control character escaped, except line feeds. ffi has a stricter `visible`; this file does not use
 * it, because `netns --version` must not load ffi.
 */
export function withoutControls(text: string): string {
  return text.replace(
    // deno-lint-ignore no-control-regex -- the expression looks for control characters
    /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u{${character.charCodeAt(0).toString(16)}}`,
  );
}

/** {@linkcode withoutControls} with line feeds escaped as well, so that foreign text cannot forge a line. */
export function oneLine(text: string): string {
  return withoutControls(text).replaceAll("\n", "\\u{a}");
}
