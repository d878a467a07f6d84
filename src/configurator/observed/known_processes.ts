/** The processes that a description names by their numbers: the kernel gives a number to another one when its process ends. */
import { readText } from "../../../ffi/mod.ts";
import { isErrno } from "../../errors.ts";
import type { Namespace } from "../../namespace.ts";

/** When a process started, in ticks since the machine did; undefined if there is none, or it is hidden: proc(5), hidepid. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readText(`/proc/${pid}/stat`);
    // The name, in parentheses, may have blanks and parentheses; the start is the 22nd field: proc_pid_stat(5).
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH", "EACCES", "EPERM")) return undefined;
    throw error;
  }
}

/** The process whose namespace a reference names. */
function pidOf(ns: Namespace | undefined): number | undefined {
  if (ns?.type === "pid") return ns.pid === 0 ? undefined : ns.pid;
  const [, pid] = ns?.type === "file" ? /^\/proc\/(\d+)\//.exec(ns.path) ?? [] : [];
  return pid === undefined ? undefined : Number(pid);
}

/** The processes that an agent has found under the numbers of its configuration, each by its start. */
export class KnownProcesses {
  readonly #starts = new Map<number, string>();
  readonly #startOf: typeof startOf;

  /** Knows none yet. */
  constructor(start: typeof startOf = startOf) {
    this.#startOf = start;
  }

  /**
   * Why a namespace is not used that was just opened: its number is that of another process than when it was first asked
   * for. A process that is there after the namespace was opened had the number before, too.
   */
  refusal(ns: Namespace | undefined): string | undefined {
    const pid = pidOf(ns);
    const start = pid === undefined ? undefined : this.#startOf(pid);
    if (pid === undefined || start === undefined) return undefined;
    const known = this.#starts.get(pid) ?? start;
    this.#starts.set(pid, known);
    return known === start
      ? undefined
      : `PID ${pid} is another process now; the one that had it has ended. Start the agent again if this one is meant`;
  }
}
