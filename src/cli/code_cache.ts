/**
 * The code that V8 has compiled, kept from run to run. V8 reads all of a program before it runs any of it, and each function
 * once more when it is first called: a sixth of a `netns apply` that finds nothing to do. Node's own cache keeps what is
 * compiled when a file is loaded, this one also what is compiled while it runs; and it is there in Node 20.
 *
 * V8 does not check compiled code: whoever can write it decides what runs. So it is read only from a directory that root
 * alone can change, and for root alone. Another user runs the same only with capabilities, which their other programs
 * lack: what those can write must not run with them. What fails here is never a failure of the command.
 */
import { Buffer } from "node:buffer";
import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { constants, Script } from "node:vm";

/** Where the code is. */
const DIRECTORY = "/var/cache/netns";

/** How many files are kept: one for each version of Node and each copy of the program. Each has 1.2 MB. */
const MOST_FILES = 4;

const ROOT = 0;
const OTHERS_WRITE = 0o022;
const WORD_SIZE = 4;
const CHECKSUM_SIZE = WORD_SIZE;
/** Of so many words one is summed up: eight of a block. */
const SUMMED = 128;

/** Node's own cache in use, or forbidden; coverage, which misses functions that are not compiled anew. */
const FORBIDDING = ["NODE_COMPILE_CACHE", "NODE_DISABLE_COMPILE_CACHE", "NODE_V8_COVERAGE"];

/** True if compiled code may be taken and kept. */
export function usesCodeCache(env: Readonly<Record<string, string | undefined>>, user: number | undefined): boolean {
  return user === ROOT && !FORBIDDING.some((name) => env[name]);
}

/** A program that was loaded. */
export interface LoadedProgram<T> {
  /** What it exports. */
  readonly exports: T;
  /** Keeps the code that is compiled by now, unless the program was loaded with kept code. */
  keep(): void;
}

/**
 * Loads a program as Node does, with the compiled code of a run before.
 *
 * @param file One that is a function of what CommonJS gives a module, in ASCII.
 * @param require What the program has for `require`: that of a module in its folder.
 */
export function loadProgram<T>(file: string, require: (name: string) => unknown): LoadedProgram<T> {
  const source = readFileSync(file).toString("latin1"); // half as long as to ask for a text: Node reads that in pieces
  const path = join(DIRECTORY, codeName(file));
  const cachedData = unlessItFails(() => isRoots(DIRECTORY) ? whole(readFileSync(path)) : undefined);
  const script = new Script(source, {
    filename: file,
    cachedData,
    importModuleDynamically: constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER, // Node 20.12 and later
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, file, dirname(file));
  const isTaken = script.cachedDataRejected === false;
  return {
    exports: module.exports as T,
    keep: () => isTaken || unlessItFails(() => keep(path, script)),
  };
}

/** The name of the compiled code of a file as it is now: of the source, V8 compares the length alone. */
function codeName(file: string): string {
  const { dev, ino, size, ctimeMs } = statSync(file);
  return [basename(file), process.version, process.arch, dev, ino, size, ctimeMs].join("-");
}

/** The code in a file; nothing if a disk has lost some of it, which would end the process. */
function whole(file: Buffer): Buffer | undefined {
  const code = file.subarray(0, -CHECKSUM_SIZE);
  return checksum(code).equals(file.subarray(code.length)) ? code : undefined;
}

/**
 * The sum of some words of each block, which is what a disk loses. Nothing is compiled yet, so that the sum of all words
 * takes longer than to read them, and so does a module for checksums.
 */
function checksum(code: Buffer): Buffer {
  const words = new Int32Array(code.buffer, code.byteOffset, code.length / WORD_SIZE | 0);
  const sum = Int32Array.of(code.length);
  for (let at = 0; at < words.length; at += SUMMED) sum[0] = Math.imul(sum[0] ?? 0, 31) + (words[at] ?? 0);
  return Buffer.from(sum.buffer);
}

/** Writes the code. It appears whole: a run beside this one, or after a crash, reads all of it or nothing. */
function keep(path: string, script: Script): void {
  if (isRoots(dirname(DIRECTORY)) && !isThere(DIRECTORY)) mkdirSync(DIRECTORY, 0o700);
  if (!isRoots(DIRECTORY)) return;
  const code = script.createCachedData();
  const content = Buffer.concat([code, checksum(code)]);
  removeOldest();
  const unfinished = `${path}.${process.pid}`;
  const fd = openSync(unfinished, "wx", 0o600);
  try {
    writeFileSync(fd, content);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(unfinished, path);
}

/** Makes room for one more file. What a process left that was killed while it wrote gets old, too. */
function removeOldest(): void {
  const files = readdirSync(DIRECTORY).map((name) => join(DIRECTORY, name))
    .map((path) => ({ path, time: lstatSync(path).mtimeMs }))
    .sort((a, b) => b.time - a.time);
  for (const { path } of files.slice(MOST_FILES - 1)) unlinkSync(path);
}

/** True if root alone can change what is at `path`: each part of it is a directory of root's, and no link. */
function isRoots(path: string): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (!status?.isDirectory() || status.uid !== ROOT || (status.mode & OTHERS_WRITE) !== 0) return false;
  return path === "/" || isRoots(dirname(path));
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** What `act` gives; undefined if it fails: there is no such file, or the disk is full or read-only. */
function unlessItFails<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
