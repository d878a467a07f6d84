/** Builds `dist/`: the library for Node (import and require) and for Deno, the command, and the declarations. */
import { chmodSync, copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build, type BuildOptions, type BuildResult, stop } from "esbuild";
import {
  assetFiles,
  bundledPackages,
  commonJs,
  commonOptions,
  dependencies,
  nodeOptions,
  root,
  workerFiles,
} from "./bundle.ts";
import { declarations } from "./declarations.ts";

const DIST = join(root, "dist");

/** An output beside the others, named by its file alone. */
const entry = (path: string): { in: string; out: string } => ({ in: path, out: basename(path, ".ts") });

/** Writes `dist/` anew. */
export async function buildAll(): Promise<void> {
  rmSync(DIST, { recursive: true, force: true });
  const workers = workerFiles("src").map(entry);
  // Without the source, which is not in the package, a map shows nothing that the bundles do not: they can be read.
  const packed: BuildOptions = { sourcemap: false };
  const splitting: BuildOptions = { splitting: true, chunkNames: "chunk-[hash]" };
  const results = await Promise.all([
    build({
      ...nodeOptions(),
      ...packed,
      ...splitting,
      entryPoints: [entry("mod.ts"), { in: "src/cli/bin.ts", out: "cli" }, ...workers],
      outdir: DIST,
    }),
    build({ ...nodeOptions(), ...packed, ...commonJs, entryPoints: ["mod.ts"], outfile: join(DIST, "mod.cjs") }),
    build({
      ...commonOptions(),
      ...packed,
      ...splitting,
      conditions: ["deno"],
      entryPoints: [entry("mod.ts"), ...workers],
      outdir: join(DIST, "deno"),
    }),
  ]);
  const metafiles = results.map(({ metafile }: BuildResult) => metafile).filter((one) => one !== undefined);
  writeFileSync(join(DIST, "THIRD-PARTY.txt"), licences(bundledPackages(...metafiles)));
  for (const path of assetFiles("src")) copyFileSync(join(root, path), join(DIST, basename(path)));
  makeProgram(join(DIST, "cli.js"));

  const types = await declarations("mod.ts", dependencies);
  for (const name of ["mod.d.ts", "mod.d.cts"]) writeFileSync(join(DIST, name), types);
}

/** Gives a bundle the first line of a program, in place of the source's own where it has one. */
function makeProgram(path: string): void {
  const text = readFileSync(path, "utf8");
  if (!text.startsWith("#!")) throw new Error("src/cli/bin.ts wants a first line that starts with #!");
  writeFileSync(path, text.replace(/^#!.*/, "#!/usr/bin/env node"));
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
