/**
 * The whole test run, which is what `npm test` and CI do: checks, the build, unit and integration tests in Deno
 * and in the oldest Node, those of the installed package in every runtime, end-to-end tests, those for a second kernel, coverage.
 *
 *     deno run -A scripts/test.ts [--only checks|unit|integration|node|runtimes|e2e|uml|qemu]... [--threshold PERCENT] [--verbose] [FILTER]
 *
 * Steps run side by side, and each is shown when it ends; with `--verbose` one after the other, with their output. If a few
 * suites of a step fail, they run once more when all else has ended, alone: FLAKY names those that pass then. Where
 * something is missing, tests skip themselves and the end says so; with CI=true in the environment a skip is a failure.
 * Closes with the line `N passed, N failed`, and exits with 1 if anything failed.
 */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { root, sources } from "./bundle.ts";
import { bundleTests } from "./node_tests.ts";
import { percent, readLcov } from "./reports.ts";
import { missingRequirements } from "./requirements.ts";
import { inQemu } from "./qemu.ts";
import { bun, installPackage, nodeTest, oldestNode, type Runtime, runtimesFor } from "./runtimes.ts";
import { COVERAGE, FROM_NPM, gathered, inLanes, Steps } from "./steps.ts";
import { inUml } from "./uml.ts";

const PARTS = ["checks", "unit", "integration", "node", "runtimes", "e2e", "uml", "qemu"] as const;
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

/** Node's arguments for the tests with the text of the filter in their names. */
const namePattern = filter === undefined ? [] : [`--test-name-pattern=${filter}`];

const deno = Deno.execPath();
const cores = availableParallelism();
const steps = new Steps({ verbose: options.verbose, filter });

function checks(): (() => Promise<unknown>)[] {
  const script = (path: string): [string, string, ...string[]] => [deno, "run", "-A", FROM_NPM, path];
  const { exports } = JSON.parse(readFileSync(join(root, "deno.json"), "utf8")) as { exports: Record<string, string> };
  const entryPoints = Object.values(exports);
  const html = ["--html", "--name=netns", `--output=${join(COVERAGE, "doc")}`];
  return [
    () => steps.check("format", deno, "fmt", "--check"),
    () => steps.check("lint", deno, "lint"),
    () => steps.check("types", deno, "check", FROM_NPM, ...sources("src", "ffi", "test", "scripts"), "mod.ts"),
    () => steps.check("import order", ...script("scripts/check_imports.ts")),
    () => steps.check("words", ...script("scripts/check_words.ts")),
    () => steps.check("versions", ...script("scripts/check_versions.ts")),
    () => steps.check("documentation", deno, "doc", "--lint", ...entryPoints),
    () => steps.check("documentation as HTML", deno, "doc", ...html, ...entryPoints),
    () => steps.check("package for JSR", deno, "publish", "--dry-run", "--allow-dirty", "--no-check"),
    ...built ? [() => steps.check("package for npm", ...script("scripts/check_package.ts"))] : [],
  ];
}

/** Deno's arguments for files of tests; their types are one of the checks. */
function denoTest(where: readonly string[], ...extra: readonly string[]): (xml: string) => string[] {
  const only = filter === undefined ? [] : [`--filter=${filter}`];
  const fixed = ["--no-check", FROM_NPM, "--no-prompt", "--permit-no-files"];
  return (xml) => ["test", ...fixed, ...extra, ...only, `--junit-path=${xml}`, ...where];
}

/** Tests that need FFI alone, with their coverage. */
async function withFfiAlone(name: string, folder: string, modules: number): Promise<void> {
  const files = gathered(testsBelow(folder), modules);
  const coverage = [`--coverage=${join(COVERAGE, name)}`, "--coverage-raw-data-only"];
  const args = denoTest(files, "--allow-ffi", ...coverage, ...modules > 1 ? ["--parallel"] : []);
  await steps.tests(`${name} in Deno, --allow-ffi alone`, { command: deno, args });
}

function testsBelow(folder: string): string[] {
  return sources(folder).filter((path) => path.endsWith(".test.ts"));
}

function unit(): Promise<void> {
  return withFfiAlone("unit", "test/unit", Math.min(cores, 4));
}

function integration(): Promise<void> {
  return withFfiAlone("integration", "test/integration", 1);
}

function examples(): Promise<unknown> {
  const documented = sources("src").filter((path) => readFileSync(join(root, path), "utf8").includes("@example"));
  const fixed = ["test", "--doc", FROM_NPM, "--no-prompt", "--allow-ffi"];
  const args = (xml: string): string[] => [...fixed, `--junit-path=${xml}`, ...documented];
  return steps.tests("examples of the documentation", { command: deno, args });
}

async function inNode(): Promise<void> {
  const files: string[] = [];
  const bundling = async (): Promise<void> =>
    void files.push(...await bundleTests("own", "test/unit", "test/integration"));
  if (!await steps.attempt("the tests are bundled for Node", bundling)) return;
  const { version, command } = await oldestNode();
  const args = (xml: string): string[] => [...nodeTest(xml), ...namePattern, ...files];
  await steps.tests(`unit and integration in Node ${version}`, { command, args });
}

