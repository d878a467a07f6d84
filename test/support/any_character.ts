/** Arbitrary values for fast-check, beside its own. */
import fc from "./properties.ts";

/**
 * Any character of Unicode, half of them of one byte in UTF-8. fast-check has `"binary"` for that, for which it first makes
 * a table of a million characters.
 */
export const anyCharacter: fc.Arbitrary<string> = fc.oneof(
  fc.nat(0x7f),
  fc.oneof(fc.integer({ min: 0x80, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff })),
).map((point) => String.fromCodePoint(point));
