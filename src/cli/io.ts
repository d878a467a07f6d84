/** What a command has of the world outside, so that a test can hand in its own. */
import { Buffer } from "node:buffer";
import { writeSync } from "node:fs";
import process from "node:process";
import { isatty } from "node:tty";
import { type Colour, coloured, wantsColours } from "./terminal/colour.ts";
import { cutTo } from "./terminal/width.ts";

/** Where a command prints, complains, shows progress and reads. */
export interface Io {
  /** Writes one line to standard output. */
  print(line: string): void;
  /** Writes one line to standard error. */
  complain(line: string): void;
  /** Shows a line that the next one takes the place of, on a terminal alone; `""` takes it away. */
  progress(line: string): void;
  /** Gives a colour to what will be printed, where standard output takes colours. */
  paint(colour: Colour, text: string): string;
  /** How many columns standard output has, where it is a terminal that says so. */
  readonly columns: number | undefined;
  /** Reads standard input to its end. */
  readInput(): Promise<Uint8Array>;
  /**
   * Aborted when the user (SIGINT, SIGHUP) or the system (SIGTERM) wants an end, or nobody can read what is printed
   * (SIGPIPE); the reason is the signal's name. Whoever asks for it has to end on it: from then on these signals do
   * nothing else.
   */
  readonly interrupted: AbortSignal;
  /**
   * Waits until everything that was printed is written.
   *
   * @returns Why it could not be, if it could not. A reader that went away, as in `netns ls | head -1`, is no failure.
   */
  flushed(): Promise<Error | undefined>;
}

/** How often a line of progress is shown, in milliseconds: a terminal takes longer to show it than a step takes. */
const PROGRESS_INTERVAL = 40;
/** The width of a terminal that does not say how wide it is. */
const USUAL_COLUMNS = 80;
const STDOUT = 1;
const STDERR = 2;

/** The standard streams and signals of this process. */
export function standardIo(): Io {
  const end = new AbortController();
  let listening = false;
  let shown = -Infinity;
  const clear = (): void => {
    if (shown > -Infinity) complainRaw("\r\x1b[K");
    shown = -Infinity;
  };
  const output = new Output(() => end.abort("SIGPIPE"));
  return {
    print: (line) => {
      clear();
      output.write(`${line}\n`);
    },
    complain: (line) => {
      clear();
      complainRaw(`${paintedWord(withoutControls(line))}\n`);
    },
    progress: (line) => {
      if (!isatty(STDERR)) return;
      if (line === "") return clear();
      const now = performance.now();
      if (now - shown < PROGRESS_INTERVAL) return;
      const columns = process.stderr.columns || USUAL_COLUMNS;
      complainRaw(`\r${cutTo(withoutControls(line), columns - 1)}\x1b[K`);
      shown = now;
    },
    paint: (colour, text) => wantsColours(isatty(STDOUT), process.env) ? coloured(colour, text) : text,
    get columns(): number | undefined {
      return isatty(STDOUT) ? process.stdout.columns || undefined : undefined;
    },
    readInput: async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of process.stdin) chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
      return Buffer.concat(chunks);
    },
    get interrupted(): AbortSignal {
      for (const signal of listening ? [] : ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
        process.on(signal, () => end.abort(signal));
      }
      listening = true;
      return end.signal;
    },
    flushed: () => output.flushed(),
  };
}

/** Standard output, which may be full, or without a reader. */
class Output {
  readonly #onLost: () => void;
  #used = false;
  #lost = false;
  #failure: Error | undefined;

  /** @param onLost Is told when nothing that is written arrives any more. */
  constructor(onLost: () => void) {
    this.#onLost = onLost;
  }

  write(text: string): void {
    if (this.#lost) return;
    try {
      if (!this.#used) process.stdout.on("error", (error) => this.#fail(error));
      this.#used = true;
      process.stdout.write(text, (error) => error && this.#fail(error));
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async flushed(): Promise<Error | undefined> {
    if (this.#used && !this.#lost) {
      const error = await new Promise<Error | null | undefined>((resolve) => process.stdout.write("", resolve));
      if (error) this.#fail(error);
    }
    return this.#failure;
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#lost) return;
    this.#lost = true;
    if (error.code !== "EPIPE") this.#failure = error;
    this.#onLost();
  }
}

/**
 * Writes to standard error at once: its stream, once it is made, leaves a pipe non-blocking for the command of `exec`.
 * What cannot be written is lost: there is nobody to tell, and the exit status says it too.
 */
function complainRaw(text: string): void {
  let rest = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(STDERR, rest));
  } catch (error) {
    // Somebody else left it non-blocking, and it is full: the stream waits.
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") process.stderr.write(rest);
  }
}

/** A complaint whose first word, which says what kind it is, has a colour where standard error takes one. */
function paintedWord(line: string): string {
  const [word = "", kind] = line.match(/^(error|warning):/) ?? [];
  if (kind === undefined || !wantsColours(isatty(STDERR), process.env)) return line;
  return coloured(kind === "error" ? "red" : "yellow", word) + line.slice(word.length);
}

/** A line that cannot speak to the terminal, whatever foreign text stands in it. */
export function withoutControls(line: string): string {
  return line.replace(
    // deno-lint-ignore no-control-regex -- these are what is looked for
    /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u{${character.charCodeAt(0).toString(16)}}`,
  );
}

/** {@linkcode withoutControls}, for foreign text that must not end the line and begin another. */
export function oneLine(text: string): string {
  return withoutControls(text).replaceAll("\n", "\\u{a}");
}
