/** The text of a filter: a part of the language of pcap-filter(7). */
import { quoted } from "../../../ffi/mod.ts";
import {
  both,
  type CaptureProtocol,
  checkFilterPort,
  checkHost,
  checkNet,
  type End,
  type Expression,
  hostTest,
  portTest,
  PROTOCOLS,
  requirePorts,
} from "./expression.ts";

/** What a value is, by the word before it. */
const VALUES = ["host", "net", "port", "portrange"] as const;

/** The words with which a filter can begin. */
const FIRST_WORDS: ReadonlySet<string> = new Set([...PROTOCOLS, ...VALUES, "src", "dst", "not", "!", "("]);

/** True of a word with which a filter can begin. */
export function beginsFilter(word: string): boolean {
  return FIRST_WORDS.has(word) || /^[(!]/.test(word);
}

/**
 * Reads a filter: `udp port 53`, `host 10.0.0.1`, `net 10.0.0.0/8`, `portrange 8000-8010`, `src` and `dst` before those,
 * `and`, `or`, `not` and parentheses. As in pcap-filter(7), `not` binds most tightly, `and` and `or` are of one rank, from
 * the left, and a value alone is what the one before it is: `port 80 or 443`.
 *
 * @throws {TypeError} It says which word cannot be there.
 */
export function parseFilter(text: string): Expression {
  const words = new Words(text);
  const expression = sequence(words);
  if (words.next !== undefined) throw words.unexpected("and, or, or the end");
  return expression;
}

/** What stands before a value. */
interface Qualifiers {
  readonly protocol: CaptureProtocol | undefined;
  readonly end: End;
  readonly kind: typeof VALUES[number];
}

/** The words of a filter that are not read yet. */
class Words {
  readonly #text: string;
  readonly #words: readonly string[];
  #at = 0;
  /** Those of the last value. */
  qualifiers: Qualifiers | undefined;

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

/** `udp`, `udp port 53`, `src host 10.0.0.1`; a value alone, if there was one before. */
function test(words: Words): Expression {
  if (words.qualifiers !== undefined && /^[0-9a-f:]/i.test(words.next ?? "") && !beginsFilter(words.next ?? "")) {
    return valueTest(words, words.qualifiers);
  }
  const protocol = PROTOCOLS.find((one) => words.take(one));
  const end = (["src", "dst"] as const).find((one) => words.take(one));
  const kind = VALUES.find((one) => words.take(one));
  if (kind !== undefined) return valueTest(words, words.qualifiers = { protocol, end, kind });
  if (end !== undefined) throw words.unexpected(VALUES.join(", "));
  if (protocol !== undefined) return protocolTest(protocol);
  throw words.unexpected(`${PROTOCOLS.join(", ")}, ${VALUES.join(", ")}, src, dst, not or "("`);
}

function valueTest(words: Words, { protocol, end, kind }: Qualifiers): Expression {
  if (kind === "port" || kind === "portrange") requirePorts(protocol);
  return both(protocol && protocolTest(protocol), testOf(words, kind, end));
}

function testOf(words: Words, kind: Qualifiers["kind"], end: End): Expression {
  switch (kind) {
    case "host":
      return hostTest(checkHost(words.value("an IP address")), end);
    case "net":
      return { kind: "net", net: checkNet(words.value("a network")), end };
    case "port":
      return portTest(portOf(words.value("a port")), end);
    case "portrange": {
      const [first = "", last = first] = words.value("two ports, such as 8000-8010").split(/-(.*)/s, 2);
      return portsTest(portOf(first), portOf(last), end);
    }
  }
}

/** In whatever order the two are given, as libpcap does. */
function portsTest(one: number, other: number, end: End): Expression {
  return { kind: "ports", first: Math.min(one, other), last: Math.max(one, other), end };
}

const protocolTest = (protocol: CaptureProtocol): Expression => ({ kind: "protocol", protocol });

const portOf = (text: string): number => checkFilterPort(/^\d{1,5}$/.test(text) ? Number(text) : NaN);
