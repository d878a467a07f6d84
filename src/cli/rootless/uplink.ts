/** The way out of `netns rootless --uplink`: a program that connects for the network inside. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { NAMESERVER } from "./handshake.ts";

/** A helper of `netns rootless`. It also ends with its standard input, when what writes that is killed. */
export interface Helper {
  /** Ends it. */
  end(): void;
  /** Rejects when it ends. */
  readonly failed: Promise<never>;
}

/** The programs that can be one, best first, and how each is started for the network of a process. */
const PROGRAMS: ReadonlyMap<string, (pid: string) => readonly string[]> = new Map([
  [
    "pasta",
    (pid) => ["--foreground", "--quiet", ...sameUser(), "--config-net", ...closed, "--dns-forward", NAMESERVER, pid],
  ],
  ["slirp4netns", (pid) => ["--configure", "--mtu=65520", "--disable-host-loopback", pid, "tap0"]],
]);

/** No port is led in or out. */
const closed = ["-t", "none", "-u", "none", "-T", "none", "-U", "none"] as const;

/** Root becomes nobody in pasta, who may not enter the namespaces that root made. */
const sameUser = (): readonly string[] => process.geteuid?.() === 0 ? ["--runas", "0"] : [];

/** Runs a program until its own standard input ends, also when who writes there is killed. */
const UNTIL_END = 'exec 3<&0; "$@" </dev/null 3<&- & pid=$!; { read -r _ <&3; kill "$pid" 2>&-; } & wait "$pid"';

/**
 * Finds the program, and gives what starts it for the network of a process.
 *
 * @throws {Error} None is installed.
 */
export function findUplink(): (pid: number) => Helper {
  const found = [...PROGRAMS].find(([name]) => spawnSync(name, ["--version"], { stdio: "ignore" }).error === undefined);
  if (found === undefined) {
    throw new Error("netns rootless --uplink needs pasta (of the package passt) or slirp4netns: install one of them");
  }
  const [name, args] = found;
  return (pid) => {
    const words = ["-c", UNTIL_END, "sh", name, ...args(`${pid}`)];
    const child = spawn("/bin/sh", words, { stdio: ["pipe", "ignore", "pipe"], detached: true });
    let said = "";
    child.stderr?.on("data", (data) => said = `${said}${data}`.slice(-1000));
    child.stdin?.on("error", () => undefined);
    const failed = once(child, "close").then(() => {
      throw new Error(`${name} gives no way out: ${said.trim().split("\n").slice(-2).join(": ")}`);
    });
    failed.catch(() => undefined);
    return { end: () => child.stdin?.destroy(), failed };
  };
}
