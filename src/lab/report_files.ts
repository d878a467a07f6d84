/** What a lab leaves for whoever finds out why a test failed: files in the directory of `NETNS_LAB_OUT`. */
import { copyFileSync, existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import process from "node:process";
import { makeDirectories } from "../directories.ts";
import { environmentVariable, readText, runtimeKind } from "../../ffi/mod.ts";
import type { LabReport } from "./report.ts";

/** The environment variable that names the directory in which labs leave their reports. */
export const REPORTS = "NETNS_LAB_OUT";

/** A lab, as far as it matters here. */
interface Reported {
  /** What it looks like now, without waiting; undefined if it cannot say so. */
  report(): LabReport | undefined;
}

/** The directory in which labs leave their reports; undefined without `NETNS_LAB_OUT`. */
export function reportsDirectory(): string | undefined {
  const out = environmentVariable(REPORTS);
  return out ? resolve(out) : undefined;
}

/** The open labs. */
const open = new Set<Leaving>();
/** Directories of labs that have ended: whether the process ends well is not yet known. */
const undecided = new Set<string>();
let count = 0;

/**
 * The report of a lab that ends because of an error. Nothing tells a lab that its block is left by a throw: what it looks like
 * is kept until the process ends, and stays if that ends with another status than 0.
 */
export class Leaving {
  readonly #lab: Reported;
  readonly #directory: string | undefined;
  #failure: { readonly error: unknown } | undefined;
  #report: LabReport | undefined;

  /** Begins with a lab; does nothing without `NETNS_LAB_OUT`. */
  constructor(lab: Reported) {
    this.#lab = lab;
    const out = reportsDirectory();
    if (out === undefined) return;
    this.#directory = join(out, `lab-${process.pid}-${++count}`);
    if (count === 1) process.on("exit", atExit).on("uncaughtExceptionMonitor", atError);
    open.add(this);
  }

  /** Says that the lab ends because of an error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  /** True if the lab is to be looked at, as long as it is there. */
  get wantsReport(): boolean {
    return this.#directory !== undefined && this.#report === undefined;
  }

  /** Keeps what the lab looks like before it ends. */
  keep(report: LabReport): void {
    this.#report = report;
  }

  /** The lab has ended: writes what was seen. */
  end(): void {
    open.delete(this);
    if (this.#directory === undefined || this.#report === undefined) return;
    const isDecided = this.#failure !== undefined;
    if (!isDecided && !hearsOfEnd()) return;
    this.#write(isDecided ? this.#directory : hidden(this.#directory), this.#report);
    if (!isDecided) undecided.add(this.#directory);
  }

  /** Writes the report of a lab that is still there. */
  atExit(): void {
    const report = this.#report ?? this.#lab.report();
    if (this.#directory !== undefined && report !== undefined) this.#write(this.#directory, report);
  }

  #write(directory: string, report: LabReport): void {
    makeDirectories(directory);
    const { picture, ...others } = report;
    writeFileSync(join(directory, "picture.svg"), picture);
    writeFileSync(join(directory, "report.json"), `${JSON.stringify(others, plain, 2)}\n`);
    if (this.#failure !== undefined) writeFileSync(join(directory, "error.txt"), `${textOf(this.#failure.error)}\n`);
    for (const { name, captures } of report.hosts) {
      for (const file of captures) {
        if (existsSync(file)) copyFileSync(file, join(directory, `${name}-${basename(file)}`));
      }
    }
  }
}

/** False in `deno test`, where a process does not learn how its tests ended. */
function hearsOfEnd(): boolean {
  return runtimeKind() !== "deno" || readText("/proc/self/cmdline").split("\0")[1] !== "test";
}

/** A directory of which is not known whether it stays. */
const hidden = (directory: string): string => directory.replace(/lab-(?=[^/]*$)/, ".lab-");

const textOf = (error: unknown): string => error instanceof Error ? error.stack ?? error.message : String(error);

/** What JSON has no form for. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}`;
  return value instanceof Uint8Array ? [...value] : value;
}

/** Keeps what the labs of a process have left if that ends with an error, and removes it if not. */
function atExit(code: number): void {
  if ((process.exitCode ?? code) !== 0 || code !== 0) return keepAll();
  for (const directory of undecided) rmSync(hidden(directory), { recursive: true, force: true });
  undecided.clear();
}

/** Keeps it when the process ends with an uncaught error: Deno then has no event `exit`. */
function atError(error: unknown): void {
  for (const leaving of open) leaving.fail(error);
  keepAll();
}

function keepAll(): void {
  for (const directory of undecided) renameSync(hidden(directory), directory);
  undecided.clear();
  for (const leaving of open) leaving.atExit();
  open.clear();
}
