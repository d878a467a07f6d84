/** What this process was given: what `scripts/start.sh` noted before the runtime changed it, and its arguments as bytes. */
import process from "node:process";
import {
  close,
  environmentVariable,
  type Inherited,
  nameOfBytes,
  O_RDONLY,
  open,
  read,
  setEnvironmentVariable,
  type Word,
} from "../../ffi/mod.ts";

/** Where the lines of `sh` at the start of the installed command note it. */
const VARIABLE = "NETNS_STARTED";

/**
 * What this process was given, and removes the note: a program that is started does not see it. Undefined unless the
 * installed command was started as a program, not by `node FILE`.
 */
export function inherited(): Inherited | undefined {
  const note = environmentVariable(VARIABLE);
  if (note === undefined) return undefined;
  setEnvironmentVariable(VARIABLE, undefined);
  delete process.env[VARIABLE];
  return readNote(note, process.pid);
}

/** {@linkcode inherited}, and leaves the note: what this process becomes is `netns` again. */
export function inheritedAgain(): Inherited | undefined {
  const note = environmentVariable(VARIABLE);
  const given = inherited();
  if (given !== undefined && note !== undefined) setEnvironmentVariable(VARIABLE, note);
  return given;
}

const SIGINT = 1n << 1n;
const SIGQUIT = 1n << 2n;

/** Reads a note; undefined if it is not whole, or that of another process. */
export function readNote(note: string, pid: number): Inherited | undefined {
  const [whole, of, ignored, blocked, limit, descriptors = ""] =
    note.match(/^(\d+);([0-9a-f]{16});([0-9a-f]{16});(\d+);((?:\d+,)*)$/) ?? [];
  if (whole === undefined || Number(of) !== pid) return undefined;
  const signals = BigInt(`0x${ignored}`);
  return {
    fileLimit: BigInt(limit ?? 0),
    // Some shells ignore SIGQUIT themselves. Who starts a program in the background ignores both.
    ignored: (signals & SIGINT) === 0n ? signals & ~SIGQUIT : signals,
    blocked: BigInt(`0x${blocked}`),
    descriptors: new Set(descriptors.split(",").slice(0, -1).map(Number)),
  };
}

/** What stands for bytes that are not UTF-8 in the arguments that a runtime gives. */
const REPLACEMENT = "\ufffd";

/**
 * The arguments of this process, in which a byte that is not UTF-8 is `\x` and two digits, as names are shown: so that it
 * is that name, and no other one.
 *
 * @param words The last arguments, as the runtime gives them.
 */
export function namesAsGiven(words: readonly string[]): readonly string[] {
  return withGiven(words, (word, bytes) => word.includes(REPLACEMENT) ? nameOfBytes(bytes) : word);
}

/**
 * The last arguments of this process as bytes, where text might not be what the caller gave.
 *
 * @param words The arguments, as the runtime or {@linkcode namesAsGiven} gives them.
 */
export function wordsAsGiven(words: readonly string[]): readonly Word[] {
  if (!words.some((word) => word.includes("\\x"))) return words;
  return withGiven(words, (word, bytes) => [nameOfBytes(bytes), textOf(bytes)].includes(word) ? bytes : word);
}

function withGiven<T>(words: readonly string[], choose: (word: string, bytes: Uint8Array<ArrayBuffer>) => T): T[] {
  const given = commandLine().slice(-words.length);
  return words.map((word, index) => choose(word, given[index] ?? new TextEncoder().encode(word)));
}

const textOf = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

/** The arguments of this process with the program. See proc_pid_cmdline(5). */
function commandLine(): Uint8Array<ArrayBuffer>[] {
  const fd = open("/proc/self/cmdline", O_RDONLY);
  try {
    const bytes: number[] = [];
    const chunk = new Uint8Array(64 * 1024);
    for (let length = read(fd, chunk); length > 0; length = read(fd, chunk)) {
      for (const byte of chunk.subarray(0, length)) bytes.push(byte);
    }
    const words: Uint8Array<ArrayBuffer>[] = [];
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf(0, start);
      words.push(Uint8Array.from(bytes.slice(start, end)));
      start = end + 1;
    }
    return words;
  } finally {
    close(fd);
  }
}
