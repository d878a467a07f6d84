/**
 * A real Docker and a real Podman: started on sockets of their own, with all they keep in a directory of
 * their own, an image made of busybox, and no registry. See dockerd(8), podman-system-service(1).
 */
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { rmdirSync, symlinkSync } from "node:fs";
import { get, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

const IMAGE = "test-busybox";
/** The programs that the image has. */
const PROGRAMS = ["sh", "sleep", "ip", "ping", "true"];

/** How the two differ. */
export interface Kind {
  readonly name: "Docker" | "Podman";
  readonly needs: readonly string[];
  /** The service. */
  readonly serve: (dir: string, socket: string, cgroup: string) => readonly string[];
  /** The client, to be followed by a command. */
  readonly client: (dir: string, socket: string) => readonly string[];
  /** Options of every container. */
  readonly container: (cgroup: string) => readonly string[];
  readonly image: string;
}

const podman = (dir: string): string[] => [
  ...["podman", "--root", join(dir, "root"), "--runroot", join(dir, "run"), "--tmpdir", join(dir, "tmp")],
  ...["--cgroup-manager", "cgroupfs", "--events-backend", "file", "--runtime", "runc", "--storage-driver", "vfs"],
];

/** Docker. */
export const DOCKER: Kind = {
  name: "Docker",
  needs: ["dockerd", "docker", "runc", "busybox"],
  serve: (dir, socket, cgroup) => [
    ...[
      "dockerd",
      "--iptables=false",
      "--ip6tables=false",
      "--bridge=none",
      "--storage-driver=vfs",
      "--live-restore",
    ],
    ...["--data-root", join(dir, "root"), "--exec-root", join(dir, "exec"), "--pidfile", join(dir, "pid")],
    ...["--cgroup-parent", `/${cgroup}`, "-H", `unix://${socket}`],
  ],
  client: (_dir, socket) => ["docker", "-H", `unix://${socket}`],
  container: () => [],
  image: IMAGE,
};

/** Podman. */
export const PODMAN: Kind = {
  name: "Podman",
  needs: ["podman", "runc", "busybox"],
  serve: (dir, socket) => [...podman(dir), "system", "service", "-t", "0", `unix://${socket}`],
  client: podman,
  container: (cgroup) => [
    ...["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"],
    ...["--cgroup-parent", `/${cgroup}`],
  ],
  image: `localhost/${IMAGE}`,
};

/** What the services make outside of their directories, wherever these are: empty directories, and a file of locks. */
const OUTSIDE = ["/run/docker/plugins", "/run/docker", "/dev/shm/libpod_lock"];

/** A container runtime that a test started. */
export class Service implements AsyncDisposable {
  readonly name: Kind["name"];
  /** The path of its socket. */
  readonly socket: string;
  readonly #kind: Kind;
  readonly #dir: string;
  readonly #cgroup: string;
  /** What of that was not there before. */
  readonly #outside = OUTSIDE.filter((path) => !existsSync(path));
  #process: ChildProcess | undefined;

  private constructor(kind: Kind) {
    this.#kind = kind;
    this.name = kind.name;
    this.#dir = mkdtempSync(join(tmpdir(), "netns-e2e-"));
    this.#cgroup = `netns-e2e-${crypto.randomUUID().slice(0, 8)}`;
    this.socket = join(this.#dir, "sock");
  }

  /** Starts one, with the image; `options` are further words for the service. */
  static async open(kind: Kind, options: readonly string[] = []): Promise<Service> {
    const service = new Service(kind);
    try {
      await service.start(options);
      await service.#import();
    } catch (error) {
      const log = readFileSync(join(service.#dir, "log"), "utf8");
      await service[Symbol.asyncDispose]();
      throw new Error(`${kind.name} cannot be started:\n${log}`, { cause: error });
    }
    return service;
  }

  /** Starts the service, and waits until it answers; `options` are further words for it. */
  async start(options: readonly string[] = []): Promise<void> {
    const [command = "", ...args] = this.#kind.serve(this.#dir, this.socket, this.#cgroup);
    const log = openSync(join(this.#dir, "log"), "a");
    this.#process = spawn(command, [...args, ...options], { stdio: ["ignore", log, log] });
    closeSync(log);
    for (let i = 0; !await answers(this.socket); i++) {
      if (i === 200 || this.#process.exitCode !== null) throw new Error(`${this.name} does not answer`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Ends the service; its containers go on. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
    // A daemon that was killed takes its containerd along; where nobody reaps that, the next one would wait for it.
    if (signal === "SIGKILL") rmSync(join(this.#dir, "exec", "containerd", "containerd.pid"), { force: true });
  }

  /** Runs a command of the client, and gives what it prints. */
  async cli(...args: readonly string[]): Promise<string> {
    const [command = "", ...before] = this.#kind.client(this.#dir, this.socket);
    const { stdout } = await promisify(execFile)(command, [...before, ...args], { encoding: "utf8", timeout: 60_000 });
    return stdout.trim();
  }

  /** Starts a container without a network, and gives its id. */
  async run(
    env: Readonly<Record<string, string>>,
    options: readonly string[] = [],
    ...command: readonly string[]
  ): Promise<string> {
    return await this.#make(["run", "-d"], env, options, command);
  }

  /** Makes a container without a network that is not started, and gives its id. */
  async create(
    env: Readonly<Record<string, string>>,
    options: readonly string[] = [],
    ...command: readonly string[]
  ): Promise<string> {
    return await this.#make(["create"], env, options, command);
  }

  /** Asks the API itself, which takes less time than a command, and gives the answer as text. */
  api(method: "GET" | "POST", path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.socket, method, path, agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (piece) => text += piece).on("end", () => {
          if ((response.statusCode ?? 500) < 300) resolve(text);
          else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
        });
      });
      asked.on("error", reject).end();
    });
  }

  /** Takes containers away, running or not, in this order: one that uses another's network first. */
  async remove(...ids: readonly string[]): Promise<void> {
    const options = ["-f", "-v", ...this.name === "Podman" ? ["-t", "0"] : []];
    for (const id of ids) await this.cli("rm", ...options, id);
  }

  /** The process id of a running container, from the client. */
  async pid(id: string): Promise<number> {
    return Number(await this.cli("inspect", "-f", "{{.State.Pid}}", id));
  }

  /** Ends everything, and takes it away. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#process?.exitCode === null) {
        // The newest first: one may use the network of an older one.
        await this.remove(...(await this.cli("ps", "-aq")).split(/\s+/).filter((id) => id !== "")).catch(console.warn);
      }
    } finally {
      await this.stop();
      endProcessesOf(this.#dir);
      const left = readFileSync("/proc/self/mountinfo", "utf8").split("\n").map((line) => line.split(" ")[4] ?? "");
      for (const path of left.filter((one) => one.startsWith(`${this.#dir}/`)).reverse()) {
        spawnSync("umount", ["-l", path]);
      }
      for (let i = 0; i < 40 && !removeCgroups(this.#cgroup); i++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      for (const path of this.#outside) removeEmpty(path);
      rmSync(this.#dir, { recursive: true, force: true });
    }
  }

  async #make(
    how: readonly string[],
    env: Readonly<Record<string, string>>,
    options: readonly string[],
    command: readonly string[],
  ): Promise<string> {
    const what = command.length === 0 ? ["/bin/sleep", "600"] : command;
    const network = options.includes("--network") ? [] : ["--network", "none"];
    const variables = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    const own = this.#kind.container(this.#cgroup);
    return await this.cli(...how, ...network, ...own, ...variables, ...options, this.#kind.image, ...what);
  }

  /** An image with one program, which is many. */
  async #import(): Promise<void> {
    const bin = join(this.#dir, "image", "bin");
    mkdirSync(bin, { recursive: true });
    const busybox = spawnSync("sh", ["-c", "command -v busybox"], { encoding: "utf8" }).stdout.trim();
    spawnSync("cp", [busybox, join(bin, "busybox")]);
    for (const program of PROGRAMS) symlinkSync("busybox", join(bin, program));
    const tar = join(this.#dir, "image.tar");
    spawnSync("tar", ["-C", join(this.#dir, "image"), "-cf", tar, "."]);
    await this.cli("import", tar, IMAGE);
  }
}

/** Whether somebody answers on a socket. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    get({ socketPath, path: "/_ping", agent: false }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode === 200));
    }).on("error", () => resolve(false));
  });
}

/** Removes a file, or a directory in which is nothing of anybody else's. */
function removeEmpty(path: string): void {
  try {
    if (path.startsWith("/dev/shm/")) rmSync(path, { force: true });
    else rmdirSync(path);
  } catch {
    // it is not there, or somebody else uses it by now
  }
}

/** Ends what was started for a service and outlived it: the shims and monitors of containers name its directory. */
function endProcessesOf(dir: string): void {
  for (const pid of readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(`${dir}/`)) continue;
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ");
      for (const one of [pid, ...children].filter((text) => text !== "")) process.kill(Number(one), "SIGKILL");
    } catch {
      // it has ended
    }
  }
}

/**
 * Removes the directories that a runtime made for its containers in each hierarchy. The kernel lets only empty ones go:
 * false if a process is still ending in one of them.
 */
function removeCgroups(name: string): boolean {
  const base = "/sys/fs/cgroup";
  if (!existsSync(base)) return true;
  const remove = (dir: string): void => {
    if (!existsSync(dir)) return;
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      if (entry.isDirectory()) remove(join(dir, entry.name));
    }
    rmdirSync(dir);
  };
  try {
    for (const dir of [base, ...readdirSync(base).map((one) => join(base, one))]) remove(join(dir, name));
    return true;
  } catch {
    return false;
  }
}

/** What keeps a kind from running here; undefined if nothing does. */
export function obstacle({ needs }: Kind): string | undefined {
  if (process.geteuid?.() !== 0) return "this needs root";
  const missing = [...needs, "tar"].find((tool) => spawnSync(tool, ["--help"], { stdio: "ignore" }).error);
  return missing === undefined ? undefined : `${missing} is not installed`;
}
