/**
 * Makes each system call of the command fail in turn, with every error that fits, and kills the command before each:
 *
 *     sudo deno task faults [--form node|deno] [--only TEXT]... [--errnos one|all|none] [--sample N] [--part K/N] [--jobs N]
 *
 * `--only` takes the whole name of a scenario, or the beginning of several. With `--errnos none` it only kills;
 * `--part 2/3` is the second third of the cases of each scenario.
 * After each the run must have said so, and the next run must mend everything. Needs strace, and for Node the built
 * command. Everything happens in namespaces of the run's own. Exits with 1 if something was not as it must be.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { type Form, type Result, runFaults } from "./faults/harness.ts";
import { scenarios } from "./faults/scenarios.ts";

const { values: options } = parseArgs({
  options: {
    form: { type: "string", multiple: true, default: ["node", "deno"] },
    only: { type: "string", multiple: true, default: [] },
    errnos: { type: "string", default: "all" },
    sample: { type: "string" },
    part: { type: "string" },
    jobs: { type: "string", default: "2" },
  },
});
const { only, sample } = options;
const [part, parts] = (options.part ?? "1/1").split("/").map(Number);
const forms = options.form.filter((form): form is Form => form === "node" || form === "deno");
const errnos = options.errnos === "one" || options.errnos === "none" ? options.errnos : "all";

const names = new Set(scenarios("").map(({ name }) => name));
const isMeant = (text: string, name: string): boolean => names.has(text) ? name === text : name.startsWith(text);

function row(form: Form, { scenario, calls, faults, kills, problems, missed }: Result): string {
  return `${form}  ${
    scenario.padEnd(26)
  } ${calls} calls, ${faults} failed, ${kills} killed, ${missed.length} of these missed: ${problems.length} problems`;
}

let count = 0;
for (const form of forms) {
  await runFaults({
    form,
    errnos,
    jobs: Number(options.jobs),
    ...sample === undefined ? {} : { sample: Number(sample) },
    ...part === undefined || parts === undefined ? {} : { part: [part, parts] },
    ...only.length === 0 ? {} : { only: (name) => only.some((text) => isMeant(text, name)) },
    onDone: (done, total) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${done === total ? "" : `${form} ${done}/${total}`}`);
    },
    onProblem: (problem) => console.log(`  ${problem}`),
    onResult: (result) => {
      console.log(row(form, result));
      count += result.problems.length;
    },
  });
}
process.exit(count > 0 ? 1 : 0);