/** Tests that rename links, which an older kernel does only while they are down. */
const RENAMES = ["apply.test.ts", "atomic.test.ts"].map((name) => `test/integration/configurator/${name}`);

/** Tests of what the machine's kernel may lack, and that say so there. */
const LACKED = ["test/integration/configurator/impair.test.ts"];

/** Whether what differs little between runtimes is tried in all of them, and the longer run of it. */
const WHOLE = process.env["WHOLE"] === "1";

/** The tests for User Mode Linux, which has one CPU. */
async function inSecondKernel(): Promise<void> {
  const options = { memory: "2048M", timeout: 600, writable: [COVERAGE] };
  const where: typeof inUml = (command, args) => inUml(command, args, options);
  {
    // Before Linux 6.2 a link must be down to be renamed: apply has more to do there.
    const files = gathered([...testsBelow("test/uml"), ...RENAMES, ...LACKED], 1);
    await steps.tests("User Mode Linux, in Deno", { command: deno, args: denoTest(files, "-A"), where });
  }
  {
    const where: typeof inUml = (command, args) => inUml(command, args, { ...options, parameters: ["ipv6.disable=1"] });
    const args = denoTest(testsBelow("test/uml_without_ipv6"), "-A");
    await steps.tests("User Mode Linux without IPv6, in Deno", { command: deno, args, where });
  }
  const files: string[] = [];
  // What the configurator does there is not particular to a runtime: its tests are run in Node on this kernel.
  const folders = WHOLE ? ["test/uml"] : ["netlink", "lab", "doctor"].map((name) => `test/uml/${name}`);
  const bundling = async (): Promise<void> => void files.push(...await bundleTests("uml", ...folders));
  if (!await steps.attempt("the tests are bundled for User Mode Linux", bundling)) return;
  const { version, command } = await oldestNode();
  const args = (xml: string): string[] => [...nodeTest(xml), ...namePattern, ...files];
  await steps.tests(`User Mode Linux, in Node ${version}`, { command, args, where });
}

/** The tests for Debian's kernel, which has WireGuard; in an emulator, so there are few of them. */
async function inDebiansKernel(): Promise<void> {
  const where = (command: string, args: readonly string[]): readonly [string, readonly string[]] =>
    inQemu(command, args, { memory: "1536M", timeout: 600, modules: ["wireguard"], writable: [COVERAGE] });
  const files = gathered(testsBelow("test/qemu"), 1);
  await steps.tests("Debian's kernel, in Deno", { command: deno, args: denoTest(files, "-A"), where });
}

/** The tests of the installed package, in each runtime. The package goes when the process ends: a second try needs it. */
async function inRuntimes(): Promise<void> {
  let folder: string | undefined;
  const runtimes: Runtime[] = [];
  const installing = async (): Promise<void> => {
    const installed = await installPackage();
    process.once("exit", () => installed[Symbol.dispose]());
    folder = installed.folder;
    runtimes.push(...await runtimesFor(installed));
  };
  if (!await steps.attempt("the package and the runtimes are installed", installing)) return;
  for (const { name, ...runtime } of runtimes) {
    await steps.tests(`the installed package in ${name}`, { ...runtime, cwd: folder });
  }
}

/** Puts the packages that another Deno project takes from npm into Deno's cache: the tests are apart from the network. */
function packagesForDeno(): Promise<boolean> {
  const how = ["--quiet", "--no-check", "--no-lock", "--node-modules-dir=none"];
  return steps.check("packages for Deno", deno, "cache", ...how, "mod.ts");
}

/** End-to-end tests, and the programs that they start, with their coverage. */
function endToEnd(
  name: string,
  where: (path: string) => boolean,
  variables: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const args = denoTest(testsBelow("test/e2e").filter(where), "-A", "--coverage-raw-data-only");
  const all = { ...variables, DENO_COVERAGE_DIR: join(COVERAGE, "e2e") };
  return steps.tests(name, { command: deno, args, variables: all });
}

/** End-to-end tests without their coverage, which takes a third of the time of a program that is short. */
function withoutCoverage(name: string, where: (path: string) => boolean): Promise<unknown> {
  return steps.tests(name, { command: deno, args: denoTest(testsBelow("test/e2e").filter(where), "-A") });
}

function isOfTracker(path: string): boolean {
  return path.startsWith("test/e2e/tracker/");
}

function isOfBench(path: string): boolean {
  return /\/bench\./.test(path);
}

/** Deno takes the coverage of a thread through its event loop, which waits in the kernel here: it would wait for ever. */
function hasThreads(path: string): boolean {
  return /\/(netlink_(?:events|hostile)|package|race|threads|async\/worker)\./.test(path);
}

function isOfCommand(path: string): boolean {
  return /\/cli_/.test(path);
}

function isOfDocuments(path: string): boolean {
  return /\/(documents\/|examples\.)/.test(path);
}

