/** The keys of WireGuard in a file: no error shows one, however its field is spelt and wherever it stands. */

/** 32 bytes in base64: the last digit but the padding has two bits that are zero. */
const KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
/** What stands for no key at all: 32 bytes that are zero. */
const NO_KEY = /^A{43}=$/;
/** What looks like a key within a text. */
const LIKE_A_KEY = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=/g;
/** A word for a field whose text is secret. */
const SECRET = /private|pre[-_]?shared|psk/i;
/** A field that names a file is no secret. */
const FILE = /file/i;
/** What stands in an error in place of a secret. */
const HIDDEN = "(a key)";
/** How many values are looked at, and how deep. */
const MOST = 100_000;
const DEPTH = 16;

/** True if a text is a key of WireGuard, as `wg genkey` prints it. */
export function isWireguardKey(text: string): boolean {
  return KEY.test(text) && !NO_KEY.test(text);
}

/** Texts, and what they are without keys. One that stands in many places, as by aliases, is looked through once. */
export type SeenTexts = Map<string, string>;

/**
 * A value for an error, without secrets.
 *
 * @param field The name under which it stands.
 * @param seen The texts of the values before it, of the same document.
 */
export function withoutSecrets(value: unknown, field = "", seen: SeenTexts = new Map()): unknown {
  const left = { count: MOST };
  return hasSecrets(value, field, 0, left, seen) ? hidden(value, field, 0, seen) : value;
}

function withoutKeys(text: string, seen: SeenTexts): string {
  let found = seen.get(text);
  if (found === undefined) seen.set(text, found = text.replace(LIKE_A_KEY, HIDDEN));
  return found;
}

/** A line of a file that cannot be read, without secrets. */
export function lineWithoutSecrets(line: string): string {
  return isSecretName(line) ? HIDDEN : line.replace(LIKE_A_KEY, HIDDEN);
}

/** The longest name of a field that is looked through; ours are shorter. */
const LONGEST_FIELD = 160;

const isSecretField = (name: string): boolean => name.length > LONGEST_FIELD || isSecretName(name);

const isSecretName = (name: string): boolean => SECRET.test(name) && !FILE.test(name);

/** True if a value has a secret, or is too large to know. */
function hasSecrets(
  value: unknown,
  field: string,
  depth: number,
  left: { count: number },
  seen: SeenTexts,
): boolean {
  if (typeof value === "string") return isSecretField(field) || withoutKeys(value, seen) !== value;
  if (typeof value !== "object" || value === null) return false;
  if (depth > DEPTH) return false; // no error shows what is so deep
  for (const [name, one] of Object.entries(value)) {
    if (--left.count < 0) return true;
    if (hasSecrets(one, Array.isArray(value) ? field : name, depth + 1, left, seen)) return true;
  }
  return false;
}

function hidden(value: unknown, field: string, depth: number, seen: SeenTexts): unknown {
  if (typeof value === "string") return isSecretField(field) ? HIDDEN : withoutKeys(value, seen);
  if (typeof value !== "object" || value === null) return value;
  if (depth > DEPTH) return HIDDEN;
  if (Array.isArray(value)) return value.slice(0, MOST).map((one) => hidden(one, field, depth + 1, seen));
  return Object.fromEntries(
    Object.entries(value).slice(0, MOST).map(([name, one]) => [name, hidden(one, name, depth + 1, seen)]),
  );
}
