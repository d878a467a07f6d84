/** Foreign text in a picture never becomes syntax of its format. */
import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import fc from "../../support/properties.ts";
import { anyCharacter } from "../../support/any_character.ts";
import { drawDot } from "../../../src/graph/formats/dot.ts";
import { drawMermaid } from "../../../src/graph/formats/mermaid.ts";
import type { Picture } from "../../../src/graph/picture.ts";
import { drawSvg } from "../../../src/graph/formats/svg/svg.ts";
import { drawTree } from "../../../src/graph/formats/tree.ts";
import { link, namespace } from "./pictures.ts";

const NASTY = [
  ...['"', "'", "\\", "<b>", "</svg>", "]]>", "<!--", "&lt;", "&", "#34;", "%%{init: {}}%%", "`", "|", "[", "]", "\\n"],
  ...["\n", "\r", "\t", "\0", "\x1b[31m", "\x7f", "\x9b", "\u2028", "\u202e", "\u2066", "\ud800", "\uffff", "\ufeff"],
  ...[
    "end",
    "n0",
    "subgraph",
    "--",
    "{",
    "}",
    ";",
    "a b",
    "",
    "名前",
    "שלום",
    "🙂",
    "e\u0301",
    "__proto__",
    "constructor",
  ],
];
const hostile = fc.array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: anyCharacter })), { maxLength: 4 })
  .map((parts) => parts.join(""));

/** A picture in which every text is hostile. */
const pictures: fc.Arbitrary<Picture> = fc.tuple(fc.array(hostile, { minLength: 11, maxLength: 11 }), fc.boolean()).map(
  ([[a = "", b = "", c = "", d = "", e = "", f = "", g = "", h = "", i = "", j = "", k = ""], waits]) => {
    const pending = waits ? { pending: k } : {};
    const names = [`1${a}`, `2${b}`] as const;
    return {
      namespaces: [
        namespace(names[0], [link(c, { kind: d, note: e, ...pending }), link(`${c}+`, { master: c, on: f })], {
          aliases: [g],
          containers: [h],
          processes: [{ pid: 1, command: i }],
          routes: [{ destination: "10.0.0.0/8", link: c, ...pending }],
          neighbours: [{ ip: "10.0.0.1", link: j, ...pending }],
          ...pending,
        }),
        namespace(names[1], [link(c, pending)], { unseen: k }),
      ],
      edges: [
        { from: { namespace: names[0], link: c }, to: { namespace: names[1], link: c }, kind: d, ...pending },
        { from: { namespace: names[0], link: `${c}+` }, to: { namespace: names[1] }, kind: d },
        { from: { namespace: names[0], link: c }, to: { namespace: names[0], link: `${c}+` }, kind: d },
      ],
    };
  },
);

/** Control characters, direction marks, and code points that are no characters. */
// deno-lint-ignore no-control-regex -- the expression looks for control characters
const INVISIBLE = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/;

function assertVisible(text: string): void {
  assertNotMatch(text, INVISIBLE);
  assert(text.isWellFormed(), JSON.stringify(text));
}

/** Checks every line of a picture with hostile names. */
function check(draw: (picture: Picture) => string, every: (line: string) => void): void {
  fc.assert(fc.property(pictures, (picture) => {
    const text = draw(picture);
    assertVisible(text);
    assertEquals(text, draw(picture));
    text.split("\n").forEach(every);
  }));
}

describe("hostile names", () => {
  it("stay in their lines of a tree", () => {
    check(drawTree, () => {});
    fc.assert(fc.property(pictures, (picture) => {
      const { namespaces: [first], edges } = picture;
      const lines = drawTree(picture).split("\n").length;
      const pending = first?.pending === undefined ? 0 : 3;
      // Heads, notes, links and what belongs to them; where they lead; routes and neighbours.
      assert(lines >= 15 + pending && lines <= 17 + pending, `${lines} lines for ${edges.length} edges`);
    }));
  });

  it("stay in their labels of Mermaid", () => {
    const label = String.raw`"[^"\`<>\\%&;{}[\]|]*(?:(?:#\d+;|<br/>)[^"\`<>\\%&;{}[\]|]*)*"`;
    const line = new RegExp(
      [
        "^flowchart LR",
        String.raw`  subgraph n\d\[${label}\]`,
        String.raw`    n\dl?\d?e?\[${label}\](:::\w+)?`,
        String.raw`    n\dl\d --- n\dl\d`,
        String.raw`  n\dl?\d? (---|-\.-)\|${label}\| n\dl?\d?`,
        "  end",
        String.raw`  class(Def)? \w+ [\w:, -]+$`,
      ].join("$|^"),
    );
    check(drawMermaid, (text) => assertMatch(text, line));
  });

  it("stay in their labels of DOT", () => {
    const label = String.raw`"(?:[^"\\]|\\.)*"`;
    const line = new RegExp(
      [
        "^graph netns \\{",
        "  (graph|node|edge) \\[.*\\];",
        String.raw`  subgraph cluster_n\d \{`,
        String.raw`    label=${label}; style="[a-z,]+"; fontname="monospace"; fontsize=12;`,
        String.raw`    n\d[le]\d? \[label=${label}(, \w+=\w+)?\];`,
        String.raw`    n\dl\d -- n\dl\d;`,
        String.raw`  n\d[le]\d? -- n\d[le]\d? \[label=${label}(, style=dashed)?\];`,
        " *\\}$",
      ].join("$|^"),
    );
    check(drawDot, (text) => {
      assertMatch(text, line);
      assertNotMatch(text, /&(?!amp;)/);
    });
  });

  it("stay in their elements of SVG", () => {
    fc.assert(fc.property(pictures, (picture) => {
      const text = drawSvg(picture);
      assertVisible(text);
      assertEquals(text, drawSvg(picture));
      const open: string[] = [];
      // Tags with attributes, and between them text without "<", and with "&" only for a character by its number.
      const rest = text.replace(
        /<(\/?)([a-z]+)((?: [a-zA-Z-]+="[^"<&]*")*)(\/?)>|[^<>&]+|&#\d+;/g,
        (_all, end: string | undefined, name: string | undefined, _attributes, single: string | undefined) => {
          if (name === undefined) return "";
          if (end === "/") assertEquals(open.pop(), name);
          else if (single !== "/") open.push(name);
          return "";
        },
      );
      assertEquals([rest, open], ["", []]);
    }));
  });
});
