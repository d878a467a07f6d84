/** The process outside, which stays while the command runs: its sockets and its way out are here. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import type { Duplex } from "node:stream";
import { close, readText } from "../../../ffi/mod.ts";
import { listeningDescriptor } from "../../netns/sockets/listen.ts";
import { CommandEndedError, InterruptedError } from "../errors.ts";
import { netnsAgain } from "./command_again.ts";
import type { Port } from "./port.ts";
import { HANDSHAKE } from "./handshake.ts";
import { findUplink, type Helper } from "./uplink.ts";

/**
 * Runs the command line, hands connections in, and ends as the command does.
 *
 * @throws {CommandEndedError} Its status is not 0. {@linkcode InterruptedError}: a signal ended it.
 * @throws {Error} A port is taken, or there is no way out.
 */
export async function supervise(
  [command, args]: readonly [string, readonly string[]],
  ports: readonly Port[],
  hasUplink: boolean,
): Promise<void> {
  const uplink = hasUplink ? findUplink() : undefined; // which throws before anything runs
  const sockets = listening(ports);
  const helpers: Helper[] = [];
  let child: ChildProcess | undefined;
  let endedBy: NodeJS.Signals | null = null;
  try {
    child = spawn(command, args, { stdio: ["inherit", "inherit", "inherit", "pipe"] });
    using _signals = forwarding(child);
    const ended = once(child, "exit");
    const control = child.stdio[HANDSHAKE] as Duplex;
    control.on("error", () => undefined);
    const isReady = await Promise.race([once(control, "data").then(() => true), ended.then(() => false)]);
    if (isReady && child.pid !== undefined) {
      if (uplink !== undefined) helpers.push(uplink(child.pid));
      if (ports.length > 0) helpers.push(await startRelay(child.pid, ports, sockets));
      control.write("g");
    }
    const [status, signal] = await endOf(child, ended, helpers);
    endedBy = signal;
    if (status !== null && status !== 0) throw new CommandEndedError(status);
  } finally {
    child?.kill("SIGKILL"); // which still runs only after a failure
    for (const fd of sockets) close(fd);
    for (const helper of helpers) helper.end();
    await Promise.allSettled(helpers.map(({ failed }) => failed));
  }
  if (endedBy !== null) endBy(endedBy);
}

type End = readonly [status: number | null, signal: NodeJS.Signals | null];

/** How the command ended; if a helper ends before it, so does the command. */
async function endOf(child: ChildProcess, ended: Promise<unknown>, helpers: readonly Helper[]): Promise<End> {
  await Promise.race([ended, ...helpers.map(({ failed }) => failed)]);
  return [child.exitCode, child.signalCode];
}

function listening(ports: readonly Port[]): number[] {
  const sockets: number[] = [];
  try {
    for (const { outside } of ports) sockets.push(listeningDescriptor("127.0.0.1", outside));
    return sockets;
  } catch (error) {
    for (const fd of sockets) close(fd);
    throw error;
  }
}

/** Starts the relay inside; its sockets listen outside. */
async function startRelay(pid: number, ports: readonly Port[], sockets: readonly number[]): Promise<Helper> {
  const enter = ["--target", `${pid}`, "--user", "--preserve-credentials", "--net", "--mount", "--"];
  const words = ports.flatMap(({ text }) => ["--relay", text]);
  const child = spawn("nsenter", [...enter, ...netnsAgain(["rootless", ...words])], {
    stdio: ["pipe", "pipe", "inherit", ...sockets],
    detached: true, // Ctrl-C is the command's
  });
  child.stdin?.on("error", () => undefined);
  const failed = once(child, "exit").then(() => {
    throw new Error("The relay of the ports has ended");
  });
  failed.catch(() => undefined);
  if (child.stdout !== null) await Promise.race([once(child.stdout, "data"), failed]);
  return { end: () => void child.kill("SIGKILL"), failed };
}

const FORWARDED = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGINT", "SIGQUIT"] as const;
/** Those that a terminal sends to all its foreground processes. */
const OF_TERMINAL: ReadonlySet<string> = new Set(["SIGINT", "SIGQUIT"]);

/** Hands signals on to the command, until disposed. */
function forwarding(child: ChildProcess): Disposable {
  const handlers = FORWARDED.map((signal) => {
    const handler = (): void => {
      if (!OF_TERMINAL.has(signal) || !isInForeground()) child.kill(signal);
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  return {
    [Symbol.dispose]: () => {
      for (const [signal, handler] of handlers) process.off(signal, handler);
    },
  };
}

/** True if the terminal of this process sends its signals to the command too. See proc_pid_stat(5). */
function isInForeground(): boolean {
  const fields = readText("/proc/self/stat").replace(/^.*\) /, "").split(" ");
  const [, , group, , , foreground] = fields;
  return group === foreground;
}

/** Ends this process as the command ended: by the same signal. */
function endBy(signal: NodeJS.Signals): never {
  process.kill(process.pid, signal);
  throw new InterruptedError(signal); // which it ignores
}
