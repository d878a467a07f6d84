/**
 * The whole test run, which is what `npm test` and CI do: checks, the build, unit and integration tests in Deno
 * and in the oldest Node, those of the installed package in every runtime, end-to-end tests, coverage.
 *
 *     deno run -A scripts/test.ts [--only checks|unit|integration|node|runtimes|e2e]... [--threshold PERCENT] [--verbose] [FILTER]
 *
 * Where something is missing, tests skip themselves and the end says so; with CI=true in the environment a skip
 * is a failure. Closes with the line `N passed, N failed`, and exits with 1 if anything failed.
 */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { root, sources } from "./bundle.ts";
import { apart } from "./isolation.ts";
import { bundleTests } from "./node_tests.ts";
import { add, countJUnit, type Counts, none, percent, readLcov } from "./reports.ts";
import { missingRequirements } from "./requirements.ts";
import { type Ended, run } from "./run.ts";
import { installPackage, nodeTest, oldestNode, runtimesFor } from "./runtimes.ts";

const PARTS = ["checks", "unit", "integration", "node", "runtimes", "e2e"] as const;
type Part = typeof PARTS[number];

const { values: options, positionals: [filter] } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [...PARTS] },
    threshold: { type: "string", default: "90" },
    verbose: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const wrong = options.only.find((part) => !PARTS.some((one) => one === part));
if (wrong !== undefined || !Number.isFinite(Number(options.threshold))) {
  console.error(wrong === undefined ? "--threshold wants a number" : `--only ${wrong}: expected ${PARTS.join(", ")}`);
  process.exit(2);
}
const wanted = (...parts: Part[]): boolean => parts.some((part) => options.only.includes(part));

const COVERAGE = join(root, "coverage");
const inCi = process.env["CI"] === "true";
const deno = Deno.execPath();
/** Packages come from where npm put them: nothing is fetched twice, and Node tests the same versions. */
const fromNpm = "--node-modules-dir=manual";

let total: Counts = none;
const failures: string[] = [];

/** Shows what a step came to; the output of one that failed is shown whole. */
function report(name: string, since: number, ended: Ended, counts: Counts): boolean {
  const failed = !ended.ok && counts.failed === 0 ? { ...counts, failed: 1 } : counts; // it failed before or after the tests
  total = add(total, failed);
  if (failed.failed > 0) failures.push(name);
  if (failed.failed > 0 && !options.verbose) console.log(ended.output.trimEnd());
  const tests = counts.passed + counts.failed + counts.skipped.length;
  const details = tests <= 1
    ? ""
    : `${counts.passed} passed, ${failed.failed} failed${
      counts.skipped.length > 0 ? `, ${counts.skipped.length} skipped` : ""
    }`;
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  console.log(
    `  ${failed.failed > 0 ? "FAILED" : "ok    "}  ${name.padEnd(38)} ${`${seconds} s`.padStart(8)}  ${details}`,
  );
  return failed.failed === 0;
}

/** A step that counts as one test. */
async function check(name: string, command: string, ...args: string[]): Promise<boolean> {
  const since = performance.now();
  const ended = await run(command, args, options.verbose);
  return report(name, since, ended, { ...none, passed: ended.ok ? 1 : 0, failed: ended.ok ? 0 : 1 });
}

/** A step that runs tests, and counts them from the report that `args` ask for. */
async function tests(
  name: string,
  command: string,
  args: (xml: string) => string[],
  variables?: Readonly<Record<string, string>>,
  cwd?: string,
): Promise<void> {
  const since = performance.now();
  const xml = join(COVERAGE, `${name.replace(/\W+/g, "-")}.xml`);
  const ended = await run(...apart(command, args(xml)), options.verbose, variables, cwd);
  let counts = none;
  try {
    counts = countJUnit(readFileSync(xml, "utf8"));
  } catch {
    // no report: the command did not come that far, and its output says why
  }
  const idle = filter === undefined && ended.ok && counts.passed + counts.failed + counts.skipped.length === 0;
  report(name, since, idle ? { ok: false, output: `${ended.output}\nNo test was run.` } : ended, counts);
}

/** Deno's arguments for the tests of a folder. */
const denoTest =
  (where: readonly string[], rights: readonly string[], extra: readonly string[] = []) => (xml: string) => [
    "test",
    fromNpm,
    "--no-prompt",
    "--permit-no-files",
    ...rights,
    ...extra,
    ...filter === undefined ? [] : [`--filter=${filter}`],
    `--junit-path=${xml}`,
    ...where,
  ];

rmSync(COVERAGE, { recursive: true, force: true });
mkdirSync(COVERAGE, { recursive: true });
const missing = missingRequirements();

if (wanted("checks")) {
  console.log("\nChecks");
  const script = (path: string): [string, string, ...string[]] => [deno, "run", "-A", fromNpm, path];
  await check("format", deno, "fmt", "--check");
  await check("lint", deno, "lint");
  await check("types", deno, "check", fromNpm, ...sources("src", "ffi", "test", "scripts"), "mod.ts");
  await check("import order", ...script("scripts/check_imports.ts"));
  await check("versions", ...script("scripts/check_versions.ts"));
  const entryPoints = Object.values(
    (JSON.parse(readFileSync(join(root, "deno.json"), "utf8")) as { exports: Record<string, string> }).exports,
  );
  await check("documentation", deno, "doc", "--lint", ...entryPoints);
  await check(
    "documentation as HTML",
    deno,
    "doc",
    "--html",
    "--name=netns",
    `--output=${join(COVERAGE, "doc")}`,
    ...entryPoints,
  );
  await check("package for JSR", deno, "publish", "--dry-run", "--allow-dirty", "--no-check");
}

