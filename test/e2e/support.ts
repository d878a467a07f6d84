/**
 * Runs the command where it leaves no trace: in a network, mounts and names of its own, whose state is read through
 * `ip` and the kernel's own files, not through the library.
 */
import { assertEquals } from "@std/assert";
import { type ChildProcess, spawn, spawnSync, type SpawnSyncReturns } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";

// The command that tests start leaves no compiled code on the machine. See src/cli/code_cache.ts.
process.env["NODE_DISABLE_COMPILE_CACHE"] ??= "1";

/** The directory of the repository. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** One of the two forms of the `netns` command. */
export interface Form {
  readonly name: "Node" | "Deno";
  readonly command: readonly string[];
}

/** The command as it is built for Node. */
export const BUILT: string = `${root}dist/cli.cjs`;
const BIN = `${root}src/cli/bin.ts`;

/** What a suite needs besides the kernel; why it is skipped, where that is missing. */
function obstacle(): string | undefined {
  if (process.geteuid?.() !== 0) return "this needs root";
  const missing = ["ip", "nsenter", "unshare", "setpriv", "ping"].find((tool) => (
    spawnSync(tool, ["-V"], { stdio: "ignore" }).error !== undefined
  ));
  return missing === undefined ? undefined : `${missing} is not installed`;
}

/** Whether each test is tried in every form, and with every container runtime: with WHOLE=1 in the environment. */
export const WHOLE: boolean = process.env["WHOLE"] === "1";

/**
 * A suite for each form of the command. What cannot run is skipped with a notice; in CI it runs nevertheless, and
 * fails. Where the forms differ little, `sample` is the one that is tried unless {@linkcode WHOLE}.
 */
export function describeForms(
  title: string,
  body: (command: readonly string[], form: Form["name"]) => void,
  sample?: Form["name"],
): void {
  const has = (form: Form["name"]): boolean => WHOLE || sample === undefined || sample === form;
  if (has("Node")) describeBuilt(title, body);
  if (!has("Deno")) return;
  // With the packages that npm has brought: on a new machine Deno would fetch its own, and say so.
  const command = [process.execPath, "run", "-A", "--node-modules-dir=manual", BIN];
  describeForm(title, { name: "Deno", command }, obstacle(), body);
}

/** A suite for the command as it is built for Node. */
export function describeBuilt(title: string, body: (command: readonly string[], form: Form["name"]) => void): void {
  const reason = obstacle() ?? (existsSync(BUILT) ? undefined : "dist/cli.cjs is missing; `npm run build` makes it");
  describeForm(title, { name: "Node", command: ["node", BUILT] }, reason, body);
}

function describeForm(
  title: string,
  { name, command }: Form,
  reason: string | undefined,
  body: (command: readonly string[], form: Form["name"]) => void,
): void {
  const skip = reason !== undefined && process.env["CI"] !== "true";
  if (skip) console.warn(`notice: ${title} (${name}) is skipped: ${reason}`);
  describe(`${title} (${name})`, { skip }, () => body(command, name));
}

