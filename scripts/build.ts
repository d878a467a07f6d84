/** Builds `dist/`: the entry points for Node (import and require) and for Deno, the command, and the declarations. */
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, type BuildOptions, type BuildResult, type Plugin, stop } from "esbuild";
import { bundledPackages, commonOptions, dependencies, nodeOptions, root } from "./bundle.ts";
import { declarations } from "./declarations.ts";
import { fileJsonSchema } from "../src/models/sections.ts";
import { manPage } from "./man_page.ts";
import { buildProgram, helpText, PROGRAMS, starterOptions } from "./program.ts";

const DIST = join(root, "dist");

/** The program of the process of a rootless lab, which `src/lab/rootless/lab_process.ts` runs. */
const LAB_PROCESS = { in: "src/lab/rootless/process.ts", out: "lab_process" };

/** A file of the source, and a file of `dist/` that is made of it. */
interface Output {
  readonly source: string;
  readonly path: string;
}

/** What `package.json` exports, each file beside what `deno.json` exports under the same name. */
function exported(): Output[] {
  const read = (name: string): Record<string, unknown> => {
    const { exports } = JSON.parse(readFileSync(join(root, name), "utf8")) as { exports: Record<string, unknown> };
    return exports;
  };
  const conditions = read("package.json");
  return Object.entries(read("deno.json")).flatMap(([name, source]) =>
    [...new Set(JSON.stringify(conditions[name]).match(/dist[/][^"]+/g))].map((path) => ({ source: `${source}`, path }))
  );
}

/** Of a way to bundle: the files that are made, from what `wanted` are. */
function entryPoints(outputs: readonly Output[], folder: string): { in: string; out: string }[] {
  return outputs.map(({ source, path }) => ({ in: source, out: path.slice(folder.length).replace(/\.c?js$/, "") }));
}

/** Writes `dist/` anew. */
async function buildAll(): Promise<void> {
  rmSync(DIST, { recursive: true, force: true });
  const outputs = exported();
  const matching = (pattern: RegExp): Output[] => outputs.filter(({ path }) => pattern.test(path));
  // Without the source, which is not in the package, a map shows nothing that the bundles do not: they can be read.
  const packed: BuildOptions = { sourcemap: false, outdir: DIST };
  const splitting: BuildOptions = { splitting: true, chunkNames: "chunk-[hash]" };
  const node = nodeOptions();
  const forNode: BuildOptions = {
    ...node,
    ...packed,
    plugins: [...node.plugins ?? [], koffiByCondition(), helpText()],
  };
  const commonJs: BuildOptions = { format: "cjs", outExtension: { ".js": ".cjs" } };
  const quiet: BuildOptions = { logOverride: { "empty-import-meta": "silent" } }; // koffi.ts goes by what there is
  const koffi = { in: "ffi/node/koffi.ts", out: "koffi" };
  const results = await Promise.all([
    build({
      ...forNode,
      ...splitting,
      entryPoints: [
        ...entryPoints(matching(/^dist[/][^/]+(?<!\.d)\.js$/), "dist/"),
        { in: "src/cli/start.ts", out: "cli_all" },
        LAB_PROCESS,
        koffi,
      ],
    }),
    build(starterOptions(forNode)),
    ...PROGRAMS.map((one) => buildProgram({ ...forNode, ...quiet }, one)),
    build({ ...forNode, ...commonJs, entryPoints: entryPoints(matching(/\.cjs$/), "dist/") }),
    build({
      ...forNode,
      ...commonJs,
      entryPoints: [koffi, { in: "ffi/node/koffi_bun.ts", out: "koffi_bun" }],
      external: ["koffi", "@koromix/*"],
      ...quiet,
    }),
    build({
      ...commonOptions(),
      ...packed,
      ...splitting,
      chunkNames: "deno/chunk-[hash]",
      conditions: ["deno"],
      entryPoints: [
        ...entryPoints(matching(/^dist[/]deno[/].*\.js$/), "dist/"),
        { ...LAB_PROCESS, out: `deno/${LAB_PROCESS.out}` },
      ],
    }),
  ]);
  const metafiles = results.flat().flatMap(({ metafile }: BuildResult) => metafile ?? []);
  writeFileSync(join(DIST, "THIRD-PARTY.txt"), licences(bundledPackages(...metafiles)));
  makeProgram(join(DIST, "cli.cjs"));
  // The name that it had until 2026-11: units and scripts may start it by that.
  writeFileSync(join(DIST, "cli.js"), '#!/usr/bin/env node\nimport "./cli.cjs";\n', { mode: 0o755 });
  writeFileSync(join(DIST, "netns.1"), await manPage());
  cpSync(join(root, "src/cli/systemd"), join(DIST, "systemd"), { recursive: true });
  writeFileSync(join(DIST, "schema.json"), `${JSON.stringify(fileJsonSchema())}\n`);

  const texts = new Map<string, string>();
  for (const { source, path } of matching(/\.d\.c?ts$/)) {
    const text = texts.get(source) ?? await declarations(source, dependencies);
    texts.set(source, text);
    writeFileSync(join(root, path), text);
  }
}

/** Leaves it to the conditions of `imports` in `package.json` how koffi is found: in Bun, another way than in Node. */
function koffiByCondition(): Plugin {
  return {
    name: "koffi-by-condition",
    setup({ onResolve }): void {
      onResolve({ filter: /^\.[/]koffi\.ts$/ }, () => ({ path: "#koffi", external: true }));
    },
  };
}

/**
 * Gives a bundle the first lines of a program, in place of the source's own first line. They are `sh` and JavaScript at once:
 * each begins with a text, which is a command that does nothing, and `//`, its argument.
 */
function makeProgram(path: string): void {
  const text = readFileSync(path, "utf8");
  if (!text.startsWith("#!")) throw new Error("scripts/start.ts wants a first line that starts with #!");
  const shell = readFileSync(join(root, "scripts/start.sh"), "utf8").split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => `':' //; ${line}`);
  writeFileSync(path, text.replace(/^#!.*/, () => ["#!/usr/bin/env sh", ...shell].join("\n")));
  chmodSync(path, 0o755);
}

/** The licences of the packages that the bundles contain, as those ask for. */
function licences(packages: readonly string[]): string {
  return packages.map((name) => {
    const folder = join(root, "node_modules", name);
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    if (file === undefined) throw new Error(`${name} has no licence file to go with the bundle`);
    return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  }).join(`\n${"-".repeat(80)}\n\n`);
}

if (import.meta.main) {
  await buildAll();
  await stop();
}
