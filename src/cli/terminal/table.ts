/** Tables. */
import type { Io } from "../io.ts";
import type { Colour } from "./colour.ts";
import { cutTo, widthOf } from "./width.ts";

/** A cell: its text, or its text and a colour. */
export type Cell = string | { readonly text: string; readonly colour: Colour };

/** The text between two columns. */
const GAP = "  ";

/**
 * Prints rows as a table in which each column is as wide as its widest cell. On a terminal that is too narrow, elastic
 * columns are cut.
 *
 * @param rows The first row is the head.
 * @param elastic The columns that may be cut, the least important first; each is cut down to its head before the next.
 */
export function printTable(rows: readonly (readonly Cell[])[], elastic: readonly number[], io: Io): void {
  const texts = rows.map((row) => row.map((cell) => typeof cell === "string" ? cell : cell.text));
  const widths = columnWidths(texts, elastic, io.columns ?? Infinity);
  for (const [index, row] of rows.entries()) {
    const cells = row.map((cell, column) => {
      const [full = "", width = 0] = [texts[index]?.[column], widths[column]];
      const text = cutTo(full, width);
      const painted = typeof cell === "string" ? text : io.paint(cell.colour, text);
      return painted + " ".repeat(width - widthOf(text));
    });
    io.print(cells.join(GAP).trimEnd());
  }
}

function columnWidths(rows: readonly string[][], elastic: readonly number[], available: number): number[] {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ""))));
  let excess = widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1)) - available;
  for (const column of elastic) {
    const [width = 0, least = 0] = [widths[column], head[column]?.length];
    const cut = Math.min(Math.max(0, excess), width - least);
    widths[column] = width - cut;
    excess -= cut;
  }
  return widths;
}
