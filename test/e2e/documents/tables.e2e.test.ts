/**
 * The tables of the guides: each column of those for who comes from `ip netns`, Go or pyroute2 does the same, the messages are
 * those of the library, the fields of the file those of the models, the commands those of the help.
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import * as library from "@netns/netns";
import { namedNs, NetlinkError, NsHandle, parseConfig, SyscallError, UnavailableMicroserviceError } from "@netns/netns";
import { SECTIONS, withSection } from "../../../scripts/documents.ts";
import { describeForms, nodeFolder, root, Sandbox } from "../support.ts";

/** The program that makes the usual calls in a section. */
const CALLS = "test/e2e/documents/section_calls.mjs";
/** Bun, once `npm test -- --only runtimes` has installed it. */
const BUN = join(root, "node_modules/.cache/netns-runtimes/node_modules", `bun-${process.arch}`, "bin/bun");

/** Commands that go on until they are ended; test/e2e/watch.e2e.test.ts has them side by side. */
const ENDLESS: ReadonlySet<string> = new Set(["ip netns monitor", "netns watch"]);

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const cliGuide = read("src/cli/README.md");

/** The rows of the table below a heading, without the first two lines, as the text of their cells. */
function rowsOf(document: string, heading: string): string[][] {
  const [, text = ""] = document.split(new RegExp(`^##+ ${heading.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\n`, "m"));
  const rows = text.split(/^#/m)[0]?.split("\n").filter((line) => line.startsWith("| ")) ?? [];
  return rows.slice(1).filter((row) => !/^\| -/.test(row)).map((row) =>
    row.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim())
  );
}

/** The pieces of code of a cell. */
const codeOf = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);

const netlinkGuide = read("src/netlink/README.md");

/** The code of each cell of a table for who comes from another tool, as far as this kernel can run it. */
const table = (heading: string): string[][][] =>
  rowsOf(netlinkGuide, heading).map((row) => row.map((cell) => codeOf(cell).filter(canRun)));

/** The last column as a program: a cell with several pieces of code has several statements. */
function program(heading: string, more = ""): string {
  const statements = table(heading).flatMap((cells) => cells.at(-1) ?? []).filter((code) => /[.(]/.test(code));
  const names = Object.keys(library).filter((name) =>
    statements.some((code) => new RegExp(`\\b${name}\\b`).test(code))
  );
  const last = statements.pop();
  assert(last?.startsWith("deleteNamedNamespace("), `the table "${heading}" ends with what it began with`);
  const body = statements.filter((code) => !code.startsWith("/") && code !== 'peer: { name: "right", netns: made }');
  return `import { ${names.join(", ")} } from "@netns/netns";\n${
    body.map((code) => `${code};\n`).join("")
  }${more}${last};\n`;
}

/** A sandbox, and a process in it that does nothing: the tables call it 42. */
async function withProcess() {
  const sandbox = await Sandbox.open();
  const [file, args] = sandbox.enter(["sleep", "600"]);
  const child = spawn(file, args, { stdio: "ignore" });
  const ended = once(child, "exit");
  return {
    sandbox,
    named: (text: string): string => text.replace(/\b42\b/g, String(child.pid)),
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGKILL");
      await ended;
      await sandbox[Symbol.asyncDispose]();
    },
  };
}

/** What is in the namespace in the end, without what the kernel chooses; rules of ours have a protocol, those of `ip` none. */
const STATE = [
  ...["link", "-4 address", "route", "rule", "nexthop"].map((what) =>
    `ip -n blue -br ${what} | sed 's/  *[0-9a-f:]\\{17\\} .*//; s/@if[0-9]*//; s/ proto boot//'`
  ),
  "tc -n blue qdisc show dev left | sed 's/[0-9a-f]*: root refcnt [0-9]*//'",
  "bridge -n blue fdb show dev left | grep ^02",
  "ip netns exec blue nft list ruleset",
].join("; ");

