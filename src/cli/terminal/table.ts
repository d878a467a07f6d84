/** Text in columns. */
import type { Colour } from "./colour.ts";
import type { Io } from "../io.ts";
import { cutTo, widthOf } from "./width.ts";

/** A cell: its text, or its text and a colour. */
export type Cell = string | { readonly text: string; readonly colour: Colour };

/** What stands between two columns. */
const GAP = "  ";

/**
 * Prints rows as a table: every column as wide as its widest cell. On a terminal that is too narrow, what is too long is
 * cut; elsewhere nothing is.
 *
 * @param rows The first is the head.
 * @param elastic Which columns may be cut, from the one that tells least: each is cut down to its head before the next.
 */
export function printTable(rows: readonly (readonly Cell[])[], elastic: readonly number[], io: Io): void {
  const texts = rows.map((row) => row.map((cell) => typeof cell === "string" ? cell : cell.text));
  const widths = widthsOf(texts, elastic, io.columns);
  for (const [index, row] of rows.entries()) {
    const cells = row.map((cell, column) => {
      const [full = "", width = 0] = [texts[index]?.[column], widths[column]];
      const text = cutTo(full, width);
      const shown = typeof cell === "string" ? text : io.paint(cell.colour, text);
      return shown + " ".repeat(width - widthOf(text));
    });
    io.print(cells.join(GAP).trimEnd());
  }
}

function widthsOf(rows: readonly string[][], elastic: readonly number[], room: number | undefined): number[] {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ""))));
  let excess = widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1)) - (room ?? Infinity);
  for (const column of elastic) {
    const [width = 0, least = 0] = [widths[column], head[column]?.length];
    const less = Math.min(Math.max(0, excess), width - least);
    widths[column] = width - less;
    excess -= less;
  }
  return widths;
}
