/** What the built command loads: everything that a run does not use makes it slower. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { BUILT, describeBuilt, root } from "./support.ts";

/** The scripts that V8 reports as loaded. */
interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

/** The sources that a run of the command loads, by folder of `src/` and by package. */
function loadedBy(...args: string[]): { folders: string[]; packages: string[] } {
  const directory = mkdtempSync(join(tmpdir(), "netns-loaded-"));
  try {
    const env = { ...process.env, NODE_V8_COVERAGE: directory };
    assertEquals(spawnSync("node", [BUILT, ...args], { env, stdio: "ignore" }).status, 0, args.join(" "));
    const scripts = readdirSync(directory).flatMap((name) => {
      const { result } = JSON.parse(readFileSync(join(directory, name), "utf8")) as Coverage;
      return result.filter(({ url }) => url.startsWith("file:")).map(({ url }) => fileURLToPath(url));
    });
    const sources = scripts.flatMap(sourcesOf);
    return {
      folders: unique(sources.flatMap((path) => path.match(/^(src\/[^/]+|ffi)/)?.[0] ?? [])),
      packages: unique(sources.flatMap((path) => path.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? [])),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The sources of a bundle, which esbuild notes above each part; any other file is its own source. */
function sourcesOf(script: string): string[] {
  const path = script.startsWith(root) ? script.slice(root.length) : script;
  if (!path.startsWith("dist/")) return [path];
  const parts = readFileSync(script, "utf8").matchAll(/^(?:\/\/ | {2}")((?:src|ffi|node_modules)\/[^\s"]+)/gm);
  return [...parts].map(([, source = ""]) => source);
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

/** The replacement of Deno in Node. */
const SHIM = "@deno/shim-deno";

describeBuilt("what netns loads", () => {
  it("is only the command itself for --version", () => {
    assertEquals(loadedBy("--version"), { folders: ["src/cli", "src/reason.ts"], packages: [] });
  });

  it("is the directory of names and libc for ls", () => {
    const { folders, packages } = loadedBy("ls");
    assertEquals(
      folders,
      [
        "ffi",
        "src/cli",
        "src/errors.ts",
        "src/models", // the check of a configuration's name, which commands take
        "src/named",
        "src/namespace.ts",
        "src/netns",
        "src/reason.ts",
        "src/system", // the mounts, which say in which of two directories the names are
      ],
    );
    assertEquals(packages.filter((name) => !name.startsWith("@koromix/")), [SHIM, "commander", "koffi", "ts-pattern"]);
  });

  it("is the definitions of the commands for --help, without their work", () => {
    const { packages } = loadedBy("--help");
    assertEquals(packages, [SHIM, "commander", "ts-pattern"]);
  });

  it("is the definitions of the commands for completion", () => {
    assertEquals(loadedBy("completion", "bash").packages, [SHIM, "commander", "ts-pattern"]);
  });

  it("includes no client of container runtimes for a file without containers", () => {
    const { packages } = loadedBy("plan", `${root}src/cli/demo/demo.yaml`);
    assertEquals(packages.filter((name) => /docker|ssh|protobuf|grpc/.test(name)), []);
  });
});