/** A folder in which a program for Node finds the built package; it is removed at the end of the block. */
export function nodeFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "netns-e2e-node-"));
  const target = join(path, "node_modules/@netns/netns");
  mkdirSync(target, { recursive: true });
  for (const name of ["package.json", "dist"]) symlinkSync(join(root, name), join(target, name));
  for (const name of ["koffi", "@koromix"]) {
    symlinkSync(join(root, "node_modules", name), join(path, "node_modules", name));
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** What makes the command behind it run without privileges. */
export function unprivileged(form: Form["name"]): string[] {
  return form === "Node"
    // Another user; one who may read all files, so that the command can be loaded wherever it lies.
    ? ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
      .concat("--inh-caps", "+dac_override", "--ambient-caps", "+dac_override")
    // Root without the capabilities, as in a container: Deno finds its cache for no other user.
    : ["setpriv", "--bounding-set", "-sys_admin,-net_admin", "--inh-caps", "-all"];
}

/** What a finished program left. */
export interface Outcome {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@linkcode Sandbox.run}. */
export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Namespaces of network and mounts in which nothing of the machine's can be touched, with an empty `/run` and a copy
 * of `/etc`. A process holds them; when it ends, all that was made in them goes.
 */
export class Sandbox implements AsyncDisposable {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  /** Makes one. Needs root. */
  static async open(): Promise<Sandbox> {
    const prepare = [
      "umount -Rl /run/netns 2>/dev/null || true", // a copy of what the machine has
      "mount -t tmpfs netns-e2e /run", // names, and what was last applied
      "cp -a /etc /run/etc && mount --bind /run/etc /etc", // the files of /etc/netns
      "echo ready",
      "read line", // until its standard input ends, at the latest with this process
    ].join("; ");
    const holder = spawn("unshare", ["--mount", "--net", "sh", "-ec", prepare], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [said] = await Promise.race([once(holder.stdout, "data"), once(holder, "exit")]);
    if (!String(said).startsWith("ready")) throw new Error("no sandbox: this needs root, unshare and nsenter");
    return new Sandbox(holder);
  }

  /** The command line that runs `words` in the sandbox; the program keeps the process id of nsenter. */
  enter(words: readonly string[]): [string, string[]] {
    return ["nsenter", ["-t", `${this.#holder.pid}`, "-m", "-n", "--", ...words]];
  }

  /** Runs a program in the sandbox to its end. */
  run(words: readonly string[], options: RunOptions = {}): Outcome {
    const [command, args] = this.enter(words);
    const result: SpawnSyncReturns<string> = spawnSync(command, args, {
      encoding: "utf8",
      timeout: 60_000,
      input: options.input ?? "",
      env: { ...process.env, NO_COLOR: "1", ...options.env },
    });
    if (result.error !== undefined) throw result.error;
    return { status: result.status, signal: result.signal, stdout: result.stdout, stderr: result.stderr };
  }

  /**
   * Runs a program on a terminal of its own, which has `columns`: a real one, in cooked mode, whose output comes back
   * with its line ends. See pty(7), script(1).
   */
  onTerminal(words: readonly string[], columns: number, options: RunOptions = {}): Outcome {
    const command = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    const env = { NO_COLOR: "", TERM: "xterm", ...options.env };
    return this.run(["script", "-qec", `stty cols ${columns} rows 24 && exec ${command}`, "/dev/null"], {
      ...options,
      env,
    });
  }

  /** Runs a program that must succeed, and gives its standard output. */
  output(...words: string[]): string {
    const { status, stdout, stderr } = this.run(words);
    if (status !== 0) throw new Error(`${words.join(" ")}: ${status}: ${stderr}`);
    return stdout;
  }

  /** What `ip -j …` says. */
  ip<T>(...args: string[]): T {
    const text = this.output("ip", "-j", ...args);
    return JSON.parse(text.trim() === "" ? "[]" : text) as T;
  }

  /** The names that `ip netns list` knows, sorted. */
  names(): string[] {
    return this.ip<{ name: string }[]>("netns", "list").map(({ name }) => name).sort();
  }

  /**
   * What must be the same after as before: names, files in the directory of names, links, and mounts. The shared
   * mount of the directory itself stays, as `ip netns` leaves it too; call this only after it was made.
   */
  traces(): unknown {
    return {
      names: this.names(),
      files: this.output("find", "/run", "-path", "/run/etc", "-prune", "-o", "-print").split("\n").sort(),
      links: this.ip<{ ifname: string; operstate: string }[]>("link").map((
        { ifname, operstate },
      ) => [ifname, operstate]),
      // where the command works; elsewhere the machine may change meanwhile
      mounts: this.output("cat", "/proc/self/mountinfo").split("\n").filter((line) => / \/(run|etc|sys)\b/.test(line)),
    };
  }

  /** Ends the sandbox; what is in it must be what {@linkcode Sandbox.traces} gave before. */
  async closeAs(before: unknown): Promise<void> {
    try {
      assertEquals(this.traces(), before);
    } finally {
      await this[Symbol.asyncDispose]();
    }
  }

  /** Ends what holds the sandbox. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#holder, "exit");
    this.#holder.stdin?.end();
    await ended;
  }
}
