/** What a command has of the world outside, so that a test can hand in its own. */
import { Buffer } from "node:buffer";
import process from "node:process";

/** Where a command prints, complains, shows progress and reads. */
export interface Io {
  /** Writes one line to standard output. */
  print(line: string): void;
  /** Writes one line to standard error. */
  complain(line: string): void;
  /** Shows a line that the next one takes the place of, on a terminal alone; `""` takes it away. */
  progress(line: string): void;
  /** Reads standard input to its end. */
  readInput(): Promise<Uint8Array>;
  /**
   * Aborted when the user (SIGINT, SIGHUP) or the system (SIGTERM) wants an end; the reason is the signal's name.
   * Whoever asks for it has to end on it: from then on these signals do nothing else.
   */
  readonly interrupted: AbortSignal;
}

/** The standard streams and signals of this process. */
export function standardIo(): Io {
  let shown = false;
  let interrupted: AbortSignal | undefined;
  const clear = (): void => {
    if (shown) process.stderr.write("\r\x1b[K");
    shown = false;
  };
  return {
    print: (line) => {
      clear();
      endWithReader(process.stdout).write(`${line}\n`);
    },
    complain: (line) => {
      clear();
      endWithReader(process.stderr).write(`${withoutControls(line)}\n`);
    },
    progress: (line) => {
      if (!process.stderr.isTTY) return;
      clear();
      if (line === "") return;
      process.stderr.write(withoutControls(line).slice(0, (process.stderr.columns ?? 80) - 1));
      shown = true;
    },
    readInput: async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of process.stdin) chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
      return Buffer.concat(chunks);
    },
    get interrupted(): AbortSignal {
      return interrupted ??= signals();
    },
  };
}

/** Streams whose reader may go away, as in `netns ls | head -1`: that is an end, not a failure. */
const watched = new WeakSet<NodeJS.WriteStream>();

function endWithReader(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  if (watched.has(stream)) return stream;
  watched.add(stream);
  return stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

function signals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => controller.abort(signal));
  return controller.signal;
}

/** A line that cannot speak to the terminal, whatever foreign text stands in it. */
export function withoutControls(line: string): string {
  return line.replace(
    // deno-lint-ignore no-control-regex -- these are what is looked for
    /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u{${character.charCodeAt(0).toString(16)}}`,
  );
}
