/**
 * `describe` and `it` for runtimes whose own test runner does not fit: that of Bun takes errors which nobody caught away
 * from the program, and the library reports a leak by one. Written for what the tests use of `node:test`.
 */
import { writeFileSync } from "node:fs";

type Body = () => unknown;

interface Case {
  readonly name: string;
  readonly body: Body;
}

/** What `describe` opened. */
interface Suite {
  readonly name: string;
  readonly skip: boolean;
  readonly before: Body[];
  readonly after: Body[];
  readonly members: (Case | Suite)[];
}

/** How one test went; without either it passed. */
interface Result {
  readonly name: string;
  readonly failure?: unknown;
  readonly skipped?: boolean;
}

const suite = (name: string, skip: boolean): Suite => ({ name, skip, before: [], after: [], members: [] });

const all = suite("", false);
let current = all;

/** Groups tests. */
export function describe(name: string, ...rest: [Body] | [{ readonly skip?: boolean }, Body]): void {
  const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
  const outer = current;
  current = suite(name, options.skip ?? false);
  outer.members.push(current);
  body();
  current = outer;
}

/** Declares a test. */
export function it(name: string, body: Body): void {
  current.members.push({ name, body });
}

/** Runs once before the tests of the group. */
export function before(body: Body): void {
  current.before.push(body);
}

/** Runs once after the tests of the group, also when one fails. */
export function after(body: Body): void {
  current.after.push(body);
}

/** Runs what was declared, says how each went, and writes the JUnit report. True if nothing failed. */
export async function runAll(report: string): Promise<boolean> {
  const results: Result[] = [];
  await runSuite(all, [], results);
  writeFileSync(
    report,
    `<testsuites><testsuite name="all">\n${results.map(element).join("")}</testsuite></testsuites>\n`,
  );
  return results.every(({ failure }) => failure === undefined);
}

async function runSuite(
  { before, after, skip, members }: Suite,
  path: readonly string[],
  into: Result[],
): Promise<void> {
  const prepared = skip ? undefined : await attempt(async () => {
    for (const hook of before) await hook();
  });
  for (const member of members) {
    const inner = [...path, member.name];
    const name = inner.join(" > ");
    if ("members" in member) await runSuite({ ...member, skip: skip || member.skip }, inner, into);
    else if (skip) report(into, { name, skipped: true });
    else report(into, { name, ...prepared ?? await attempt(member.body) });
  }
  if (skip) return;
  for (const hook of after) {
    const failed = await attempt(hook);
    if (failed !== undefined) report(into, { name: `${path.join(" > ")} > after`, ...failed });
  }
}

async function attempt(body: Body): Promise<{ failure: unknown } | undefined> {
  try {
    await body();
    return undefined;
  } catch (failure) {
    return { failure: failure ?? "undefined was thrown" };
  }
}

function report(into: Result[], result: Result): void {
  into.push(result);
  const mark = result.skipped ? "skipped" : result.failure === undefined ? "ok" : "FAILED";
  console.log(`${mark}: ${result.name}`); // not by process.stdout, for which Bun opens a descriptor
  if (result.failure !== undefined) console.error(result.failure);
}

function element({ name, failure, skipped }: Result): string {
  const inner = skipped
    ? "<skipped/>"
    : failure === undefined
    ? ""
    : `<failure message="${escaped(String(failure))}"/>`;
  return `  <testcase name="${escaped(name)}">${inner}</testcase>\n`;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
