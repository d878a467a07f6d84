/** A line of progress, which the next output replaces. */
import { cutTo } from "./width.ts";

/** The least time between two lines, in milliseconds: a terminal takes longer to show a line than a step takes. */
const INTERVAL = 40;
/** Moves to the start of the line. */
const RETURN = "\r";
/** ECMA-48 EL: erases from the cursor to the end of the line. */
const ERASE = "\x1b[K";

/** One line on a terminal that is rewritten in place. */
export class ProgressLine {
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  /** When the line that is visible now was written; undefined if there is none. */
  #written: number | undefined;

  /**
   * @param write Writes to the terminal.
   * @param now The time in milliseconds.
   */
  constructor(write: (text: string) => void, now: () => number = () => performance.now()) {
    this.#write = write;
    this.#now = now;
  }

  /** Shows the beginning of `line` that fits into `columns`; skips it if the line before it is too recent. */
  show(line: string, columns: number): void {
    const now = this.#now();
    if (this.#written !== undefined && now - this.#written < INTERVAL) return;
    // A line as wide as the terminal would wrap on some.
    this.#write(`${RETURN}${cutTo(line, columns - 1)}${ERASE}`);
    this.#written = now;
  }

  /** Erases the line, if one is visible. */
  clear(): void {
    if (this.#written === undefined) return;
    this.#write(`${RETURN}${ERASE}`);
    this.#written = undefined;
  }
}
