/** What the built command loads: everything that a run does not use makes it slower. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { programFor } from "../../src/cli/program.ts";
import { standardIo } from "../../src/cli/io.ts";
import { BUILT, describeBuilt, root } from "./support.ts";

/** The scripts that V8 reports as loaded. */
interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

/** The files that a run of the command loads, from the root of the repository. */
function loadedBy(...args: string[]): { scripts: string[] } {
  const directory = mkdtempSync(join(tmpdir(), "netns-loaded-"));
  try {
    const env = { ...process.env, NODE_V8_COVERAGE: directory };
    assertEquals(spawnSync("node", [BUILT, ...args], { env, stdio: "ignore" }).status, 0, args.join(" "));
    const scripts = readdirSync(directory).flatMap((name) => {
      const { result } = JSON.parse(readFileSync(join(directory, name), "utf8")) as Coverage;
      return result.filter(({ url }) => url.startsWith("file:")).map(({ url }) => fileURLToPath(url));
    });
    return { scripts: unique(scripts.map((path) => path.startsWith(root) ? path.slice(root.length) : path)) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The sources of files, by folder of `src/` and by package. */
function contentsOf(scripts: readonly string[]): { folders: string[]; packages: string[] } {
  const sources = scripts.flatMap(sourcesOf);
  return {
    folders: unique(sources.flatMap((path) => path.match(/^(src\/[^/]+|ffi)/)?.[0] ?? [])),
    packages: unique(sources.flatMap((path) => path.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? [])),
  };
}

/** The sources of a bundle, which esbuild notes above each part; any other file is its own source. */
function sourcesOf(path: string): string[] {
  if (!path.startsWith("dist/")) return [path];
  const parts = readFileSync(join(root, path), "utf8").matchAll(
    /^(?:\/\/ | {2}")((?:src|ffi|node_modules)\/[^\s"]+)/gm,
  );
  return [...parts].map(([, source = ""]) => source);
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

/** The replacement of Deno in Node. */
const SHIM = "@deno/shim-deno";

describeBuilt("what netns loads", () => {
  const START = ["dist/cli.cjs", "dist/cli_small.cjs"];

  it("is two files for --version and --help", () => {
    for (const flag of ["--version", "--help"]) assertEquals(loadedBy(flag).scripts, START, flag);
  });

  it("is two files and libc for ls", () => {
    const { scripts } = loadedBy("ls");
    assertEquals(scripts.filter((path) => path.startsWith("dist/")), START);
    const others = scripts.filter((path) => !/^dist[/]|node_modules[/](@koromix|koffi)[/]/.test(path));
    assertEquals(others, []);
  });

  it("is no module of Node for sockets, threads and keys, for help and ls", () => {
    const list = "data:text/javascript,process.on('exit',()=>console.error(process.moduleLoadList.join('\\n')))";
    for (const word of ["--help", "ls"]) {
      const { status, stderr } = spawnSync("node", ["--import", list, BUILT, word], { encoding: "utf8" });
      const loaded = stderr.split("\n");
      assertEquals([status, loaded.includes("NativeModule fs")], [0, true], word);
      const dear = ["crypto", "http", "net", "stream", "tty", "worker_threads"].map((name) => `NativeModule ${name}`);
      assertEquals(loaded.filter((line) => dear.includes(line)), [], word);
    }
  });

  it("is what the small file holds: the directory of names, libc and no package but commander", () => {
    const { folders, packages } = contentsOf(["dist/cli_small.cjs"]);
    assertEquals(packages, [SHIM, "commander"]);
    const known = [
      "ffi",
      "src/argument_fields.ts",
      "src/cli",
      "src/errors.ts",
      "src/named",
      "src/netns",
      "src/proc",
      "src/reason.ts",
      "src/suggest.ts",
      "src/switch",
      "src/system",
    ];
    assertEquals(folders.filter((one) => !known.includes(one)), []);
  });

  it("is the definitions of the commands for completion", () => {
    assertEquals(contentsOf(loadedBy("completion", "bash").scripts).packages, [SHIM, "commander", "ts-pattern"]);
  });

  it("is two files and libc for plan", () => {
    const { scripts } = loadedBy("plan", `${root}src/cli/demo/demo.yaml`);
    assertEquals(scripts.filter((path) => path.startsWith("dist/")), [
      "dist/cli.cjs",
      "dist/cli_apply.cjs",
    ]);
  });

  it("is one more for plan of what few files have", () => {
    const { scripts } = loadedBy("plan", `${root}test/examples/container.yaml`);
    assertEquals(scripts.filter((path) => path.startsWith("dist/")), [
      "dist/cli.cjs",
      "dist/cli_apply.cjs",
      "dist/cli_apply_seldom.cjs",
    ]);
  });
});

describeBuilt("help of the built command", () => {
  it("is that which commander makes of the commands", async () => {
    const lines: string[] = [];
    const io = { ...standardIo(), columns: undefined, print: (line: string) => void lines.push(line) };
    (await programFor([], io)).outputHelp();
    assertEquals(spawnSync("node", [BUILT, "--help"], { encoding: "utf8" }).stdout, `${lines.join("\n")}\n`);
  });
});