let built = true;
if (wanted("checks", "node", "runtimes", "e2e")) {
  console.log("\nPackage");
  built = await check("build", deno, "run", "-A", fromNpm, "scripts/build.ts");
  if (built && wanted("checks")) await check("package", deno, "run", "-A", fromNpm, "scripts/check_package.ts");
}

console.log("\nTests");
const ffiAlone = ["--allow-ffi"];
for (const part of ["unit", "integration"] as const) {
  if (!wanted(part)) continue;
  const coverage = [`--coverage=${join(COVERAGE, part)}`, "--coverage-raw-data-only"];
  await tests(`${part} in Deno, --allow-ffi alone`, deno, denoTest([`test/${part}`], ffiAlone, coverage));
}
if (wanted("integration") && filter === undefined) {
  await tests("examples of the documentation", deno, (xml) => [
    "test",
    "--doc",
    fromNpm,
    "--no-prompt",
    ...ffiAlone,
    `--junit-path=${xml}`,
    ...sources("src").filter((path) => readFileSync(join(root, path), "utf8").includes("@example")),
  ]);
}
if (wanted("node") && built) {
  const since = performance.now();
  try {
    const files = await bundleTests("test/unit", "test/integration");
    const pattern = filter === undefined ? [] : [`--test-name-pattern=${filter}`];
    const { version, command } = await oldestNode();
    await tests(
      `unit and integration in Node ${version}`,
      command,
      (xml) => [...nodeTest(xml), ...pattern, ...files],
    );
  } catch (error) {
    report("unit and integration in Node", since, { ok: false, output: String(error) }, none);
  }
}
if (wanted("runtimes") && built) {
  const since = performance.now();
  try {
    using installed = await installPackage();
    const runtimes = await runtimesFor(installed);
    report("the package and the runtimes are installed", since, { ok: true, output: "" }, { ...none, passed: 1 });
    for (const { name, command, args } of runtimes) {
      await tests(`the installed package in ${name}`, command, args, undefined, installed.folder);
    }
  } catch (error) {
    report("the package and the runtimes are installed", since, { ok: false, output: String(error) }, none);
  }
}
if (wanted("e2e") && built) {
  const files = sources("test/e2e").filter((path) => path.endsWith(".test.ts"));
  // Deno takes the coverage of a thread through its event loop, which waits in the kernel here: it would wait for ever.
  const waiting = files.filter((path) => /\/(netlink_events|race|threads)\./.test(path));
  // By the variable also that of the programs that the tests start.
  const variables = { DENO_COVERAGE_DIR: join(COVERAGE, "e2e") };
  const tracker = files.filter((path) => path.startsWith("test/e2e/tracker/"));
  const bench = files.filter((path) => /\/bench\./.test(path));
  const others = files.filter((path) => ![...waiting, ...tracker, ...bench].includes(path));
  const inDeno = (where: readonly string[]) => denoTest(where, ["-A"], ["--coverage-raw-data-only"]);
  const rest = (): Promise<void> => tests("end to end", deno, inDeno(others), variables);
  const containers = async (): Promise<void> => {
    await tests("end to end, the tracker", deno, inDeno(tracker), variables);
    await tests("end to end, the bench", deno, inDeno(bench), variables);
    await tests("end to end, with threads", deno, denoTest(waiting, ["-A"]));
    if (filter !== undefined) return;
    const bundles = await bundleTests("test/e2e/tracker");
    const few = { SOAK: "20" }; // the long one was above
    const { command } = await oldestNode();
    await tests("end to end, the tracker in Node", command, (xml) => [...nodeTest(xml), ...bundles], few);
  };
  // Side by side: both take equally long, and the tracker waits for container runtimes most of the time.
  await Promise.all([rest(), containers()]);
}

if (PARTS.every((part) => wanted(part)) && filter === undefined) await showCoverage();
conclude();

/** Shows how much of the source the tests in Deno ran. */
async function showCoverage(): Promise<void> {
  const folders = ["unit", "integration", "e2e"].map((part) => join(COVERAGE, part));
  const lcov = join(COVERAGE, "lcov.info");
  const ended = await run(deno, [
    "coverage",
    "--lcov",
    `--output=${lcov}`,
    `--include=^file://${root}src/`,
    ...folders,
  ]);
  console.log("\nLines of src/ that the tests in Deno ran");
  if (!ended.ok) return void report("coverage", performance.now(), ended, none);
  const files = readLcov(readFileSync(lcov, "utf8"), root);
  const row = (name: string, of: typeof files): string => `  ${percent(of).toFixed(1).padStart(5)} %  ${name}`;
  for (const file of files) console.log(row(file.path, [file]));
  console.log(row("all", files));
  if (percent(files) < Number(options.threshold)) {
    failures.push(`coverage below ${options.threshold} %`);
    total = add(total, { ...none, failed: 1 });
  }
}

/** Says what was not run and why, and how it all ended. */
function conclude(): void {
  if (missing.length > 0 || total.skipped.length > 0) console.log("\nNot run");
  if (missing.length > 0) console.log(`  missing here: ${missing.join(", ")}; tests that need it skip themselves`);
  for (const name of new Set(total.skipped)) console.log(`  skipped: ${name}`);
  if (inCi && (missing.length > 0 || total.skipped.length > 0)) {
    failures.push("CI runs everything: nothing may be missing or skipped there");
    total = add(total, { ...none, failed: 1 });
  }
  console.log("");
  for (const name of failures) console.log(`FAILED: ${name}`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exit(total.failed > 0 ? 1 : 0);
}
