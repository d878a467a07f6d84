/** Regular expressions for numbers, for what JSON Schema says of text in which numbers stand. */

/**
 * An expression that decimal numbers from 1 to `most` match, with as many digits as `most` has at most: `"007"` is one,
 * `"0"` none.
 *
 * @param most Of two digits or more.
 */
export function numberPattern(most: number): string {
  const digits = String(most);
  const larger = [...digits].flatMap((digit, position) => {
    const rest = digits.length - position - 1;
    // As far as this digit the same, then a lesser one: the others may be any.
    return digit === "0" ? [] : `${digits.slice(0, position)}[0-${Number(digit) - 1}]\\d{${rest}}`;
  });
  return `(?!0+(?!\\d))(?:${[`\\d{1,${digits.length - 1}}`, ...larger, digits].join("|")})`;
}

/**
 * An expression that one of the numbers of {@linkcode numberPattern} matches, and two with a dash between them of which the
 * first is not the larger: `"10-20"`, not `"20-10"`. It has one capturing group, the first of the whole expression.
 *
 * @param most Of two digits or more.
 */
export function rangePattern(most: number): string {
  const number = numberPattern(most);
  return `(?:${number}|(?=${ascendingPattern(String(most).length)}$)${number}-${number})`;
}

/**
 * An expression that two numbers of any digits with a dash between them match, of which the first is not the larger. It
 * has one capturing group, the first of the whole expression.
 *
 * @param digits The most that the larger one has, without zeros at its front.
 */
export function ascendingPattern(digits: number): string {
  const lengths = Array.from({ length: digits }, (_, rest) => rest);
  // The second has more digits,
  const longer = lengths.slice(1).map((one) => `\\d{${one}}-0*[1-9]\\d{${one},}`);
  // or is the same as far as a digit that is larger,
  const larger = lengths.map((rest) => {
    const pairs = Array.from({ length: 9 }, (_, digit) => `${digit}\\d{${rest}}-0*\\1[${digit + 1}-9]`);
    return `(?:${pairs.join("|")})\\d{${rest}}`;
  });
  // or to its end.
  return `0*(?:${longer.join("|")}|(\\d*)(?:-0*\\1|${larger.join("|")}))`;
}
