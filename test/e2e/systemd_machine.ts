/** A real systemd, as the first process of namespaces of its own, with an empty `/run` and the units that a test writes. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import process from "node:process";
import { eventually } from "./following.ts";
import { BUILT, type Outcome } from "./support.ts";

/** Mounts what systemd needs, and becomes it. See systemd(1), on containers. */
const PREPARE = `set -e
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then mount -t cgroup2 c /sys/fs/cgroup
else mount -t tmpfs c /sys/fs/cgroup; mkdir /sys/fs/cgroup/systemd; mount -t cgroup -o none,name=systemd c /sys/fs/cgroup/systemd
fi
mount -t tmpfs t /run; mkdir -p /run/lock /run/netns /run/systemd/system
cp -a /etc /run/etc; mount --bind /run/etc /etc
mount -t tmpfs t /usr/local/sbin; ln -s "$1" /usr/local/sbin/netns; ln -s "$(which node)" /usr/local/sbin/node
ip link set lo up
printf '[Unit]\\nDefaultDependencies=no\\n' >/run/systemd/system/rest.target
exec env -i container=netns-tests PATH="$PATH" /lib/systemd/systemd --system --unit=rest.target --log-target=console`;
const NAMESPACES = ["--mount", "--propagation", "private", "--net", "--pid", "--cgroup", "--mount-proc"];

/** The machine. */
export class SystemdMachine implements AsyncDisposable {
  readonly #holder: ChildProcess;
  readonly #log: () => string;
  #init = 0;

  private constructor(holder: ChildProcess, log: () => string) {
    this.#holder = holder;
    this.#log = log;
  }

  /** Starts systemd, and waits until it answers. Needs root. */
  static async open(): Promise<SystemdMachine> {
    const args = [...NAMESPACES, "--fork", "--kill-child", "sh", "-c", PREPARE, "sh", BUILT];
    const holder = spawn("unshare", args, { stdio: ["ignore", "pipe", "pipe"] });
    let log = "";
    for (const stream of [holder.stdout, holder.stderr]) stream?.on("data", (data) => log += data);
    const machine = new SystemdMachine(holder, () => log);
    try {
      await eventually(() => machine.#isUp(), () => log);
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
    return machine;
  }

  /** Runs a program there to its end. */
  run(...words: readonly string[]): Outcome {
    const [command = "", ...args] = this.#enter(words);
    const { status, signal, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 120_000 });
    return { status, signal, stdout, stderr };
  }

  /** Runs a program there that must succeed, and gives its standard output without the line's end. */
  output(...words: readonly string[]): string {
    const { status, stdout, stderr } = this.run(...words);
    if (status !== 0) throw new Error(`${words.join(" ")}: ${status}: ${stdout}${stderr}\n${this.#log()}`);
    return stdout.trimEnd();
  }

  /** Writes a file there. */
  write(path: string, text: string): void {
    const [command = "", ...args] = this.#enter(["sh", "-c", 'mkdir -p "$(dirname "$1")"; cat >"$1"', "sh", path]);
    const { status, stderr } = spawnSync(command, args, { encoding: "utf8", input: text });
    if (status !== 0) throw new Error(`${path}: ${stderr}`);
  }

  /** A property of a unit, as `systemctl show` prints it. */
  property(unit: string, name: string): string {
    return this.output("systemctl", "show", "--property", name, "--value", unit);
  }

  /** Ends all that runs there. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#holder, "exit");
    if (this.#holder.exitCode === null) {
      process.kill(this.#holder.pid ?? 0, "SIGKILL");
      await ended;
    }
  }

  #enter(words: readonly string[]): readonly string[] {
    return ["nsenter", "-t", `${this.#init}`, "-m", "-n", "-p", "-C", "--", ...words];
  }

  #isUp(): boolean {
    const { pid } = this.#holder;
    try {
      this.#init = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
      return this.#init > 0 && readFileSync(`/proc/${this.#init}/comm`, "utf8") === "systemd\n" &&
        this.run("systemctl", "is-active", "rest.target").status === 0;
    } catch {
      return false; // it is not there yet
    }
  }
}
