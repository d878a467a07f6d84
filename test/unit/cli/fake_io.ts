/** An `Io` for tests, which records the output. */
import type { Io } from "../../../src/cli/io.ts";

/** An {@linkcode Io} with the output of a command. */
export interface FakeIo extends Io {
  /** The lines of standard output. */
  readonly printed: string[];
  /** The lines of standard error. */
  readonly complaints: string[];
  /** Interrupts the command. */
  readonly interruption: AbortController;
}

/** An `Io` whose standard input is `input`, and whose standard output is a terminal if it has `columns`. */
export function fakeIo(input: string | Uint8Array = "", columns?: number): FakeIo {
  const printed: string[] = [];
  const complaints: string[] = [];
  const interruption = new AbortController();
  return {
    printed,
    complaints,
    interruption,
    print: (line) => void printed.push(line),
    complain: (line) => void complaints.push(line),
    progress: () => {},
    paint: (_colour, text) => text,
    columns,
    readInput: () => Promise.resolve(typeof input === "string" ? new TextEncoder().encode(input) : input),
    interrupted: interruption.signal,
    flushed: () => Promise.resolve(undefined),
  };
}
