/** The text of a filter: a part of the language of pcap-filter(7). */
import { quoted } from "../../../ffi/mod.ts";
import {
  both,
  type CaptureProtocol,
  checkFilterPort,
  checkHost,
  type End,
  type Expression,
  PROTOCOLS,
} from "./expression.ts";

/** The words with which a filter can begin. */
const FIRST_WORDS: ReadonlySet<string> = new Set([...PROTOCOLS, "port", "host", "src", "dst", "not", "!", "("]);

/** True of a word with which a filter can begin. */
export function beginsFilter(word: string): boolean {
  return FIRST_WORDS.has(word) || /^[(!]/.test(word);
}

/**
 * Reads a filter: `udp port 53`, `host 10.0.0.1`, `src` and `dst` before those, `and`, `or`, `not` and parentheses. As in
 * pcap-filter(7), `not` binds most tightly, and `and` and `or` are of one rank, from the left.
 *
 * @throws {TypeError} It says which word cannot be there.
 */
export function parseFilter(text: string): Expression {
  const words = new Words(text);
  const expression = sequence(words);
  if (words.next !== undefined) throw words.unexpected("and, or, or the end");
  return expression;
}

/** The words of a filter that are not read yet. */
class Words {
  readonly #text: string;
  readonly #words: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#words = text.match(/[()!]|&&|\|\||[^\s()!&|]+|\S/g) ?? [];
  }

  get next(): string | undefined {
    return this.#words[this.#at];
  }

  /** Takes the next word, if it is one of these. */
  take(...words: readonly string[]): boolean {
    const found = this.next !== undefined && words.includes(this.next);
    if (found) this.#at++;
    return found;
  }

  /** Takes the next word, which is a value. */
  value(expected: string): string {
    const word = this.next;
    if (word === undefined) throw this.unexpected(expected);
    this.#at++;
    return word;
  }

  unexpected(expected: string): TypeError {
    const what = this.next === undefined ? "its end" : quoted(this.next);
    return new TypeError(`Cannot use ${what} in the filter ${quoted(this.#text)}: expected ${expected}`);
  }
}

function sequence(words: Words): Expression {
  let left = negation(words);
  for (;;) {
    if (words.take("and", "&&")) left = { kind: "and", left, right: negation(words) };
    else if (words.take("or", "||")) left = { kind: "or", left, right: negation(words) };
    else return left;
  }
}

function negation(words: Words): Expression {
  if (words.take("not", "!")) return { kind: "not", inner: negation(words) };
  if (!words.take("(")) return test(words);
  const inner = sequence(words);
  if (!words.take(")")) throw words.unexpected('")"');
  return inner;
}

/** `udp`, `udp port 53`, `src host 10.0.0.1`. */
function test(words: Words): Expression {
  const protocol = PROTOCOLS.find((one) => words.take(one));
  const end = (["src", "dst"] as const).find((one) => words.take(one));
  const of = (expression: Expression): Expression => both(protocol && protocolTest(protocol), expression);
  if (words.take("port")) return of(portTest(words, end));
  if (words.take("host")) return of({ kind: "host", host: checkHost(words.value("an IP address")), end });
  if (end !== undefined) throw words.unexpected("port or host");
  if (protocol !== undefined) return protocolTest(protocol);
  throw words.unexpected(`${PROTOCOLS.join(", ")}, port, host, src, dst, not or "("`);
}

const protocolTest = (protocol: CaptureProtocol): Expression => ({ kind: "protocol", protocol });

function portTest(words: Words, end: End): Expression {
  const text = words.value("a port");
  return { kind: "port", port: checkFilterPort(/^\d{1,5}$/.test(text) ? Number(text) : NaN), end };
}
