/** Reads what `strace -f -y` writes, and finds the arguments with which it makes one certain call fail. */

/** A system call, as `strace` saw it. */
export interface Call {
  /** The thread that made it. */
  readonly thread: number;
  /** Its name in the kernel: `"openat"`. */
  readonly name: string;
  /** Everything between the parentheses. */
  readonly args: string;
  /** What it is about: the paths in its arguments, or that of the descriptor it is given. */
  readonly paths: readonly string[];
  /** What stands behind `=`. */
  readonly result: string;
  /** True if `strace` made it fail. */
  readonly injected: boolean;
}

/** The calls whose first text is not a path but what is sent or read. */
const WITH_DATA: ReadonlySet<string> = new Set(["read", "write", "pwrite64", "sendto", "recvfrom", "setsockopt"]);

/** What the library calls a call by, where that is not the kernel's name. */
const PAGES: Readonly<Record<string, string>> = { openat: "open", sendto: "send", pwrite64: "write" };

/** The name of a call's man page, which is how errors name it. */
export function pageOf({ name }: Pick<Call, "name">): string {
  return PAGES[name] ?? name;
}

/** The calls of a log, in the order in which they began. */
export function parseLog(log: string): Call[] {
  const calls: Call[] = [];
  const begun = new Map<string, number>();
  for (const line of log.split("\n")) {
    const [, thread = "", rest = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/.exec(rest);
    const index = begun.get(thread);
    if (resumed !== null && index !== undefined) {
      const half = calls[index];
      begun.delete(thread);
      if (half !== undefined) calls[index] = callOf(half.thread, half.name, half.args + resumed[2]);
      continue;
    }
    const [, name, text] = /^(\w+)\((.*)$/.exec(rest) ?? [];
    if (name === undefined || text === undefined) continue;
    const unfinished = text.endsWith(" <unfinished ...>");
    if (unfinished) begun.set(thread, calls.length);
    calls.push(callOf(Number(thread), name, unfinished ? text.slice(0, -" <unfinished ...>".length) : text));
  }
  return calls;
}

function callOf(thread: number, name: string, text: string): Call {
  const [, args = text, result = "?"] = /^(.*)\)\s+= (.*)$/.exec(text) ?? [];
  const texts = WITH_DATA.has(name) ? [] : [...args.matchAll(/"([^"]*)"/g)].map(([, path = ""]) => path);
  const named = texts.filter((path) => path !== "");
  const [, descriptor] = /^\d+<([^>]*)>/.exec(args) ?? [];
  const paths = named.length > 0 ? named : descriptor === undefined ? [] : [descriptor];
  return { thread, name, args, paths, result, injected: result.includes("(INJECTED)") };
}

/** What a call is and what it is about, without the numbers that differ from run to run. */
export function roleOf({ name, paths }: Call): string {
  return [name, ...paths.map((path) => path.replace(/\d+/g, "#"))].join(" ");
}

/** One call of a run that can be made again: the `number`-th of its role, by whatever thread. */
export interface Target {
  readonly call: Call;
  readonly number: number;
  /** How to have `strace` count up to it; the first that hits it is good. */
  readonly aims: readonly Aim[];
}

/** How `strace` selects the call. */
export interface Aim {
  /** Only calls about these paths are looked at; all if there are none. */
  readonly paths: readonly string[];
  /** The `when` of the injection: `strace` counts in each thread by itself. */
  readonly when: number;
}

/** The calls of a reference run for which `isOurs` holds, as targets. */
export function targetsOf(calls: readonly Call[], isOurs: (call: Call) => boolean): Target[] {
  return calls.flatMap((call, index): Target[] => {
    if (!isOurs(call)) return [];
    const before = calls.slice(0, index);
    const sameThread = before.filter(({ thread, name }) => thread === call.thread && name === call.name);
    const paths = [...new Set(call.paths.flatMap(spellings))];
    const about = sameThread.filter((one) => one.paths.some((path) => paths.includes(path)));
    const byPath = paths.length > 0 && paths.every(isStable);
    return [{
      call,
      number: before.filter((one) => roleOf(one) === roleOf(call)).length,
      aims: [
        ...byPath ? [{ paths, when: about.length + 1 }] : [],
        { paths: [], when: sameThread.length + 1 },
      ],
    }];
  });
}

/** The process ids of a run start above this, if the last that was given is set to it beforehand. */
export const LAST_PID = 4000;
/** Of the processes of `strace` and the command. */
const PIDS = Array.from({ length: 12 }, (_, i) => LAST_PID + 1 + i);

/** All ways to say a path: what is below `/run` is said in two, and process ids differ a little from run to run. */
function spellings(path: string): string[] {
  const pid = PIDS.find((one) => path.split(/[/.]/).includes(`${one}`));
  if (pid !== undefined) return PIDS.map((one) => path.replace(`${pid}`, `${one}`));
  const short = path.replace(/^\/var\/run\//, "/run/");
  return short.startsWith("/run/") ? [short, `/var${short}`] : [short];
}

/** False for what is another path the next time: a socket, what was unmounted. */
function isStable(path: string): boolean {
  return path.startsWith("/") && path !== "/";
}

/** What is done to a call: it fails, or the process is killed right before it. */
export type Fault = { readonly errno: string } | "kill";

/** The command line that runs `words` under `strace` and does `fault` to a call. */
export function injection(call: Call, aim: Aim, fault: Fault, log: string, words: readonly string[]): string[] {
  const what = fault === "kill" ? "signal=SIGKILL" : `error=${fault.errno}`;
  return [
    ...["strace", "-f", "-y", "-o", log, "-e", "quiet=attach,exit,path-resolution", "-e", `trace=${call.name}`],
    // Without the filter the others of the thousands of calls that a runtime makes would stop it, too. A signal is
    // only sent where every call stops.
    ...fault === "kill" ? [] : ["--seccomp-bpf"],
    ...aim.paths.flatMap((path) => ["-P", path]),
    ...["-e", `inject=${call.name}:${what}:when=${aim.when}`, "--"],
    ...words,
  ];
}

/** True if the log of an {@linkcode injection} says that it was done to the target, and to nothing else. */
export function isHit(log: string, { call, number }: Target, fault: Fault): boolean {
  const calls = parseLog(log);
  const isOne = (one: Call): boolean =>
    fault === "kill" ? one.result.startsWith("?") && one.name === call.name : one.injected;
  const hits = calls.flatMap((one, index) => isOne(one) ? [index] : []);
  // Another thread may be in the middle of such a call when it is killed with the rest.
  const role = roleOf(call);
  const index = hits.find((hit) => calls[hit] !== undefined && roleOf(calls[hit]) === role);
  if (index === undefined || (fault !== "kill" && hits.length > 1)) return false;
  return calls.slice(0, index).filter((one) => roleOf(one) === role).length === number;
}