/** Whether the kernel has WireGuard: without it, what the tables say of that is not run. */
const hasWireguard = ((): boolean => {
  using ns = NsHandle.create();
  using netlink = ns.netlink();
  try {
    netlink.addLink({ kind: "wireguard", name: "wg0" });
    return true;
  } catch {
    return false;
  }
})();
const canRun = (code: string): boolean => hasWireguard || !/\bwg0\b|wireguard/.test(code);

/** What a call throws, with its class as Deno shows it. */
function thrown(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return String(error);
  }
  throw new Error("nothing was thrown");
}

const failed = (syscall: string, code: keyof typeof constants.errno, path?: string): string =>
  new SyscallError(syscall, constants.errno[code], { path }).message;

describe("Troubleshooting", () => {
  /** Of other tests, which cause them: of a thread that is away, of the runtime, and of a package without its binary. */
  const elsewhere = [
    "NamespaceLeakError: A synchronous",
    "NamespaceSwitchError: ",
    "NotCapable: ",
    "There is no FFI binary",
    'somebody undoes "',
  ];

  it("lists messages that the library has", () => {
    const messages = [
      failed("setns", "EPERM"),
      failed("open", "ENOENT", "/proc/42/ns/net"),
      failed("open", "EACCES", "/proc/42/ns/net"),
      failed("open", "ENOENT", "/var/run/netns/blue"),
      failed("open", "EEXIST", "/var/run/netns/blue"),
      failed("unshare", "ENOSPC"),
      failed("mount", "ENOSPC"),
      failed("unshare", "EINVAL"),
      failed("statx", "ENOSYS"),
      failed("open", "EMFILE"),
      new NetlinkError("RTM_NEWLINK eth0", constants.errno.EPERM).message,
      new NetlinkError("RTM_NEWLINK eth0", constants.errno.EOPNOTSUPP, "Unknown device type").message,
      new UnavailableMicroserviceError("web").message,
      thrown(() => namedNs("")),
      thrown(() => NsHandle.fromPath("/etc/passwd")),
      thrown(() => parseConfig("namespaces: 1", { source: "topology.yaml" })),
      thrown(() => {
        using here = NsHandle.current();
        here.run((): unknown => Promise.resolve());
      }),
    ];
    const rows = rowsOf(cliGuide, "Troubleshooting").flatMap(([cell = ""]) => codeOf(cell)[0] ?? []);
    const unknown = rows.filter((row) => !elsewhere.some((start) => row.startsWith(start))).filter((row) => {
      const parts = row.split("…").map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      return !messages.some((message) => new RegExp(parts.join("[^]*")).test(message));
    });
    assertEquals([unknown, rows.length > 15], [[], true]);
  });
});

describe("The sections that are made from the source", () => {
  for (const section of SECTIONS) {
    it(`${section.document} has its ${section.name} as scripts/documents.ts --write makes it`, () => {
      assertEquals(read(section.document), withSection(read(section.document), section));
    });
    it(`${section.document} says in its ${section.name} what each field takes`, () => {
      const cells = section.make().split("\n").filter((line) => line.startsWith("| "));
      assertEquals(cells.filter((line) => /\|\s+\||required for :|undefined|\{@/.test(line)), []);
    });
  }
});

describe("What each has", () => {
  it("has links to tests for all that this library has", () => {
    const rows = rowsOf(netlinkGuide, "What each has");
    const unproved = rows.filter((row) => {
      const own = row.at(-1) ?? "";
      const links = [...own.matchAll(/\]\(\.\.\/\.\.\/(test\/[^)]+\.test\.ts)\)/g)].map(([, path = ""]) => path);
      return own !== "no" && (links.length === 0 || !links.every((path) => existsSync(join(root, path))));
    });
    assertEquals([unproved, rows.length > 25], [[], true]);
  });
});

describeForms("Commands", (command) => {
  it("are those of the help, in its order", async () => {
    await using sandbox = await Sandbox.open();
    const help = sandbox.output(...command, "--help");
    const [, text = ""] = help.split(/\nCommands:\n|\n\nNamespaces/);
    const commands = [...text.matchAll(/^ {2}(\w+)/gm)].map(([, name = ""]) => name).filter((name) => name !== "help");
    const rows = rowsOf(cliGuide, "Commands").map(([cell = ""]) => codeOf(cell)[0]?.split(" ")[0]);
    assertEquals(rows, commands);
  });
});

