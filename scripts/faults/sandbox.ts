/** Where a command can fail without harm: mounts, network and processes of its own, whose state the kernel and `ip` show. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";

/** How a program ended. */
export interface Outcome {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What is there, as lines by what they are about; two states are the same if their JSON is. */
export interface State {
  /** The mounts below `/run`, each with its propagation. */
  readonly mounts: readonly string[];
  /** The files below `/run`, each with its kind. */
  readonly files: readonly string[];
  /** What the state files of `apply` hold. */
  readonly memory: readonly string[];
  /** The links of the default namespace. */
  readonly links: readonly string[];
  /** Links, addresses, routes and neighbours of the namespaces with a name. */
  readonly namespaces: readonly string[];
}

/** The longest that a program may take, in milliseconds: one that waits for what never comes is a fault, too. */
const TIME_LIMIT = 120_000;

/**
 * An empty `/run`, in which a process that ends with this one's standard input keeps the namespaces. Of the machine's
 * names and of the test run's, one mounted over the other, no mount is left to be listed.
 */
const HOLD =
  "while umount -Rl /run/netns 2>/dev/null; do :; done; mount -t tmpfs netns-faults /run; echo ready; read line";

/** Empties it again, with everything that is mounted in it. */
const CLEAR = "umount -l /run && mount -t tmpfs netns-faults /run";

/** Prints what is there, in parts that a line with a word and a colon begins. */
const LOOK = `
echo mounts:; grep ' /run/' /proc/self/mountinfo || true
echo files:; find /run -mindepth 1 -printf '%y %p\\n'
echo memory:; cat /run/netns-apply/*.json 2>/dev/null || true
echo links:; ip -j link
for file in /run/netns/*; do
  [ -e "$file" ] || continue
  name=\${file#/run/netns/}
  echo "namespace: $name"
  printf 'addr\\nneigh\\nroute\\n' | ip -n "$name" -j -d -b - 2>/dev/null || true
  echo "$(ip -n "$name" -6 -j route 2>/dev/null)"
done
exit 0
`;

/** Mounts, a network and processes of its own, until it is disposed. */
export class Sandbox implements AsyncDisposable {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  /** Makes one. Needs root, `unshare` and `nsenter`. */
  static async open(): Promise<Sandbox> {
    const namespaces = ["--mount", "--propagation", "private", "--net", "--pid", "--fork", "--mount-proc"];
    const holder = spawn("unshare", [...namespaces, "--kill-child", "sh", "-ec", HOLD], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [said] = await Promise.race([once(holder.stdout, "data"), once(holder, "exit")]);
    if (!String(said).startsWith("ready")) throw new Error("no sandbox: this needs root and unshare");
    return new Sandbox(holder);
  }

  /** Runs a program here to its end. */
  async run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    const holder = `${this.#holder.pid}`;
    const child = spawn(
      "nsenter",
      ["-t", holder, "-m", "-n", `--pid=/proc/${holder}/ns/pid_for_children`, "--", ...words],
      // A group of its own, so that what it started goes with it.
      { detached: true, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1", ...env } },
    );
    const written = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (piece) => written[name] += piece);
    }
    const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, "SIGKILL"), TIME_LIMIT);
    const [status, signal] = await once(child, "close");
    clearTimeout(timer);
    return { status, signal, ...written };
  }

  /** Runs a shell script that must succeed, and gives its output. */
  async sh(script: string): Promise<string> {
    const { status, stdout, stderr } = await this.run(["sh", "-ec", script]);
    if (status !== 0) throw new Error(`${script}: ${status}: ${stderr}`);
    return stdout;
  }

  /** Takes away everything that was made here. */
  async clear(): Promise<void> {
    await this.sh(CLEAR);
  }

  /** What is there now. */
  async look(): Promise<State> {
    const parts = (await this.sh(LOOK)).split(/^(?=\w+:)/m).map((part) => part.split("\n"));
    const of = (head: string): string[] => parts.find(([first]) => first === head)?.slice(1).filter(Boolean) ?? [];
    return {
      mounts: of("mounts:").map(mountLine).sort(),
      files: of("files:").sort(),
      memory: of("memory:").map(memoryLine),
      links: parsed<IpLink>(of("links:")[0]).map(({ ifname }) => ifname),
      namespaces: parts.filter(([first]) => first?.startsWith("namespace: ")).flatMap(namespaceLines).sort(),
    };
  }

  /** Ends the process that holds the namespaces. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#holder, "exit");
    this.#holder.stdin?.end();
    await ended;
  }
}

/** Root and mount point of a mount, and whether it is shared; its numbers differ from one time to the next. */
function mountLine(line: string): string {
  const [, , , from = "", at, , ...rest] = line.split(" ");
  return `${from.replace(/\[\d+\]/, "[]")} at ${at}${rest.some((word) => word.startsWith("shared:")) ? " shared" : ""}`;
}

