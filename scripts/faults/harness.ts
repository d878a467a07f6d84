/** Makes each call of each scenario fail, or be the last, and checks that the state is as it must be. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../bundle.ts";
import { type Case, casesOf, describe, type Selection } from "./cases.ts";
import { type Outcome, Sandbox, type State } from "./sandbox.ts";
import { answersTo, oursAmong } from "./rules.ts";
import { FILES, FOREIGN, type Scenario, scenarios } from "./scenarios.ts";
import { type Aim, injection, isHit, LAST_PID, pageOf, parseLog, type Target, targetsOf } from "./strace.ts";

/** One of the two forms of the command. */
export type Form = "node" | "deno";

/** What to run. */
export interface Choice extends Selection {
  readonly form: Form;
  /** Which scenarios; all if it is not given. */
  readonly only?: (name: string) => boolean;
  /** How many at a time. */
  readonly jobs: number;
  /** Called for each problem at once. */
  readonly onProblem?: (problem: string) => void;
  /** Called after each scenario. */
  readonly onResult?: (result: Result) => void;
  /** Called after each case. */
  readonly onDone?: (done: number, total: number) => void;
}

/** How a scenario went. */
export interface Result {
  readonly scenario: string;
  readonly calls: number;
  readonly faults: number;
  readonly kills: number;
  /** What was not as it must be, each with the case. */
  readonly problems: readonly string[];
  /** Cases in which strace did not hit the call that is meant: a runtime makes not always as many before it. */
  readonly missed: readonly string[];
}

/** Every call that the library makes, by the kernel's name; a newer kernel or another runtime may have others. */
const TRACED = [
  ...["unshare", "setns", "mount", "umount2", "openat", "flock", "mkdir", "unlink", "rmdir", "rename", "?mkdirat"],
  ...["?unlinkat", "?renameat", "?renameat2", "socket", "bind", "sendto", "recvfrom", "sendmsg", "recvmsg"],
  ...["setsockopt", "getsockopt", "statfs", "fstatfs", "statx", "?newfstatat", "?stat", "?fstat", "?lstat"],
  ...[
    "getdents64",
    "read",
    "write",
    "pwrite64",
    "close",
    "ioctl",
    "fcntl",
    "readlink",
    "fsync",
    "fdatasync",
    "ftruncate",
  ],
];

/**
 * What strace lets fail it does not make. Linux closes a descriptor also when close(2) fails: with one that stays open
 * the command would wait for its own lock. The tests that put faults into libc make it. And who is killed before it
 * leaves what one leaves who is killed before the next call.
 */
const LEFT_OUT: ReadonlySet<string> = new Set(["close"]);

/** How often a case is tried until `strace` hits the call that is meant. */
const ATTEMPTS = 10;

/** What a scenario comes to without a fault. */
interface Reference {
  readonly before: State;
  readonly done: State;
  readonly undone: State;
  readonly targets: readonly Target[];
}

