/** Files that somebody made to do harm, and files that somebody damaged. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "../../support/properties.ts";
import { anyCharacter } from "../../support/any_character.ts";
import { ConfigError } from "../../../src/errors.ts";
import { type NetworkConfig, parseConfig } from "../../../src/models/config.ts";

/** What is read from `text`, or the one error that says what is wrong. Anything else that is thrown fails the test. */
function read(text: string): NetworkConfig | ConfigError {
  try {
    return parseConfig(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    assert(error.issues.length > 0);
    return error;
  }
}

const EXAMPLE = `
name: lab
namespaces: [blue, green]               # made if missing
interfaces:
  - &left { name: left,  type: VETH, enabled: true, hostIfName: eth0, ipAddresses: [10.1.0.1/24], mtu: 1400,
      physAddress: "02:00:00:00:00:01", namespace: blue, veth: { peerIfName: right } }
  - { <<: *left, name: right, ipAddresses: [fd00::1/64], physAddress: "02:00:00:00:00:02",
      namespace: { type: MICROSERVICE_REF_NS, microservice: web }, veth: { peerIfName: left } }
arpEntries:
- name: a
  namespace: blue
  interface: left
  ipAddr: 10.1.0.9
  hwAddress: "02:00:00:00:00:09"
  state: { type: PERMANENT }
routes:
- { name: r, namespace: blue, interface: left, dstIpAddr: 10.2.0.0/16, gwAddr: 10.1.0.2, metric: 10 }
`;

/** What means something in YAML, in the models, or in JavaScript. */
const TOKENS = [
  "[",
  "]",
  "{",
  "}",
  ":",
  ",",
  "- ",
  "? ",
  "\n",
  "\n  ",
  "\t",
  "&a ",
  "*left",
  "*a",
  "<<: ",
  "!!str ",
  "!x ",
]
  .concat("|\n", ">-\n", "---\n", "...\n", "%YAML 1.2\n", '"', "'", "#", "~", "null", "true", ".inf", ".nan", "0x7f")
  .concat(
    "__proto__: ",
    "constructor: ",
    "toString: ",
    "name: ",
    "mtu: 1e400",
    "-0",
    "\0",
    "\u2028",
    "\u202e",
    "\ufeff",
  )
  .concat(
    "\ud800",
    "\x1b[31m",
    "99999999999999999999",
    "interfaces: ",
    "veth: ",
    "PID:0",
    "FILE:/",
    "::/0",
    "0.0.0.0/0",
  );

const mutation = fc.record({
  kind: fc.constantFrom("insert", "replace", "cut", "double", "truncate"),
  at: fc.nat(),
  size: fc.integer({ min: 1, max: 40 }),
  token: fc.oneof(fc.constantFrom(...TOKENS), fc.string({ unit: anyCharacter, maxLength: 3 })),
});

function mutate(text: string, { kind, at, size, token }: typeof mutation extends fc.Arbitrary<infer T> ? T : never) {
  const from = at % (text.length + 1);
  const [before, after] = [text.slice(0, from), text.slice(from)];
  if (kind === "insert") return before + token + after;
  if (kind === "replace") return before + token + after.slice(size);
  if (kind === "cut") return before + after.slice(size);
  if (kind === "double") return before + after.slice(0, size) + after;
  return before;
}

/** Lines, or what else stands between `separator`s, made of their numbers. */
const many = (count: number, make: (index: number) => string, separator = "\n"): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(separator);

describe("parseConfig(), of damaged files", () => {
  it("reads the file that is then damaged", () => {
    assert(!(read(EXAMPLE) instanceof ConfigError), String(read(EXAMPLE)));
  });

  it("gives a configuration or a ConfigError", () => {
    const damaged = fc.array(mutation, { minLength: 1, maxLength: 6 }).map((all) => all.reduce(mutate, EXAMPLE));
    fc.assert(fc.property(damaged, (text) => void read(text)), { numRuns: 300 });
  });

  it("gives a configuration or a ConfigError for what is made of the tokens of YAML alone", () => {
    const text = fc.array(fc.constantFrom(...TOKENS), { maxLength: 60 }).map((tokens) => tokens.join(""));
    fc.assert(fc.property(text, (text) => void read(text)), { numRuns: 300 });
  });
});

describe("parseConfig(), of hostile files", () => {
  const LONG = `x-long: &a "${"a".repeat(1_000_000)}"\n`;
  /** Each would take for ever, or all the memory, if its cost grew with more than its size. */
  const files: Readonly<Record<string, string>> = {
    "unknown fields": many(30_000, (i) => `k${i}: 1`),
    "unknown fields in one item": `interfaces:\n- { ${many(10_000, (i) => `k${i}: 1`, ", ")} }`,
    "items with a fault each": `routes:\n${many(10_000, (i) => `- { name: r${i}, metric: x }`)}`,
    "addresses that are none": `interfaces: [{ name: a, ipAddresses: [${many(10_000, (i) => `x${i}`, ", ")}] }]`,
    "aliases of a long name": `${LONG}interfaces: [${many(9_000, () => "{ name: *a }", ",")}]`,
    "aliases of a long type": `${LONG}interfaces: [${many(9_000, () => "{ name: b, type: *a }", ",")}]`,
    "aliases of a long field": `${LONG}interfaces: [${many(9_000, () => "{ *a : 1 }", ",")}]`,
    "aliases of a long namespace": `${LONG}interfaces: [${many(9_000, () => "{ name: b, namespace: *a }", ",")}]`,
    "aliases of long texts": `- &a "${"x".repeat(1_000_000)}"\n- [${many(9_000, () => "*a", ",")}]`,
    "merged mappings": `x: &a {${many(1000, (i) => `k${i}: 1`, ",")}}\ny: [${many(5000, () => "{<<: *a}", ",")}]`,
    "a path of one long name": `"${"x".repeat(1_000_000)}": 1`,
    "long addresses": `interfaces: [{ name: a, ipAddresses: ["${"1.".repeat(200_000)}/24", "${
      "::".repeat(200_000)
    }/64"] }]`,
    "a long prefix of a namespace": `namespaces: ["${"PID:".repeat(200_000)}"]`,
    "lists in lists, open": "[".repeat(500_000),
    "lists in lists, closed": `namespaces: ${"[".repeat(90)}${"]".repeat(90)}`,
    "lists in lines": "- ".repeat(100_000),
    "mappings in mappings": '{"a":'.repeat(100_000),
    "mappings in lines": many(2000, (i) => `${" ".repeat(i)}a:`),
    "anchors": many(50_000, (i) => `- &a${i} x`),
    "documents": "---\n".repeat(50_000),
    "directives": "%YAML ".repeat(100_000),
    "quotation marks": '"'.repeat(300_000),
    "exclamation marks": "!".repeat(300_000),
    "spaces": " ".repeat(1_000_000),
  };
  for (const [name, text] of Object.entries(files)) {
    it(`refuses ${name} in great number`, () => {
      const error = read(text);
      assert(error instanceof ConfigError, name);
      assert(error.message.length < 500_000, `the message has ${error.message.length} characters`);
    });
  }

  it("says how many faults there are beyond those that the message repeats", () => {
    const error = read(many(700, (i) => `k${i}: 1`));
    assert(error instanceof ConfigError);
    assertEquals(error.issues.length, 700);
    assert(error.message.endsWith("\n  and 200 more faults"), error.message.slice(-100));
  });

  it("takes the names of JavaScript's own properties for names like others", () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"]) {
      for (const text of [`"${name}": { namespaces: [x] }`, `interfaces: [{ "${name}": { name: x } }]`]) {
        const error = read(text);
        assert(error instanceof ConfigError && error.issues.some(({ path }) => path.endsWith(name)), String(error));
      }
      const config = read(`namespaces: ["${name}"]\ninterfaces: [{ name: "${name}", veth: { peerIfName: b } }]`);
      assert(!(config instanceof ConfigError), String(config));
      assertEquals([config.namespaces, config.interfaces[0]?.name], [[name], name]);
    }
    assertEquals(Object.keys(Object.prototype), []);
  });

  it("repeats nothing that speaks to the terminal, neither of a value nor of a path", () => {
    const error = read('"a\\e[31m\\u202eb": "c\\u009b\\u2066d"\nnamespaces: ["x/\\u200f", { "\\u061c": "\\e" }]');
    assert(error instanceof ConfigError);
    assert(!/[^\P{C}\n]|\u2028/u.test(error.message), JSON.stringify(error.message));
  });
});
