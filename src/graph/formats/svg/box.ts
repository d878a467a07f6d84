/** The box of a namespace: which text stands where in it. */
import { printable } from "../../../../ffi/mod.ts";
import { type DrawnNamespace, type LinkTree, linkTrees } from "../../picture.ts";
import { shortened, widthOf, wrapped } from "./text.ts";
import { factsOf, notesOf, remarksOn, sectionsOf, titleOf } from "../../captions.ts";

/** Sizes of the fonts, in pixels. */
export const SIZES = { title: 14, name: 13, detail: 12, note: 11 } as const;

/** What a line is, which says how it looks. */
export type LineStyle = keyof typeof SIZES;

/** A line of text in a box. */
export interface Line {
  /** The text, as it is drawn. */
  readonly text: string;
  /** The whole text, if `text` is only a part of it. */
  readonly whole?: string;
  /** How it looks. */
  readonly style: LineStyle;
  /** From the left edge of the box. */
  readonly x: number;
  /** From the upper edge of the box, to where the letters stand. */
  readonly baseline: number;
  /** What stands at the right edge, in the style of a note. */
  readonly right?: string;
  /** True for what is not there yet. */
  readonly pending: boolean;
}

/** A link in a box. */
export interface LinkRow {
  /** Its name. */
  readonly link: string;
  /** How it is, which gives its dot a colour. */
  readonly state: "up" | "down" | "no carrier" | "pending";
  /** From the left edge of the box, to its dot. */
  readonly x: number;
  /** From the upper edge of the box, to the middle of its first line: where edges end. */
  readonly middle: number;
  /** From the upper edge of the box. */
  readonly top: number;
  /** From the upper edge of the box. */
  readonly bottom: number;
  /** Where the line to the row of its master begins, if it is a port. */
  readonly stem?: { readonly x: number; readonly from: number };
}

/** The box of a namespace. */
export interface Box {
  /** The namespace. */
  readonly namespace: DrawnNamespace;
  /** The least width that holds all text. */
  readonly width: number;
  /** Its height. */
  readonly height: number;
  /** How much of it is the head, with the title. */
  readonly head: number;
  /** Its lines. */
  readonly lines: readonly Line[];
  /** Its links. */
  readonly rows: readonly LinkRow[];
  /** Where the routes and the neighbours begin, below something else. */
  readonly rules: readonly number[];
}

/** As many columns a line takes. */
const MOST_COLUMNS = 48;
/** What is left free at the left and right edges. */
const MARGIN = 14;
/** How far the text of a link is from its dot, and a port from its master. */
const INDENT = 16;
/** How high a line is, as a multiple of its font's size. */
const LEADING = 1.45;
/** What is left free above and below a group of lines. */
const PADDING = 8;
/** The least space between a name and what stands at the right edge. */
const GAP = 18;
const LEAST_WIDTH = 150;

/**
 * Lays out the box of a namespace.
 *
 * @param rankOf Where the other end of a link is: links that have one are put in this order, among each other.
 */
export function layOutBox(ns: DrawnNamespace, rankOf: (link: string) => number | undefined = () => undefined): Box {
  const pen = new Pen();
  pen.space(PADDING);
  pen.write(titleOf(ns), "title", MARGIN, ns.pending !== undefined);
  for (const { text, pending } of notesOf(ns)) pen.paragraph(text, "note", MARGIN, pending);
  pen.space(PADDING);
  const head = pen.y;
  const rows: LinkRow[] = [];
  for (const tree of ordered(linkTrees(ns), rankOf)) drawLink(pen, tree, rows, rankOf);
  const rules: number[] = [];
  for (const { remarks } of sectionsOf(ns)) {
    if (rows.length + rules.length > 0) rules.push(pen.y);
    pen.space(PADDING);
    for (const { text, pending } of remarks) pen.paragraph(text, "note", MARGIN, pending);
    pen.space(PADDING);
  }
  return {
    namespace: ns,
    width: Math.max(LEAST_WIDTH, Math.ceil(pen.right + MARGIN)),
    height: pen.y,
    head,
    lines: pen.lines,
    rows,
    rules,
  };
}

/** Takes lines down, one below the other. */
class Pen {
  readonly lines: Line[] = [];
  y = 0;
  right = 0;

  space(height: number): void {
    this.y += height;
  }

  /** One line; gives its middle. */
  write(whole: string, style: LineStyle, x: number, pending: boolean, right?: string): number {
    const size = SIZES[style];
    const height = Math.round(size * LEADING);
    const text = shortened(whole, MOST_COLUMNS);
    const middle = this.y + height / 2;
    this.lines.push({
      text,
      ...text === whole ? {} : { whole },
      style,
      x,
      // Digits and capitals are about 0.72 of the font's size high.
      baseline: Math.round(middle + size * 0.36),
      ...right === undefined ? {} : { right },
      pending,
    });
    this.right = Math.max(
      this.right,
      x + widthOf(text, size) + (right === undefined ? 0 : GAP + widthOf(right, SIZES.note)),
    );
    this.y += height;
    return middle;
  }

  /** As many lines as it takes. */
  paragraph(text: string, style: LineStyle, x: number, pending: boolean): void {
    const [first = "", ...others] = wrapped(text, MOST_COLUMNS);
    this.write(first, style, x, pending);
    for (const line of others) this.write(line, style, x + INDENT / 2, pending);
  }
}

function drawLink(
  pen: Pen,
  { link, ports }: LinkTree,
  rows: LinkRow[],
  rankOf: (link: string) => number | undefined,
  depth = 0,
  stem?: LinkRow["stem"],
): void {
  const top = pen.y;
  const x = MARGIN + depth * INDENT;
  const pending = link.pending !== undefined;
  pen.space(PADDING - 2);
  const middle = pen.write(printable(link.name), "name", x + INDENT, pending, factsOf(link).join(" · "));
  for (const address of link.addresses) pen.write(address, "detail", x + INDENT, pending);
  for (const remark of remarksOn(link)) pen.paragraph(remark, "note", x + INDENT, pending);
  pen.space(PADDING - 2);
  rows.push({
    link: link.name,
    state: pending ? "pending" : link.state,
    x: x + 4,
    middle,
    top,
    bottom: pen.y,
    ...stem === undefined ? {} : { stem },
  });
  for (const port of ordered(ports, rankOf)) {
    drawLink(pen, port, rows, rankOf, depth + 1, { x: x + 4, from: middle });
  }
}

/** The links in their order, but those with a rank in that of their ranks, in the places that they have together. */
function ordered(trees: readonly LinkTree[], rankOf: (link: string) => number | undefined): LinkTree[] {
  const rank = ({ link, ports }: LinkTree): number | undefined => rankOf(link.name) ?? ports.map(rank)[0];
  const ranked = trees.flatMap((tree) => {
    const value = rank(tree);
    return value === undefined ? [] : [{ tree, value }];
  });
  const sorted = ranked.toSorted((a, b) => a.value - b.value).map(({ tree }) => tree);
  const isRanked = new Set(sorted);
  return trees.map((tree) => isRanked.has(tree) ? sorted.shift() ?? tree : tree);
}
