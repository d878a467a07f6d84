/** The steps of the test run: each is a command, shown in one line when it has ended, and counted. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./bundle.ts";
import { apart } from "./isolation.ts";
import { add, countJUnit, type Counts, none } from "./reports.ts";
import { type Ended, run } from "./run.ts";

/** Packages come from where npm put them: nothing is fetched twice, and Node tests the same versions. */
export const FROM_NPM = "--node-modules-dir=manual";

/** Where reports and the coverage go. */
export const COVERAGE: string = join(root, "coverage");

/** Where the reports of Deno and of Node begin to say what failed, and why. */
const FAILURES = /^ ERRORS $|^✖ failing tests:$/m;

/** What {@linkcode Steps} goes by. */
export interface StepOptions {
  /** Show what the commands write while they run. */
  readonly verbose: boolean;
  /** Run only the tests with this in their names. */
  readonly filter: string | undefined;
}

/** How tests run. */
export interface TestOptions {
  readonly command: string;
  /** Its arguments, which ask for a JUnit report. */
  readonly args: (xml: string) => readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  /** The command line that runs the command where the tests belong. @default {apart} */
  readonly where?: typeof apart;
}

/** The steps that have ended, and what they came to. */
export class Steps {
  readonly #options: StepOptions;
  /** All tests so far; a step without tests is one. */
  total: Counts = none;
  /** The names of the steps that failed. */
  readonly failures: string[] = [];

  constructor(options: StepOptions) {
    this.#options = options;
  }

  /** Runs a command that counts as one test. */
  async check(name: string, command: string, ...args: readonly string[]): Promise<boolean> {
    const since = performance.now();
    return this.#ended(name, since, await run(command, args, this.#options.verbose), none);
  }

  /** Does something that counts as one test; it fails if that throws. */
  async attempt(name: string, act: () => Promise<void>): Promise<boolean> {
    const since = performance.now();
    const ended = await act().then(() => ({ ok: true, output: "" }), (error) => ({ ok: false, output: String(error) }));
    return this.#ended(name, since, ended, none);
  }

  /** Runs tests, apart from the machine unless they say otherwise, and counts them from their report. */
  async tests(name: string, { command, args, variables, cwd, where = apart }: TestOptions): Promise<boolean> {
    const since = performance.now();
    const xml = join(COVERAGE, `${name.replace(/\W+/g, "-")}.xml`);
    const ended = await run(...where(command, args(xml)), this.#options.verbose, variables, cwd);
    let counts = none;
    try {
      counts = countJUnit(readFileSync(xml, "utf8"));
    } catch {
      // no report: the command did not come that far, and its output says why
    }
    const idle = this.#options.filter === undefined && counts.passed + counts.failed + counts.skipped.length === 0;
    const output = `${ended.output}\nNo test was run.`;
    return this.#ended(name, since, ended.ok && idle ? { ok: false, output } : ended, idle ? none : counts, true);
  }

  /** Counts a failure that no command has reported. */
  fail(why: string): void {
    this.failures.push(why);
    this.total = add(this.total, { ...none, failed: 1 });
  }

  #ended(name: string, since: number, { ok, output }: Ended, counts: Counts, many = false): boolean {
    const failed = ok ? counts.failed : Math.max(counts.failed, 1); // it may have failed before or after its tests
    const passed = many ? counts.passed : ok ? 1 : 0;
    this.total = add(this.total, { ...counts, passed, failed });
    if (failed > 0) this.failures.push(name);
    if (failed > 0 && !this.#options.verbose) console.log(output.slice(Math.max(output.search(FAILURES), 0)).trimEnd());
    const skipped = counts.skipped.length > 0 ? `, ${counts.skipped.length} skipped` : "";
    const seconds = `${((performance.now() - since) / 1000).toFixed(1)} s`.padStart(8);
    const details = many ? `  ${passed} passed, ${failed} failed${skipped}` : "";
    console.log(`  ${failed > 0 ? "FAILED" : "ok    "}  ${name.padEnd(42)} ${seconds}${details}`);
    return failed === 0;
  }
}

/** Does the jobs, as many at a time as `lanes` says, in their order. */
export async function inLanes(lanes: number, jobs: readonly (() => Promise<unknown>)[]): Promise<void> {
  const left = jobs.values();
  const lane = async (): Promise<void> => {
    for (const job of left) await job();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Modules that import files of tests, so many files each. */
export interface Gathered extends Disposable {
  readonly files: readonly string[];
}

/**
 * Gathers files of tests in a few modules: what a runtime needs to start with a file, in processor time, is more than most of
 * these tests take.
 */
export function gathered(files: readonly string[], modules: number): Gathered {
  const folder = mkdtempSync(join(tmpdir(), "netns-tests-"));
  const texts = Array.from({ length: modules }, (_, i) =>
    files.filter((_, index) => index % modules === i)
      .map((path) => `import ${JSON.stringify(pathToFileURL(join(root, path)).href)};\n`).join(""));
  const paths = texts.map((text, i) => {
    const path = join(folder, `${i}.test.ts`);
    writeFileSync(path, text);
    return path;
  });
  return { files: paths, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}
