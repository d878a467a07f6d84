/** The steps of the test run: each is a command, shown in one line when it has ended, and counted. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { root } from "./bundle.ts";
import { apart } from "./isolation.ts";
import { add, countJUnit, type Counts, failedSuites, none } from "./reports.ts";
import { type Ended, run } from "./run.ts";

/** Packages come from where npm put them: nothing is fetched twice, and Node tests the same versions. */
export const FROM_NPM = "--node-modules-dir=manual";

/** Where reports and the coverage go. */
export const COVERAGE: string = join(root, "coverage");

/** Where the reports of Deno and of Node begin to say what failed, and why. */
const FAILURES = /^ ERRORS $|^✖ failing tests:$/m;

/** In how many suites of a step tests may have failed for these to get a second try: more is no matter of a busy machine. */
const MOST_AGAIN = 3;

/** What fast-check says of a property that is false: with another seed a second try would hide it. */
const COUNTEREXAMPLE = /^\s*Counterexample: /m;

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
  /** Tests that failed beside the other steps, and passed alone. */
  readonly flaky: string[] = [];
  readonly #again: { readonly name: string; readonly counts: Counts; readonly run: () => Promise<boolean> }[] = [];

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
  async tests(name: string, { command, args, variables = {}, cwd, where = apart }: TestOptions): Promise<boolean> {
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
    const mayBeBusy = this.#options.filter === undefined && counts.failed > 0 && !COUNTEREXAMPLE.test(ended.output);
    const suites = mayBeBusy ? failedSuites(readFileSync(xml, "utf8")) : [];
    if (suites.length > 0 && suites.length <= MOST_AGAIN) {
      const second = (): Promise<boolean> =>
        this.#alone(suites, `${xml}.again`, { command, args, variables, cwd, where });
      this.#again.push({ name, counts, run: second });
      this.#show(ended.output);
      this.#line("again ", name, since, `  ${counts.passed} passed, ${counts.failed} failed and get a second try`);
      return false;
    }
    return this.#ended(name, since, ended.ok && idle ? { ok: false, output } : ended, idle ? none : counts, true);
  }

  /**
   * Runs the suites that failed once more, alone: a test whose bound is the time of a machine with work of its own may fail
   * beside ten other steps. What fails again has failed; what passes is named at the end, to be mended.
   */
  async secondTries(): Promise<void> {
    for (const { name, counts, run } of this.#again.splice(0)) {
      const since = performance.now();
      const passed = await run();
      if (passed) this.flaky.push(name);
      else this.failures.push(name);
      const { passed: before, failed, skipped } = counts;
      this.total = add(this.total, passed ? { passed: before + failed, failed: 0, skipped } : counts);
      this.#line(passed ? "ok    " : "FAILED", `${name}, second try`, since);
    }
  }

  async #alone(
    suites: readonly string[],
    xml: string,
    { command, args, variables, cwd, where }: Required<TestOptions>,
  ): Promise<boolean> {
    const pattern = `/^(${suites.map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("|")})$/`;
    // The other runtimes name tests in another way: there all of the step runs.
    const [first = "", ...others] = args(xml);
    const only = basename(command) === "deno" ? [first, `--filter=${pattern}`, ...others] : [first, ...others];
    const { ok, output } = await run(...where(command, only), this.#options.verbose, variables, cwd);
    const passed = ok && countJUnit(readFileSync(xml, "utf8")).passed > 0;
    if (!passed) this.#show(output);
    return passed;
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
    if (failed > 0) this.#show(output);
    const left = counts.skipped.length > 0 ? `, ${counts.skipped.length} skipped` : "";
    const details = many ? `  ${passed} passed, ${failed} failed${left}` : "";
    this.#line(failed > 0 ? "FAILED" : "ok    ", name, since, details);
    return failed === 0;
  }

  #show(output: string): void {
    if (!this.#options.verbose) console.log(output.slice(Math.max(output.search(FAILURES), 0)).trimEnd());
  }

  #line(how: string, name: string, since: number, details = ""): void {
    const seconds = `${((performance.now() - since) / 1000).toFixed(1)} s`.padStart(8);
    console.log(`  ${how}  ${name.padEnd(42)} ${seconds}${details}`);
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

/**
 * Gathers files of tests in a few modules: what a runtime needs to start with a file, in processor time, is more than most of
 * these tests take. The modules go when the process ends: a second try needs them.
 */
export function gathered(files: readonly string[], modules: number): string[] {
  const folder = mkdtempSync(join(tmpdir(), "netns-tests-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  return Array.from({ length: modules }, (_, i) => {
    const path = join(folder, `${i}.test.ts`);
    const own = files.filter((_, index) => index % modules === i);
    writeFileSync(path, own.map((one) => `import ${JSON.stringify(pathToFileURL(join(root, one)).href)};\n`).join(""));
    return path;
  });
}