/** Runs what is chosen. Needs root, strace, and for Node the built command. */
export async function runFaults(choice: Choice): Promise<Result[]> {
  const directory = mkdtempSync(join(tmpdir(), "netns-faults-"));
  try {
    for (const [name, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    const results: Result[] = [];
    for (const scenario of scenarios(directory).filter(({ name }) => choice.only?.(name) ?? true)) {
      const result = await new Run(scenario, choice, directory).all();
      choice.onResult?.(result);
      results.push(result);
    }
    return results;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** With the packages that npm has brought: on a new machine Deno would fetch its own, and say so. */
const DENO_WORDS: readonly string[] = [Deno.execPath(), "run", "-A", "--no-check", "--node-modules-dir=manual"];

/** The words of the command, and what it needs of the environment: compiled code that cannot be kept is no failure. */
function commandOf(form: Form): { readonly words: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  return form === "node"
    // One thread for files, so that strace, which counts in each thread by itself, counts the same each time.
    ? { words: ["node", join(root, "dist/cli.cjs")], env: { UV_THREADPOOL_SIZE: "1", NODE_DISABLE_COMPILE_CACHE: "1" } }
    : { words: [...DENO_WORDS, join(root, "src/cli/bin.ts")], env: {} };
}

class Run {
  readonly #scenario: Scenario;
  readonly #choice: Choice;
  readonly #directory: string;
  readonly #command: ReturnType<typeof commandOf>;

  constructor(scenario: Scenario, choice: Choice, directory: string) {
    this.#scenario = scenario;
    this.#choice = choice;
    this.#directory = directory;
    this.#command = commandOf(choice.form);
  }

  async all(): Promise<Result> {
    await using first = await Sandbox.open();
    const reference = await this.#reference(first);
    const cases = casesOf(this.#scenario, reference.targets, this.#choice);
    const problems: string[] = [];
    const missed: string[] = [];
    let [next, done] = [0, 0];
    const work = async (sandbox: Sandbox, number: number): Promise<void> => {
      for (let one = cases[next++]; one !== undefined; one = cases[next++]) {
        const found = await this.#try(one, reference, sandbox, join(this.#directory, `${number}.log`));
        if (found === undefined) missed.push(describe(one));
        for (const what of found ?? []) {
          const problem = `${this.#scenario.name} (${this.#choice.form}): ${describe(one)}: ${what}`;
          problems.push(problem);
          this.#choice.onProblem?.(problem);
        }
        this.#choice.onDone?.(++done, cases.length);
      }
    };
    await Promise.all(Array.from({ length: this.#choice.jobs }, async (_, number) => {
      if (number === 0) return await work(first, number);
      await using sandbox = await Sandbox.open();
      await work(sandbox, number);
    }));
    const kills = cases.filter(({ fault }) => fault === "kill").length;
    const calls = reference.targets.length;
    return { scenario: this.#scenario.name, calls, faults: cases.length - kills, kills, problems, missed };
  }

  /** What happens without a fault; the log of it says which calls there are. */
  async #reference(sandbox: Sandbox): Promise<Reference> {
    const { args, inverse } = this.#scenario;
    await this.#prepare(sandbox);
    const before = await sandbox.look();
    await this.#prepare(sandbox); // again, so that process ids are as in every other run
    const log = join(this.#directory, "reference.log");
    const strace = ["strace", "-f", "-y", "-s", "64", "-o", log, "--seccomp-bpf", "-e", `trace=${TRACED.join()}`, "--"];
    mustSucceed(await sandbox.run(this.#toFile([...strace, ...this.#command.words, ...args]), this.#command.env));
    const done = await sandbox.look();
    mustSucceed(await this.#run(sandbox, inverse));
    const undone = await sandbox.look();
    const calls = parseLog(readFileSync(log, "utf8"));
    const isOurs = oursAmong(calls);
    const targets = targetsOf(calls, (call) => !LEFT_OUT.has(call.name) && isOurs(call));
    return { before, done, undone, targets };
  }

  async #prepare(sandbox: Sandbox): Promise<void> {
    await sandbox.clear();
    await sandbox.sh(`NETNS="${this.#command.words.join(" ")}"; ${this.#scenario.prepare}
      echo ${LAST_PID} >/proc/sys/kernel/ns_last_pid`);
  }

  /** With the report in a file, whose path tells strace which writes are meant. */
  #toFile(words: readonly string[]): string[] {
    return ["sh", "-c", `exec "$@" >${this.#directory}/stdout`, "sh", ...words];
  }

  /** Runs a command again; before `add`, `del` takes away a stale file, which may be a live name elsewhere. */
  async #mend(sandbox: Sandbox, args: readonly string[]): Promise<Outcome> {
    const outcome = await this.#run(sandbox, args);
    const [command, name = ""] = args;
    if (command !== "add" || !/EEXIST.*it is stale/.test(outcome.stderr)) return outcome;
    await this.#run(sandbox, ["del", name]);
    return await this.#run(sandbox, args);
  }

  async #run(sandbox: Sandbox, args: readonly string[]): Promise<Outcome> {
    return await sandbox.run([...this.#command.words, ...args], this.#command.env);
  }

  /** What was not as it must be; nothing at all if strace did not hit the call. */
  async #try(one: Case, reference: Reference, sandbox: Sandbox, log: string): Promise<string[] | undefined> {
    const { args, inverse } = this.#scenario;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const aim = aimOf(one.target, attempt);
      await this.#prepare(sandbox);
      const words = injection(one.target.call, aim, one.fault, log, [...this.#command.words, ...args]);
      const outcome = await sandbox.run(this.#toFile(words), this.#command.env);
      if (!isHit(readFileSync(log, "utf8"), one.target, one.fault)) continue;
      const after = await sandbox.look();
      const problems = one.fault === "kill"
        ? outcome.status === 137 || outcome.signal === "SIGKILL" ? [] : [`killed, it ended with ${shown(outcome)}`]
        : judge(one, one.fault.errno, outcome, after, reference);
      problems.push(...foreignDifferences(after, reference.before));
      // What was cut short is mended by the next run, whichever that is.
      const mended = await this.#mend(sandbox, one.mend === "again" ? args : inverse);
      const state = await sandbox.look();
      const wanted = one.mend === "again" ? reference.done : reference.undone;
      const differences = compare(settled(state), settled(wanted));
      // Where nothing was left to do, a command may say so.
      const nothingToDo = compare(settled(after), settled(wanted)).length === 0 ||
        /nothing is remembered of it/.test(mended.stderr);
      if (differences.length > 0) problems.push(`then ${one.mend} (${shown(mended)}) left ${differences.join(", ")}`);
      else if (mended.status !== 0 && !nothingToDo) problems.push(`then ${one.mend} failed: ${shown(mended)}`);
      return problems;
    }
    return undefined;
  }
}

/** First by its path, then by the number of calls before it; of those a runtime may make one more or less. */
function aimOf({ aims }: Target, attempt: number): Aim {
  const aim = aims[Math.min(attempt, aims.length - 1)] ?? { paths: [], when: 1 };
  const further = Math.max(0, attempt - aims.length + 1);
  const offset = further % 2 === 0 ? further / 2 : -(further + 1) / 2;
  return { ...aim, when: Math.max(1, aim.when + offset) };
}

/** What is wrong with how a run ended one of whose calls failed. */
function judge(one: Case, errno: string, outcome: Outcome, after: State, reference: Reference): string[] {
  const { target: { call }, scenario } = one;
  const answers = answersTo(call, errno);
  const { status, stderr } = outcome;
  const lines = stderr.split("\n").filter((line) => line !== "");
  if (status === 0) {
    const differences = compare(after, reference.done);
    return [
      ...differences.length > 0 ? [`exit status 0, and the work is not done: ${differences.join(", ")}`] : [],
      ...answers.includes("done") ? [] : ["exit status 0, and no rule says that the work can be done all the same"],
      ...lines.every((line) => line.startsWith("warning: ")) ? [] : [`exit status 0, and it says ${shown(outcome)}`],
    ];
  }
  const words = answers.flatMap((answer) => answer === "done" ? [] : "said" in answer ? answer.said : answer.badUse);
  if (words.length === 0) words.push(new RegExp(`\\b${pageOf(call)}\\b`));
  const wanted = answers.some((answer) => typeof answer === "object" && "badUse" in answer) ? 2 : 1;
  // A report that cannot be written does not undo what it reports.
  const isReport = call.name === "write" && call.args.startsWith("1<");
  const differences = scenario.atomic && !isReport ? compare(after, reference.before) : [];
  return [
    ...status === wanted ? [] : [`exit status ${status}, expected ${wanted}`],
    ...lines.some((line) => words.some((one) => one.test(line)))
      ? []
      : [`nothing in its words fits ${words.join(" or ")}: ${shown(outcome)}`],
    ...lines.every((line) => /^(error: |To take back what was done: )/.test(line))
      ? []
      : [`a line of it is no error: ${shown(outcome)}`],
    ...scenario.atomic && scenario.args[0] !== "apply" && lines.length > 1
      ? [`more than one line: ${shown(outcome)}`]
      : [],
    ...differences.length > 0 ? [`it is not as before: ${differences.join(", ")}`] : [],
  ];
}

/** Without what may be there once or not: the directories, and the shared mount of that of the names. */
function settled(state: State): State {
  const once = (lines: readonly string[], may: RegExp): string[] =>
    lines.filter((line, index) => !may.test(line) || lines.slice(0, index).some((other) => may.test(other)));
  const files = state.files.filter((line) => !/^d \/run\/netns(-apply)?$/.test(line));
  return { ...state, files, mounts: once(state.mounts, / at \/run\/netns( shared)?$/) };
}

/** What one state has and the other has not. */
function compare(found: State, wanted: State): string[] {
  return (Object.keys(wanted) as (keyof State)[]).flatMap((part) => {
    const [has, should] = [[...found[part]], [...wanted[part]]];
    for (const line of found[part]) if (should.includes(line)) should.splice(should.indexOf(line), 1);
    for (const line of wanted[part]) if (has.includes(line)) has.splice(has.indexOf(line), 1);
    return [...has.map((line) => `+ ${part}: ${line}`), ...should.map((line) => `- ${part}: ${line}`)];
  });
}

/** What became other of what is somebody else's. */
function foreignDifferences(found: State, before: State): string[] {
  const foreign = ({ namespaces }: State): string =>
    JSON.stringify(namespaces.filter((line) => line.startsWith(FOREIGN)));
  const [has, had] = [foreign(found), foreign(before)];
  return has === had ? [] : [`somebody else's was changed: ${had} became ${has}`];
}

const shown = ({ status, signal, stderr }: Outcome): string => `${signal ?? status}: ${stderr.trim()}`;

function mustSucceed(outcome: Outcome): void {
  if (outcome.status !== 0) throw new Error(`the reference failed: ${shown(outcome)}`);
}
