/** The form of the documents: their links lead somewhere, the files that they name exist, and they stay short. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../support.ts";
import { documents } from "./blocks.ts";

/** How many lines a document may have. */
const MOST_LINES: Readonly<Record<string, number>> = { "README.md": 150, "CONTRIBUTING.md": 120 };
/** How long an entry of the changelog may be, in characters. */
const LONGEST_ENTRY = 160;

const all = documents();

/** A Markdown text without its blocks and comments. */
const proseOf = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, "").replace(/<!--[\s\S]*?-->/g, "");

/** The anchors of a document, as GitHub makes them of its headings. */
function anchorsOf(text: string): Set<string> {
  const seen = new Map<string, number>();
  return new Set([...proseOf(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => {
    const anchor = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "").replaceAll(" ", "-");
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  }));
}

describe("the documents", () => {
  it("have no dead link", () => {
    const dead = all.flatMap(({ path, text }) =>
      [...proseOf(text).replace(/`[^`\n]*`/g, "code").matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
        if (/^[a-z]+:/.test(target)) return [];
        const [file = "", anchor] = target.split("#");
        const found = join(dirname(path), file);
        const there = file === "" ? path : found;
        if (!existsSync(join(root, there))) return [`${path}: ${target}`];
        if (anchor === undefined) return [];
        return anchorsOf(readFileSync(join(root, there), "utf8")).has(anchor) ? [] : [`${path}: ${target}`];
      })
    );
    assertEquals(dead, []);
  });

  it("name only files that exist", () => {
    const missing = all.flatMap(({ path, text }) =>
      [...proseOf(text).matchAll(/`((?:src|ffi|test|scripts|\.ci)\/[^`\s]*)`/g)].flatMap(([, name = ""]) => {
        // Words in capitals stand for a name; of such a path the folder must exist.
        const file = /[A-Z]{3,}|[*…<]/.test(name.replace("README", "")) ? dirname(name) : name;
        return existsSync(join(root, file)) ? [] : [`${path}: ${name}`];
      })
    );
    assertEquals(missing, []);
  });

  it("tell nobody to run npx netns, which is another package", () => {
    assertEquals(all.filter(({ text }) => /\bnpx netns\b/.test(text)).map(({ path }) => path), []);
  });

  for (const [path, most] of Object.entries(MOST_LINES)) {
    it(`${path} has at most ${most} lines`, () => {
      const lines = all.find((one) => one.path === path)?.text.trimEnd().split("\n").length;
      assertEquals(lines !== undefined && lines <= most, true, `${lines} lines`);
    });
  }

  it("have a changelog of short entries", () => {
    const { text = "" } = all.find(({ path }) => path === "CHANGELOG.md") ?? {};
    const entries = text.split(/^(?=- |#|$)/m).map((entry) => entry.replace(/\s+/g, " ").trim())
      .filter((entry) => entry.startsWith("- "));
    assertEquals(entries.filter((entry) => entry.length > LONGEST_ENTRY), []);
    assertEquals(entries.filter((entry) => !/^- \[(New|Changed|Faster|Fixed|Removed)\] /.test(entry)), []);
  });
});
