import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { textFaults } from "./faults.ts";

/** The fault of a text that is no YAML: `line:column reason`. */
function fault(text: string): string {
  const [first = "", ...rest] = textFaults(text);
  assertEquals(rest, []);
  return first.replace(/^line (\d+), column (\d+): YAML or JSON: /, "$1:$2 ");
}

describe("findUnclosed()", () => {
  it("names the line of the bracket, wherever the parser fails (T21)", () => {
    const cases: [text: string, expected: string][] = [
      ["namespaces: [a, b\ninterfaces:\n  - { name: x }\n", "1:13 ] to close this ["],
      ["namespaces: [a\n  b\n  c\nroutes: []", "1:13 ] to close this ["],
      ["interfaces:\n  - { name: a, ipAddresses: [10.0.0.1/24, veth: { peerIfName: b } }\n", "2:29 ] to close this ["],
      ["interfaces:\n  - { name: a, veth: { peerIfName: b }\n  - { name: b }\n", "2:5 } to close this {"],
      ['{"namespaces": ["a",\n "b"\n}', "1:16 ] to close this ["],
      ["a:\n  - - [x\n\nb: 1", "2:7 ] to close this ["],
      ["a: &anchor !!seq [x\nb: 1", "1:18 ] to close this ["],
    ];
    for (const [text, expected] of cases) assertEquals(fault(text), expected, text);
  });

  it("names the line of the quotation mark", () => {
    assertEquals(fault('name: "x\nnamespaces: [a]\n'), '1:7 " to close this "');
    assertEquals(fault("name: 'it''s\nnamespaces: [a]\n"), "1:7 ' to close this '");
    assertEquals(fault('a: "x\nb: "y"\n'), '1:4 " to close this "');
  });

  it("is not misled by brackets in plain text, quotes, comments and blocks", () => {
    const before = [
      "a: 1 [ is plain",
      "b: it's [plain, too",
      'c: "[ \\" ["',
      "d: '[ '' ['",
      "e: 1 # [ {",
      "# [",
      "f: |-",
      "  [ a",
      "",
      "   { b",
      "g: [x, {y: z}, 'w']",
      "h: [1:",
      "  ]",
    ].join("\n");
    assertEquals(fault(`${before}\ni: [\nj: 1`), "14:4 ] to close this [");
    assertEquals(fault(`${before}\ni:\n  - a\n - b\n`), "16:2 bad indentation of a mapping entry");
  });

  it("leaves other faults within brackets where they are", () => {
    assertEquals(fault("a: { b: 1 c: 2 }").includes("to close"), false);
    assertEquals(fault("a: [b, *c]").includes("to close"), false);
    assertEquals(fault("a: [!x b]").includes("to close"), false);
  });

  it("leaves faults within quotation marks that are closed where they are", () => {
    assertEquals(fault('{"namespaces": ["a"], "namespaces": ["b"]}'), "1:24 duplicated mapping key");
    assertEquals(fault('a:\n  "b": 1\n  "b": 2\n'), "3:4 duplicated mapping key");
    assertEquals(fault('a: ["\\q"]'), "1:7 unknown escape sequence");
    assertEquals(fault('a: "\\xg0"'), "1:7 expected hexadecimal character");
  });
});
