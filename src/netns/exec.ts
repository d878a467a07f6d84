/** Programs that run in a namespace to their end, and what they write. */
import type { ChildProcess, SpawnOptions as NodeSpawnOptions } from "node:child_process";
import { printable } from "../../ffi/mod.ts";
import { checkInput, checkOptions } from "./checks.ts";
import type { ProgramOptions } from "./spawn.ts";

/** How a program runs: as it is started, and what it reads. */
export interface ExecOptions extends Pick<NodeSpawnOptions, "cwd" | "env" | "uid" | "gid">, ProgramOptions {
  /** What it reads from standard input. @default {nothing} */
  readonly input?: string | Uint8Array | undefined;
  /** Ends the program by `SIGKILL`, and rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How much a program may write to each of its streams, in bytes: of more, the runtimes can make no text. */
const MOST_OUTPUT = 256 * 1024 * 1024;

/** How a program ended, and what it wrote. */
export interface ExecResult {
  /** Its exit status; null if a signal ended it. */
  readonly status: number | null;
  /** The signal that ended it; null if it ended by itself. */
  readonly signal: NodeJS.Signals | null;
  /** What it wrote to standard output, as text in UTF-8: at most 256 MiB. */
  readonly stdout: string;
  /** What it wrote to standard error. */
  readonly stderr: string;
}

/**
 * Waits for the end of a program.
 *
 * @param start Starts it, with a pipe for each of the three streams.
 * @throws As the `error` event of the process; the reason of the signal.
 * @throws {RangeError} `ERR_CHILD_PROCESS_STDIO_MAXBUFFER`: it wrote too much for a text, and was killed.
 */
export async function exec(start: () => ChildProcess, { input, signal }: ExecOptions): Promise<ExecResult> {
  checkOptions({ signal });
  checkInput(input); // a program that has started would go on
  signal?.throwIfAborted();
  const child = start();
  const abort = (): void => {
    child.kill("SIGKILL");
    // What it started may live on, and hold the pipes open.
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  };
  signal?.addEventListener("abort", abort);
  try {
    return await new Promise((resolve, reject) => {
      const collected = (name: "stdout" | "stderr"): Collected =>
        new Collected(child[name], () => {
          abort();
          reject(tooMuch(child, name));
        });
      const [stdout, stderr] = [collected("stdout"), collected("stderr")];
      child.once("error", reject).once("exit", () => signal?.aborted && reject(signal.reason));
      child.once("close", (status, killedBy) => {
        if (signal?.aborted) reject(signal.reason);
        else resolve({ status, signal: killedBy, stdout: stdout.text, stderr: stderr.text });
      });
      child.stdin?.on("error", () => undefined); // a program need not read what it is given
      child.stdin?.end(input);
    });
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function tooMuch({ spawnfile }: ChildProcess, stream: string): RangeError {
  const error = new RangeError(
    `${printable(spawnfile)} wrote more than ${MOST_OUTPUT} bytes to ${stream}, and was killed; ` +
      "read what it writes from spawn(), as it comes",
  );
  return Object.assign(error, { code: "ERR_CHILD_PROCESS_STDIO_MAXBUFFER" });
}

/** The text of a stream so far. */
class Collected {
  readonly #decoder = new TextDecoder();
  #text = "";
  #left = MOST_OUTPUT;

  /** Begins to read; calls `full` instead of reading more than a text can have. */
  constructor(stream: ChildProcess["stdout"], full: () => void) {
    stream?.on("data", (data: Uint8Array) => {
      this.#left -= data.length;
      if (this.#left < 0) full();
      else this.#text += this.#decoder.decode(data, { stream: true });
    });
  }

  get text(): string {
    return this.#text + this.#decoder.decode();
  }
}