describeForms("What a section does to the usual calls", (_command, form) => {
  const rows = rowsOf(read("src/netns/README.md"), "What a section does to the usual calls");

  /** What the table says of a runtime: the first word of each cell of its column. */
  const promised = (column: number): Record<string, string | undefined> =>
    Object.fromEntries(rows.map((row) => [row[0], row[column]?.split(" ")[0]]));

  async function run(command: readonly string[], path: string): Promise<unknown> {
    await using sandbox = await Sandbox.open();
    sandbox.output("ip", "link", "set", "lo", "up");
    return JSON.parse(sandbox.output(...command, path));
  }

  if (form === "Deno") {
    it("is what happens in Deno", async () => {
      const command = [process.execPath, "run", "-A", "--config", join(root, "deno.json"), "--node-modules-dir=manual"];
      assertEquals(await run(command, join(root, CALLS)), promised(2));
    });
    return;
  }
  for (const [runtime, column, command] of [["Node", 1, "node"], ["Bun", 3, BUN]] as const) {
    const skip = runtime === "Bun" && !existsSync(BUN);
    it(`is what happens in ${runtime}`, { skip }, async () => {
      using folder = nodeFolder();
      cpSync(join(root, CALLS), join(folder.path, "calls.mjs"));
      assertEquals(await run([command], join(folder.path, "calls.mjs")), promised(column));
    });
  }
});

describeForms("Coming from", (command, form) => {
  const last = (column: number): string => table("`ip netns`").at(-1)?.[column]?.[0] ?? "";

  /** Runs a program of TypeScript in a sandbox of its own, and gives its output. */
  async function run(code: string): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), "netns-guide-"));
    await using at = await withProcess();
    const { sandbox, named } = at;
    try {
      writeFileSync(join(folder, "guide.ts"), named(code));
      const options = ["--config", join(root, "deno.json"), "--node-modules-dir=manual", "-A"];
      const printed = sandbox.output(process.execPath, "run", ...options, join(folder, "guide.ts"));
      assertEquals(sandbox.names(), []);
      return printed;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  it("ip netns: the commands of the first two columns succeed", async () => {
    await using at = await withProcess();
    const { sandbox, named } = at;
    for (const column of [0, 1]) {
      const commands = table("`ip netns`").flatMap((cells) => cells[column] ?? []);
      for (const line of commands.filter((one) => !ENDLESS.has(one) && one !== "netns apply")) {
        const words = named(line).split(" ");
        sandbox.output(...words[0] === "netns" ? [...command, ...words.slice(1)] : words);
        if (line.endsWith("netns add blue")) assertEquals(sandbox.names(), ["blue"]);
      }
      assertEquals(sandbox.names(), []);
    }
  });

  if (form === "Node") return; // what follows is the same for both

  it("ip netns: the last column leaves what the first one leaves", async () => {
    await using at = await withProcess();
    const { sandbox, named } = at;
    for (const line of table("`ip netns`").slice(0, -1).flatMap(([theirs = []]) => theirs)) {
      if (!ENDLESS.has(line)) sandbox.output(...named(line).split(" "));
    }
    const theirs = sandbox.output("sh", "-c", STATE);
    sandbox.output(...last(0).split(" "));
    const show = `import { execFileSync } from "node:child_process";\n` +
      `console.log(execFileSync("sh", ["-c", ${JSON.stringify(STATE)}], { encoding: "utf8" }).trimEnd());\n`;
    assertEquals((await run(program("`ip netns`", show))).trimEnd(), theirs.trimEnd());
    assert(theirs.includes("192.0.2.1/24") && theirs.includes("10.2.0.0/16"), theirs);
  });

  for (const heading of ["Go's `vishvananda/netns` and `netlink`", "pyroute2"]) {
    it(`${heading}: the last column is a program that runs`, async () => void await run(program(heading)));
  }
});
