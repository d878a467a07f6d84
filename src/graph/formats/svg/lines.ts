/** The lines of text in a box. */
import { defined } from "../../../collections.ts";
import { shortened, widthOf, wrapped } from "./text.ts";

/** The sizes of the fonts, in pixels. */
export const SIZES = { title: 14, name: 13, detail: 12, note: 11 } as const;

/** What a line is; the style sheet has a class for each. */
export type LineStyle = keyof typeof SIZES;

/** A line of text. Positions are relative to the upper left corner of the box. */
export interface Line {
  /** The text of the picture. */
  readonly text: string;
  /** The whole text, if `text` is shortened. */
  readonly whole?: string;
  /** What the line is. */
  readonly style: LineStyle;
  /** Its left edge. */
  readonly x: number;
  /** The baseline of its letters. */
  readonly baseline: number;
  /** A text at the right edge of the box, in the style of a note. */
  readonly right?: string;
  /** True for what does not exist yet. */
  readonly pending: boolean;
}

/** The most columns of a line. */
const MAX_COLUMNS = 48;
/** The height of a line relative to the size of its font. */
const LEADING = 1.45;
/** The least distance between a text and one at the right edge. */
const GAP = 18;
/** How much further to the right a paragraph continues. */
const CONTINUATION = 8;

/** Writes lines one below the other. */
export class LineWriter {
  /** The lines so far. */
  readonly lines: Line[] = [];
  /** The lower edge of the last line. */
  y = 0;
  /** The right edge of the longest line. */
  right = 0;

  /** Leaves `height` pixels free. */
  skip(height: number): void {
    this.y += height;
  }

  /** Writes one line, and returns the position of its middle. */
  write(whole: string, style: LineStyle, x: number, pending: boolean, right?: string): number {
    const size = SIZES[style];
    const height = Math.round(size * LEADING);
    const text = shortened(whole, MAX_COLUMNS);
    const middle = this.y + height / 2;
    this.lines.push(defined({
      text,
      whole: text === whole ? undefined : whole,
      style,
      x,
      baseline: Math.round(middle + size * 0.36), // digits and capitals are about 0.72 of the size high
      right,
      pending,
    }));
    const rightWidth = right === undefined ? 0 : GAP + widthOf(right, SIZES.note);
    this.right = Math.max(this.right, x + widthOf(text, size) + rightWidth);
    this.y += height;
    return middle;
  }

  /** Writes a text in as many lines as it needs. */
  writeParagraph(text: string, style: LineStyle, x: number, pending: boolean): void {
    const [first = "", ...others] = wrapped(text, MAX_COLUMNS);
    this.write(first, style, x, pending);
    for (const line of others) this.write(line, style, x + CONTINUATION, pending);
  }
}