/** A state file, by what it means: the kernel's numbers differ from one time to the next, and order says nothing. */
function memoryLine(line: string): string {
  const state: StoredState = JSON.parse(line);
  const names = new Map(state.namespaces.map(({ cookie, reference }) => [cookie, reference]));
  const textOf = (value: unknown): string =>
    JSON.stringify(value, (key, inner) => {
      if (NUMBERS.has(key) || typeof inner === "number" && key === "link") return undefined;
      if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return names.get(inner) ?? inner;
      return Object.fromEntries(Object.entries(inner).sort());
    });
  return JSON.stringify({
    path: state.path,
    uses: state.uses.toSorted(),
    namespaces: state.namespaces.map(textOf).sort(),
    records: state.records.map(textOf).sort(),
  });
}

/** What the kernel chooses, and what only an apply that was cut short knows. */
const NUMBERS: ReadonlySet<string> = new Set(["cookie", "inode", "index", "former"]);

interface StoredState {
  readonly path?: string;
  readonly uses: readonly string[];
  readonly namespaces: readonly { readonly cookie: string; readonly reference: string }[];
  readonly records: readonly object[];
}

interface IpLink {
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly address?: string;
  readonly linkinfo?: { readonly info_kind?: string };
  readonly addr_info: readonly { readonly local?: string; readonly prefixlen?: number }[];
}

interface IpEntry {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly metric?: number;
  readonly protocol?: string;
  readonly lladdr?: string;
  readonly state?: readonly string[];
}

function parsed<T>(text = ""): readonly T[] {
  return text.trim() === "" ? [] : JSON.parse(text) as readonly T[];
}

/** A namespace by what a configuration can describe; what the kernel adds of itself comes when it likes. */
function namespaceLines([head = "", ...lines]: readonly string[]): string[] {
  const name = head.slice("namespace: ".length);
  const [addresses, neighbours, ipv4, ipv6] = lines.map((line) => line.trim());
  const links = parsed<IpLink>(addresses);
  if (links.length === 0) return [`${name} is no namespace`];
  const isOwn = (text = ""): boolean => text.startsWith("fe80:") || text.startsWith("ff00:");
  return [
    ...links.map(({ ifname, linkinfo, flags, mtu, address }) =>
      `${name} link ${ifname} ${linkinfo?.info_kind} ${flags.includes("UP") ? "up" : "down"} ${mtu} ${address}`
    ),
    ...links.flatMap(({ ifname, addr_info }) =>
      addr_info.filter(({ local }) => local !== undefined && !isOwn(local))
        .map(({ local, prefixlen }) => `${name} address ${ifname} ${local}/${prefixlen}`)
    ),
    ...[...parsed<IpEntry>(ipv4), ...parsed<IpEntry>(ipv6)]
      .filter(({ protocol, dst }) => protocol !== "kernel" && !isOwn(dst))
      .map(({ dst, gateway, dev, metric }) => `${name} route ${dst} ${gateway} ${dev} ${metric}`),
    ...parsed<IpEntry>(neighbours).filter(({ state }) => state?.includes("PERMANENT"))
      .map(({ dst, lladdr, dev }) => `${name} neighbour ${dst} ${lladdr} ${dev}`),
  ];
}
