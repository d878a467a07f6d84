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