/** What goes through many cases. */
function hasManyCases(path: string): boolean {
  return /e2e\/(agent_floods|faults|ownership_property)\./.test(path);
}

function cases(): Promise<unknown> {
  return withoutCoverage("end to end, many cases", hasManyCases);
}

function command(): Promise<unknown> {
  return endToEnd("end to end, the command", isOfCommand);
}

function documents(): Promise<unknown> {
  return withoutCoverage("end to end, the documents", isOfDocuments);
}

function others(): Promise<unknown> {
  const apart = [isOfTracker, isOfBench, hasThreads, hasManyCases, isOfCommand, isOfDocuments];
  return endToEnd("end to end, the library", (path) => !apart.some((is) => is(path)));
}

/** How many containers come and go, and whose, where not the whole is asked for. */
function sampled(service: "Docker" | "Podman"): Record<string, string> {
  return WHOLE ? {} : { SOAK: "40", SERVICE: service };
}

function tracker(): Promise<unknown> {
  return endToEnd("end to end, the tracker", isOfTracker, sampled("Docker"));
}

function bench(): Promise<unknown> {
  return withoutCoverage("end to end, the bench", isOfBench);
}

function threads(): Promise<unknown> {
  return withoutCoverage("end to end, with threads", hasThreads);
}

async function trackerInNode(): Promise<void> {
  const bundles = await bundleTests("tracker", "test/e2e/tracker");
  const { command } = await oldestNode();
  await steps.tests("end to end, the tracker in Node", {
    command,
    args: (xml) => [...nodeTest(xml), ...bundles],
    variables: sampled("Podman"),
  });
}

/** Shows how much of the source the tests in Deno ran. */
async function showCoverage(): Promise<void> {
  const folders = ["unit", "integration", "e2e"].map((part) => join(COVERAGE, part));
  const lcov = join(COVERAGE, "lcov.info");
  const how = ["--lcov", `--output=${lcov}`, `--include=^file://${root}src/`];
  if (!await steps.check("coverage", deno, "coverage", ...how, ...folders)) return;
  console.log("\nLines of src/ that the tests in Deno ran");
  const files = readLcov(readFileSync(lcov, "utf8"), root);
  const row = (name: string, of: typeof files): string => `  ${percent(of).toFixed(1).padStart(5)} %  ${name}`;
  for (const file of files) console.log(row(file.path, [file]));
  console.log(row("all", files));
  if (percent(files) < Number(options.threshold)) steps.fail(`coverage below ${options.threshold} %`);
}

/** Says what was not run and why, and how it all ended. */
function conclude(): void {
  const { total, failures } = steps;
  if (missing.length > 0 || total.skipped.length > 0) console.log("\nNot run");
  if (missing.length > 0) console.log(`  missing here: ${missing.join(", ")}; tests that need it skip themselves`);
  for (const name of new Set(total.skipped)) console.log(`  skipped: ${name}`);
  if (process.env["CI"] === "true" && (missing.length > 0 || total.skipped.length > 0)) {
    steps.fail("CI runs everything: nothing may be missing or skipped there");
  }
  console.log("");
  for (const name of steps.flaky) {
    console.log(`FLAKY: ${name}: it failed beside the others, and passed alone; its output is above`);
  }
  for (const name of failures) console.log(`FAILED: ${name}`);
  console.log(`${steps.total.passed} passed, ${steps.total.failed} failed`);
  process.exit(steps.total.failed > 0 ? 1 : 0);
}

rmSync(COVERAGE, { recursive: true, force: true });
mkdirSync(COVERAGE, { recursive: true });
const missing = missingRequirements();

const built = !wanted("checks", "node", "runtimes", "e2e", "uml") ||
  await steps.check("build", deno, "run", "-A", FROM_NPM, "scripts/build.ts");
const many = filter === undefined;
const e2e = wanted("e2e") && built;
if (e2e) {
  await packagesForDeno();
  await steps.attempt("the runtimes are installed", async () => void await bun());
}
// What takes longest comes first: what is short fills the lanes up.
const jobs = [
  ...e2e ? [command, others, cases] : [],
  ...wanted("uml") && built && !missing.includes("linux.uml") ? [inSecondKernel] : [],
  ...wanted("runtimes") && built ? [inRuntimes] : [],
  ...wanted("qemu") && !missing.includes("qemu-system-x86_64") ? [inDebiansKernel] : [],
  ...wanted("node") && built ? [inNode] : [],
  ...wanted("integration") ? [integration] : [],
  ...wanted("checks") ? checks() : [],
  ...wanted("integration") && many ? [examples] : [],
  ...wanted("unit") ? [unit] : [],
];
const containers = e2e ? [tracker, bench, threads, ...many ? [trackerInNode] : [], documents] : [];
// Those with containers wait most of the time.
if (options.verbose) await inLanes(1, [...jobs, ...containers]);
else await Promise.all([inLanes(cores, jobs), inLanes(1, containers)]);
await steps.secondTries();

if (PARTS.every((part) => wanted(part)) && many) await showCoverage();
conclude();
