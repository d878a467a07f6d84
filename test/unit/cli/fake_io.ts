/** An `Io` that remembers what was said, for tests of the command. */
import type { Io } from "../../../src/cli/io.ts";

/** What a command said to its {@linkcode Io}. */
export interface FakeIo extends Io {
  /** The lines of standard output. */
  readonly printed: string[];
  /** The lines of standard error. */
  readonly complaints: string[];
  /** The signal that the command waits on. */
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
