/** What the test runners write for machines: JUnit reports of tests, LCOV reports of coverage. */

/** How many tests there were. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** The names of the tests, or whole groups of tests, that were not run. */
  readonly skipped: readonly string[];
}

/** No test at all. */
export const none: Counts = { passed: 0, failed: 0, skipped: [] };

/** Both together. */
export function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: [...a.skipped, ...b.skipped] };
}

/**
 * Counts the tests of a JUnit report. Deno lists a group beside its members, named as the beginning of their
 * names: a group counts only if it failed for a reason of its own, as in a hook.
 */
export function countJUnit(xml: string): Counts {
  const cases = [...xml.matchAll(/<testcase name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g)]
    .map(([, name = "", body = ""]) => ({ name: unescape(name), body }));
  const groups = new Set(cases.flatMap(({ name }) => {
    const parts = name.split(" > ");
    return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join(" > "));
  }));
  let [passed, failed] = [0, 0];
  const skipped: string[] = [];
  for (const { name, body } of cases) {
    if (/<failure message="\d+ test steps? failed"/.test(body)) continue; // counted where it happened
    if (body.includes("<failure")) failed++;
    else if (body.includes("<skipped")) skipped.push(name);
    else if (!groups.has(name)) passed++;
  }
  return { passed, failed, skipped };
}

/**
 * The suites of a JUnit report in which a test failed, by the names of the outermost. Deno and Bun name a test with all of
 * its groups, Node nests these; a group may be named for the file that it is in.
 */
export function failedSuites(xml: string): string[] {
  const failed = new Set<string>();
  const groups: string[] = [];
  const tags =
    /<(\/?)testsuite\b(?: name="([^"]*)")?[^>]*?(\/?)>|<testcase name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g;
  for (const [, closes, group = "", isEmpty, name, body = ""] of xml.matchAll(tags)) {
    if (name !== undefined) {
      if (!body.includes("<failure")) continue;
      const path = [
        ...groups.filter((one) => one !== "all" && !/\.[cm]?[jt]s$/.test(one)),
        ...unescape(name).split(" > "),
      ];
      failed.add(path[0] ?? "");
    } else if (closes === "/") groups.pop();
    else if (isEmpty !== "/") groups.push(unescape(group));
  }
  return [...failed];
}

function unescape(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}

/** How many lines of a file there are to run, and how many were run. */
export interface Covered {
  readonly path: string;
  readonly lines: number;
  readonly hit: number;
}

/** Reads an LCOV report; paths are given from `root`. */
export function readLcov(lcov: string, root: string): Covered[] {
  return lcov.split("end_of_record").flatMap((record) => {
    const path = record.match(/^SF:(.*)$/m)?.[1];
    if (path === undefined) return [];
    const lines = [...record.matchAll(/^DA:\d+,(\d+)/gm)];
    return [{
      path: path.replace(root, ""),
      lines: lines.length,
      hit: lines.filter(([, hits]) => hits !== "0").length,
    }];
  }).sort((a, b) => a.path < b.path ? -1 : 1);
}

/** The share of lines that were run, in percent; 100 where there are none. */
export function percent(files: readonly Covered[]): number {
  const lines = files.reduce((sum, one) => sum + one.lines, 0);
  return lines === 0 ? 100 : 100 * files.reduce((sum, one) => sum + one.hit, 0) / lines;
}
