/** The box of a namespace, with its texts and links. */
import { printable } from "../../../../ffi/mod.ts";
import { defined } from "../../../collections.ts";
import { factsOf, notesOf, remarksOn, sectionsOf, titleOf } from "../../captions.ts";
import { type LinkTree, linkTrees, type PictureNamespace } from "../../picture.ts";
import { type Line, LineWriter } from "./lines.ts";

/** A link in a box. Positions are relative to the upper left corner of the box. */
export interface LinkRow {
  /** Its name. */
  readonly link: string;
  /** Its state, which gives its dot a colour. */
  readonly state: "up" | "down" | "no carrier" | "pending";
  /** The position of its dot. */
  readonly x: number;
  /** The middle of its first line, where edges end. */
  readonly middle: number;
  /** Its upper edge. */
  readonly top: number;
  /** Its lower edge. */
  readonly bottom: number;
  /** The start of the line from its master's row, if it is a port. */
  readonly stem?: { readonly x: number; readonly from: number };
}

/** The box of a namespace. */
export interface Box {
  /** The namespace. */
  readonly namespace: PictureNamespace;
  /** The least width that holds all texts. */
  readonly width: number;
  /** Its height. */
  readonly height: number;
  /** The height of its head, which has the title. */
  readonly head: number;
  /** Its lines. */
  readonly lines: readonly Line[];
  /** Its links. */
  readonly rows: readonly LinkRow[];
  /** The upper edges of the routes and of the neighbours, where a rule separates them. */
  readonly rules: readonly number[];
}

/** Gives the position of the other end of a link; undefined if it has none. */
export type RankOf = (link: string) => number | undefined;

/** The distance between text and the left and right edges. */
const MARGIN = 14;
/** The distance between a dot and its text, and between a master and its port. */
const INDENT = 16;
/** The distance above and below a group of lines. */
const PADDING = 8;
const MIN_WIDTH = 150;

/**
 * The box of a namespace.
 *
 * @param rankOf Links with a rank are sorted by it among each other; the others stay where they are.
 */
export function layOutBox(ns: PictureNamespace, rankOf: RankOf = () => undefined): Box {
  const writer = new LineWriter();
  writer.skip(PADDING);
  writer.write(titleOf(ns), "title", MARGIN, ns.pending !== undefined);
  for (const { text, pending } of notesOf(ns)) writer.writeParagraph(text, "note", MARGIN, pending);
  writer.skip(PADDING);
  const head = writer.y;
  const rows: LinkRow[] = [];
  for (const tree of sortedByRank(linkTrees(ns), rankOf)) writeLink(writer, tree, rows, rankOf);
  const rules: number[] = [];
  for (const { remarks } of sectionsOf(ns)) {
    if (rows.length + rules.length > 0) rules.push(writer.y);
    writer.skip(PADDING);
    for (const { text, pending } of remarks) writer.writeParagraph(text, "note", MARGIN, pending);
    writer.skip(PADDING);
  }
  return {
    namespace: ns,
    width: Math.max(MIN_WIDTH, Math.ceil(writer.right + MARGIN)),
    height: writer.y,
    head,
    lines: writer.lines,
    rows,
    rules,
  };
}

function writeLink(
  writer: LineWriter,
  { link, ports }: LinkTree,
  rows: LinkRow[],
  rankOf: RankOf,
  depth = 0,
  stem?: LinkRow["stem"],
): void {
  const top = writer.y;
  const x = MARGIN + depth * INDENT;
  const pending = link.pending !== undefined;
  writer.skip(PADDING - 2);
  const middle = writer.write(printable(link.name), "name", x + INDENT, pending, factsOf(link).join(" · "));
  for (const address of link.addresses) writer.write(address, "detail", x + INDENT, pending);
  for (const remark of remarksOn(link)) writer.writeParagraph(remark, "note", x + INDENT, pending);
  writer.skip(PADDING - 2);
  const state = pending ? "pending" : link.state;
  rows.push(defined({ link: link.name, state, x: x + 4, middle, top, bottom: writer.y, stem }));
  for (const port of sortedByRank(ports, rankOf)) {
    writeLink(writer, port, rows, rankOf, depth + 1, { x: x + 4, from: middle });
  }
}

/** Sorts the links that have a rank, within the positions that they have together. */
function sortedByRank(trees: readonly LinkTree[], rankOf: RankOf): LinkTree[] {
  const rank = ({ link, ports }: LinkTree): number | undefined => rankOf(link.name) ?? ports.map(rank)[0];
  const ranked = trees.flatMap((tree) => {
    const value = rank(tree);
    return value === undefined ? [] : [{ tree, value }];
  });
  const sorted = ranked.toSorted((a, b) => a.value - b.value).map(({ tree }) => tree);
  const isRanked = new Set(sorted);
  return trees.map((tree) => isRanked.has(tree) ? sorted.shift() ?? tree : tree);
}
