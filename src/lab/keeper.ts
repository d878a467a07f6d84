/** A process that outlives this one by a moment, and ends what it started. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Reads which processes there are: `+ 42`, `- 42`. When its input ends, as it does with the process that writes it, it kills
 * those that are left.
 */
const SCRIPT = `all=
while read -r sign pid; do
  case $sign in
    +) all="$all $pid" ;;
    *) rest=; for one in $all; do [ "$one" = "$pid" ] || rest="$rest $one"; done; all=$rest ;;
  esac
done
for one in $all; do kill -9 "$one"; done 2>/dev/null`;

/** Ends the processes of a lab with this process, also when that is killed. */
export class Keeper implements AsyncDisposable {
  #shell: ChildProcess | undefined;

  /**
   * Has a process that was just started end with this one, and with the lab.
   *
   * @param atEnd Has something done at the end of the lab, and gives what forgets it.
   */
  own(child: ChildProcess, atEnd: (end: () => Promise<void>) => () => void): void {
    this.#watch(child);
    const forget = atEnd(async () => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    });
    child.once("exit", forget).once("error", forget);
  }

  #watch(child: ChildProcess): void {
    const { pid } = child;
    if (pid === undefined) return; // it did not start
    const shell = this.#shell ??= startShell();
    shell.stdin?.write(`+ ${pid}\n`);
    child.once("exit", () => shell.stdin?.write(`- ${pid}\n`));
  }

  /** Ends the keeper, when no process is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    const shell = this.#shell;
    this.#shell = undefined;
    if (shell === undefined) return;
    const ended = shell.exitCode === null && shell.signalCode === null ? once(shell, "exit") : undefined;
    shell.ref();
    shell.stdin?.end();
    await ended;
  }
}

/** A group of its own: Ctrl-C, which ends this process, does not end it before. */
function startShell(): ChildProcess {
  const shell = spawn("/bin/sh", ["-c", SCRIPT], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  shell.on("error", () => undefined); // without a shell, only SIGKILL leaves processes behind
  shell.stdin?.on("error", () => undefined);
  shell.unref();
  if (shell.stdin !== null && "unref" in shell.stdin && typeof shell.stdin.unref === "function") shell.stdin.unref();
  return shell;
}
