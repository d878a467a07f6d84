/** The terminal, the streams and the signals of a command. A test passes its own {@linkcode Io}. */
import process from "node:process";
import { fstatSync } from "node:fs";
import { isatty } from "node:tty";
import { type Colour, coloured, wantsColours } from "./terminal/colour.ts";
import { withoutControls } from "./terminal/escape.ts";
import { ProgressLine } from "./terminal/progress.ts";
import { writeStandardError } from "./terminal/standard_error.ts";
import { readStandardInput } from "./terminal/standard_input.ts";
import { StandardOutput } from "./terminal/standard_output.ts";

/** Where a command prints, complains, shows progress and reads. */
export interface Io {
  /** Writes one line to standard output. */
  print(line: string): void;
  /** Writes one line to standard error. */
  complain(line: string): void;
  /** Shows a line on standard error that the next output replaces, if that is a terminal; `""` erases it. */
  progress(line: string): void;
  /** Colours a text for standard output, if that takes colours. */
  paint(colour: Colour, text: string): string;
  /** The width of standard output in columns; undefined if it is no terminal or the width is unknown. */
  readonly columns: number | undefined;
  /** Reads standard input to its end. That of {@linkcode standardIo} halts this thread for so long. */
  readInput(): Promise<Uint8Array>;
  /**
   * Aborted by SIGINT, SIGHUP or SIGTERM, or when the reader of standard output goes away (SIGPIPE); the reason is the
   * name of the signal. Reading this property installs the handlers; a caller that reads it must end on an abort.
   */
  readonly interrupted: AbortSignal;
  /** Called in place of an abort by SIGHUP, while it is set: a service reads its file again. */
  onHangUp?: (() => void) | undefined;
  /**
   * Waits until everything printed is written.
   *
   * @returns The error if writing failed. A reader that went away, as in `netns ls | head -1`, is not a failure.
   */
  flushed(): Promise<Error | undefined>;
}

/** The width of a terminal that does not report its width. */
const DEFAULT_COLUMNS = 80;
const STDOUT = 1;
const STDERR = 2;

/** Linux's major number of `/dev/null` and its like. */
const MEMORY = 1;

/** True if a descriptor is a terminal. What is none mostly shows by its kind; the module that knows loads those of sockets. */
function isTerminal(fd: number): boolean {
  try {
    const status = fstatSync(fd);
    return status.isCharacterDevice() && status.rdev >> 8 !== MEMORY && isatty(fd);
  } catch {
    return false; // closed
  }
}

/** The streams and signals of this process. */
export function standardIo(): Io {
  const interruption = new AbortController();
  let isListening = false;
  const progress = new ProgressLine(writeStandardError);
  const output = new StandardOutput(() => interruption.abort("SIGPIPE"));
  const io: Io = {
    print: (line) => {
      progress.clear();
      output.write(`${line}\n`);
    },
    complain: (line) => {
      progress.clear();
      writeStandardError(`${withColouredPrefix(withoutControls(line))}\n`);
    },
    progress: (line) => {
      if (!isTerminal(STDERR)) return;
      if (line === "") progress.clear();
      else progress.show(withoutControls(line), process.stderr.columns || DEFAULT_COLUMNS);
    },
    paint: (colour, text) => wantsColours(isTerminal(STDOUT), process.env) ? coloured(colour, text) : text,
    get columns(): number | undefined {
      return isTerminal(STDOUT) ? process.stdout.columns || undefined : undefined;
    },
    readInput: readStandardInput,
    get interrupted(): AbortSignal {
      for (const signal of isListening ? [] : ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
        process.on(signal, () => {
          if (signal === "SIGHUP" && io.onHangUp !== undefined) io.onHangUp();
          else interruption.abort(signal);
        });
      }
      isListening = true;
      return interruption.signal;
    },
    flushed: () => output.flushed(),
  };
  return io;
}

/** `line` with its `error:` or `warning:` coloured, if standard error takes colours. */
function withColouredPrefix(line: string): string {
  const [prefix = "", kind] = line.match(/^(error|warning):/) ?? [];
  if (kind === undefined || !wantsColours(isTerminal(STDERR), process.env)) return line;
  return coloured(kind === "error" ? "red" : "yellow", prefix) + line.slice(prefix.length);
}
