/** The Markdown documents of the repository, their fenced blocks, and how a block is compared with what happens. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support.ts";

/** Folders without documents of ours. */
const FOREIGN: ReadonlySet<string> = new Set([".git", "coverage", "dist", "node_modules"]);

/** A document. */
export interface Document {
  /** From the root of the repository: `"src/cli/README.md"`. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** A block between two fences. */
export interface Block {
  /** The line of its fence. */
  readonly line: number;
  /** The first word of its fence: `"sh"`. */
  readonly language: string;
  /** The rest of its fence: `"netns demo"`, `"topology.yaml"`, or nothing. */
  readonly info: string;
  readonly text: string;
}

/** The paths of the documents of the repository, sorted. */
export function documentPaths(): string[] {
  const paths = readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return [entry.name];
    if (FOREIGN.has(entry.name)) return [];
    const below = readdirSync(join(root, entry.name), { recursive: true, encoding: "utf8" });
    return below.map((path) => `${entry.name}/${path}`);
  });
  return paths.filter((path) => path.endsWith(".md")).sort();
}

/** Every document of the repository. */
export function documents(): Document[] {
  return documentPaths().map((path) => {
    const text = readFileSync(join(root, path), "utf8");
    return { path, text, blocks: blocksOf(text) };
  });
}

/** The fenced blocks of a Markdown text, in their order. */
function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\S*) ?(.*)\n([\s\S]*?)^```$/gm)].map((found) => {
    const [, language = "", info = "", text = ""] = found;
    return { line: markdown.slice(0, found.index).split("\n").length, language, info, text };
  });
}

/** The commands of a `sh` block, without their comments. */
export function commandsOf({ text }: Block): string[] {
  return text.split("\n").map((line) => line.replace(/(^|\s+)#.*/, "").trim()).filter((line) => line !== "");
}

/** The output that a program promises: the comment behind each of its `console.log(…)`. */
export function promisedOutput(program: string): string {
  return [...program.matchAll(/console\.log\(.*\);\s*\/\/ (.*)$/gm)].map(([, comment]) => `${comment?.trim()}\n`)
    .join("");
}

/** What differs from run to run: durations, the numbers of namespaces, of descriptors and of processes. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/\b\d+(\.\d+)? ?(ns|µs|us|ms|s)\b/g, "<time>"],
  [/\[\d{10}\]/g, "[<inode>]"],
  [/\bNS\(\d+/g, "NS(<descriptor>"],
  [/\bPID:\d+/g, "PID:<pid>"],
];

const masked = (line: string): string =>
  VARYING.reduce((text, [varying, name]) => text.replace(varying, name), line.trimEnd());

/**
 * The first line of `promised` that is missing in `actual` or in another position there, or the first of `actual` that
 * was not promised. A line of `…` stands for any lines, and `…` at the end of a line for the rest of it.
 */
export function firstDifference(promised: string, actual: string): string | undefined {
  const lines = actual.trimEnd().split("\n").map(masked);
  let at = 0;
  let anywhere = false;
  for (const wanted of promised.trimEnd().split("\n").map(masked)) {
    if (wanted.trim() === "…") {
      anywhere = true;
      continue;
    }
    const fits = (line: string): boolean =>
      wanted.endsWith("…") ? line.startsWith(wanted.slice(0, -1)) : line === wanted;
    const found = anywhere ? lines.findIndex((line, index) => index >= at && fits(line)) : at;
    const line = lines[found];
    if (line === undefined || !fits(line)) return `promised: ${wanted}\nactual: ${lines[at] ?? "the end"}`;
    at = found + 1;
    anywhere = false;
  }
  return anywhere || at === lines.length ? undefined : `not promised: ${lines[at]}`;
}
