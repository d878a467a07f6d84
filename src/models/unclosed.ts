/** Finds what a text of YAML opens and never closes: the parser notices that only lines later. */

/** A bracket, a brace or a quotation mark without its other one. */
export interface Unclosed {
  /** Where it stands. */
  readonly offset: number;
  /** What would close it. */
  readonly closer: string;
}

const CLOSERS: ReadonlyMap<string, string> = new Map([["[", "]"], ["{", "}"]]);
/** An anchor, an alias or a tag. */
const PROPERTY = /[&*!][^\s,[\]{}]*/y;
/** The head of a text in lines of its own, `|` or `>`. */
const BLOCK_SCALAR = /[|>][-+\d]*[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n|$)/y;
const BLANK_OR_INDENT = /([ \t]*)([^\r\n]*)(?:\r\n|\r|\n|$)/y;

/**
 * The innermost bracket, brace or quotation mark that is never closed.
 *
 * @param error The offset at which the parser failed. If nothing is open there, the fault is another one.
 */
export function findUnclosed(text: string, error: number): Unclosed | undefined {
  const open: Unclosed[] = [];
  let wasOpen: boolean | undefined;
  /** True where a value can begin; elsewhere a bracket or a quotation mark is a part of plain text. */
  let canBegin = true;
  let lineStart = 0;
  for (let i = 0; i < text.length;) {
    const char = text.charAt(i);
    const matches = (pattern: RegExp): number => {
      pattern.lastIndex = i;
      return pattern.test(text) ? pattern.lastIndex : -1;
    };
    const isFlow = open.length > 0;
    if (i >= error) wasOpen ??= isFlow;
    if (char === "\n" || char === "\r") {
      canBegin = true;
      lineStart = i + 1;
    } else if (char === "#" && /^$|\s/.test(text.charAt(i - 1))) {
      i += text.slice(i).search(/[\r\n]|$/);
      continue;
    } else if (canBegin && (char === '"' || char === "'")) {
      const end = endOfQuoted(text, i, char);
      if (end === -1 || (i < error && error < end)) return { offset: i, closer: char };
      canBegin = false;
      i = end;
      continue;
    } else if (canBegin && /[&*!]/.test(char)) {
      i = matches(PROPERTY);
      continue;
    } else if (canBegin && !isFlow && matches(BLOCK_SCALAR) !== -1) {
      i = endOfBlock(text, matches(BLOCK_SCALAR), /[^ ]|$/.exec(text.slice(lineStart))?.index ?? 0);
      lineStart = i;
      continue;
    } else if (CLOSERS.has(char) && (isFlow || canBegin)) {
      open.push({ offset: i, closer: CLOSERS.get(char) ?? "" });
      canBegin = true;
    } else if (isFlow && (char === "]" || char === "}")) {
      const last = open.pop();
      if (last?.closer !== char) return last;
      canBegin = false;
    } else if (isFlow && (char === "," || char === ":")) canBegin = true;
    else if (char === ":" || (canBegin && (char === "-" || char === "?"))) {
      canBegin = /^$|\s/.test(text.charAt(i + 1));
    } else if (char !== " " && char !== "\t") canBegin = false;
    i++;
  }
  return wasOpen ?? open.length > 0 ? open.at(-1) : undefined;
}

/** The offset after the closing mark, or -1. In double quotes `\` escapes, in single quotes `''` stands for one. */
function endOfQuoted(text: string, start: number, mark: string): number {
  for (let i = start + 1; i < text.length; i++) {
    if (mark === '"' && text.charAt(i) === "\\") i++;
    else if (text.charAt(i) !== mark) continue;
    else if (mark === "'" && text.charAt(i + 1) === mark) i++;
    else return i + 1;
  }
  return -1;
}

/** Where a text in lines of its own ends: at the first line that is not indented more than the line of its head. */
function endOfBlock(text: string, start: number, indent: number): number {
  let end = start;
  for (BLANK_OR_INDENT.lastIndex = start; end < text.length; end = BLANK_OR_INDENT.lastIndex) {
    const [, spaces = "", rest = ""] = BLANK_OR_INDENT.exec(text) ?? [];
    if (rest !== "" && spaces.length <= indent) break;
  }
  return end;
}
