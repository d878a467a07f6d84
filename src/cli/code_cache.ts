/**
 * The code that V8 has compiled, kept from run to run. V8 reads all of a program before it runs any of it, and each function
 * once more when it is first called: a sixth of a `netns apply` that finds nothing to do. Node's own cache keeps what is
 * compiled when a file is loaded, this one also what is compiled while it runs; and it is there in Node 20.
 *
 * V8 does not check compiled code: whoever can write it decides what this user runs. So it is read only from a directory
 * that nobody but this user and root can change, and without one nothing is kept. What fails here is never a failure of
 * the command. See `script.createCachedData` of `node:vm`.
 */
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
import { basename, dirname, isAbsolute, join } from "node:path";
import process from "node:process";
import { constants, Script } from "node:vm";

/** How many files are kept: one for each version of Node and each copy of the program. Each has 1.5 MB. */
const MOST_FILES = 4;

const OTHERS_WRITE = 0o022;

/** Where a user's compiled code is. */
export interface CodeDirectory {
  readonly path: string;
  /** The effective user. */
  readonly user: number;
}

/** A program that was loaded. */
export interface LoadedProgram<T> {
  /** What it exports. */
  readonly exports: T;
  /** Keeps the code that is compiled by now, if it was not kept before. */
  keep(): void;
}

/** Node's own cache in use, or forbidden; coverage, which misses functions that are not compiled anew. */
const DISABLING = ["NODE_COMPILE_CACHE", "NODE_DISABLE_COMPILE_CACHE", "NODE_V8_COVERAGE"];

/**
 * Where the compiled code of `user` is kept; undefined if none is.
 *
 * Root's is at a fixed place: with sudo, `HOME` may be that of another user.
 */
export function codeDirectory(
  env: Readonly<Record<string, string | undefined>>,
  user: number | undefined,
): CodeDirectory | undefined {
  if (user === undefined || DISABLING.some((name) => env[name])) return undefined;
  if (user === 0) return { path: "/var/cache/netns", user };
  const { XDG_CACHE_HOME: cache = "", HOME: home = "" } = env;
  if (isAbsolute(cache)) return { path: join(cache, "netns"), user };
  return isAbsolute(home) ? { path: join(home, ".cache/netns"), user } : undefined;
}

/**
 * Loads a file of CommonJS as Node does, with the compiled code of a run before.
 *
 * @param require What the file has for `require`: that of a module in its folder.
 */
export function loadProgram<T>(
  file: string,
  require: (name: string) => unknown,
  directory: CodeDirectory,
): LoadedProgram<T> {
  const source = readFileSync(file, "utf8");
  const path = join(directory.path, codeName(file));
  const cachedData = unlessItFails(() => isOwn(directory) ? readFileSync(path) : undefined);
  const script = new Script(`(function (exports, require, module, __filename, __dirname) { ${source}\n})`, {
    filename: file,
    cachedData,
    importModuleDynamically: constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER, // Node 20.12 and later
  });
  const module = { exports: {} };
  script.runInThisContext().call(module.exports, module.exports, require, module, file, dirname(file));
  const isKept = script.cachedDataRejected === false;
  return {
    exports: module.exports as T,
    keep: () => isKept || unlessItFails(() => keep(path, () => script.createCachedData(), directory)),
  };
}

/** The name of the compiled code of a file as it is now: of the source, V8 compares the length alone. */
function codeName(file: string): string {
  const { dev, ino, size, ctimeMs } = statSync(file);
  return [basename(file), process.version, process.arch, dev, ino, size, ctimeMs].join("-");
}

/** Writes compiled code. It appears whole: a run beside this one, or after a crash, reads all of it or nothing. */
function keep(path: string, code: () => Uint8Array, directory: CodeDirectory): void {
  makeDirectory(directory);
  if (!isOwn(directory)) return;
  removeOldest(directory.path);
  const unfinished = `${path}.${process.pid}`;
  const fd = openSync(unfinished, "wx", 0o600);
  try {
    writeFileSync(fd, code());
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(unfinished, path);
}

/** Makes the directory, and for that the one of all caches, where they are missing below one of the user's own. */
function makeDirectory({ path, user }: CodeDirectory): void {
  for (const missing of [dirname(path), path]) {
    if (lstatSync(missing, { throwIfNoEntry: false }) !== undefined) continue;
    if (isOwn({ path: dirname(missing), user })) mkdirSync(missing, 0o700);
  }
}

/** Makes room for one more file. What a process left that was killed while it wrote gets old, too. */
function removeOldest(directory: string): void {
  const files = readdirSync(directory).map((name) => join(directory, name))
    .map((path) => ({ path, time: lstatSync(path).mtimeMs }))
    .sort((a, b) => b.time - a.time);
  for (const { path } of files.slice(MOST_FILES - 1)) unlinkSync(path);
}

/** True for a directory of the user that only they and root can change. */
function isOwn({ path, user }: CodeDirectory): boolean {
  return isSafe(path, user) && lstatSync(path).uid === user;
}

/** True if only `user` and root can change what is at `path`: each part of it is a directory of theirs, and no link. */
function isSafe(path: string, user: number): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (!status?.isDirectory() || ![0, user].includes(status.uid) || (status.mode & OTHERS_WRITE) !== 0) return false;
  return path === "/" || isSafe(dirname(path), user);
}

/** What `act` gives; undefined if it fails: there is no such file, or the disk is full or read-only. */
function unlessItFails<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
