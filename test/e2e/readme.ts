/** The fenced blocks of a Markdown file, and how what they promise is compared with what comes. */

/** A block between two fences. */
export interface Block {
  /** The line of its fence. */
  readonly line: number;
  /** The first word of its fence: `"sh"`. */
  readonly language: string;
  /** The rest of it: `"netns demo"`, `"topology.yaml"`, `"ignore"`, or nothing. */
  readonly info: string;
  readonly text: string;
}

/** The fenced blocks, in their order. */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\S*) ?(.*)\n([\s\S]*?)^```$/gm)].map((found) => {
    const [, language = "", info = "", text = ""] = found;
    return { line: markdown.slice(0, found.index).split("\n").length, language, info, text };
  });
}

/** The commands of a `sh` block, without what is said about them. */
export function commandsOf({ text }: Block): string[] {
  return text.split("\n").map((line) => line.replace(/(^|\s+)#.*/, "").trim()).filter((line) => line !== "");
}

/** What a program says that it prints: the comment behind each `console.log(…)`. */
export function promisedOutput({ text }: Block): string {
  return [...text.matchAll(/console\.log\(.*\);\s*\/\/ (.*)$/gm)].map(([, comment]) => `${comment?.trim()}\n`).join("");
}

/** What is different each time: durations, the numbers of namespaces, of descriptors, and of processes. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/\b\d+(\.\d+)? ?(ns|µs|us|ms|s)\b/g, "<time>"],
  [/\[\d{10}\]/g, "[<inode>]"],
  [/\bNS\(\d+/g, "NS(<descriptor>"],
  [/\bPID:\d+/g, "PID:<pid>"],
];

const masked = (line: string): string =>
  VARYING.reduce((text, [varying, name]) => text.replace(varying, name), line.trimEnd());

/**
 * The first line of `promised` that did not come, or that came in another place; nothing if all came, and nothing else. A
 * line of `…` alone stands for any lines, and `…` at the end of a line for the rest of it.
 */
export function firstDifference(promised: string, came: string): string | undefined {
  const lines = came.trimEnd().split("\n").map(masked);
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
    if (line === undefined || !fits(line)) return `promised: ${wanted}\nin place of: ${lines[at] ?? "the end"}`;
    at = found + 1;
    anywhere = false;
  }
  return anywhere || at === lines.length ? undefined : `not promised: ${lines[at]}`;
}
