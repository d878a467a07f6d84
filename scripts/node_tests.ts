/**
 * Bundles the unit and integration tests for Node. What integration tests take from `mod.ts` or "netns" is the built
 * `dist/mod.js`, so that this is what is tested. Unit tests, and others that name inner modules, come from the source whole.
 */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Metafile, type Plugin, stop } from "esbuild";
import { assetFiles, nodeOptions, root, sources, workerFiles } from "./bundle.ts";

/** Where the bundles go: below `node_modules/`, so that they find the packages. */
const OUTPUT = join(root, "node_modules/.cache/netns");

/** What the tests take from npm as it is. */
const EXTERNAL: readonly string[] = ["deno-std/*", "fast-check", "esbuild", "typescript"];

/** Bundles the tests below `folders`, and gives the files for `node --test`. */
export async function bundleTests(...folders: string[]): Promise<string[]> {
  rmSync(OUTPUT, { recursive: true, force: true });
  mkdirSync(OUTPUT, { recursive: true });
  writeFileSync(join(OUTPUT, "package.json"), `{ "type": "module" }`);
  const files = sources(...folders).filter((path) => path.endsWith(".test.ts"));
  // A test that puts faults into libc needs one instance of its door: it comes from the source, too.
  const built = files.filter((path) => path.startsWith("test/integration/") && !path.endsWith(".faults.test.ts"));
  const mixed = new Set(mixedOutputs(await bundle(built.map(testEntry), [builtModule()])));
  const fromSource = files.map(testEntry).filter(({ in: path, out }) => !built.includes(path) || mixed.has(out));
  await bundle([...fromSource, ...workerFiles("src", ...folders).map(workerEntry)], []);
  await stop();
  for (const path of assetFiles("src", ...folders)) copyFileSync(join(root, path), join(OUTPUT, basename(path)));
  return files.map((path) => join(OUTPUT, `${testEntry(path).out}.js`));
}

/** The bundles lie side by side, where they find those of the worker programs. */
const testEntry = (path: string): Entry => ({ in: path, out: path.replace(/\.ts$/, "").replaceAll("/", "_") });
const workerEntry = (path: string): Entry => ({ in: path, out: basename(path, ".ts") });

interface Entry {
  readonly in: string;
  readonly out: string;
}

async function bundle(entryPoints: Entry[], plugins: readonly Plugin[]): Promise<Metafile> {
  const options = nodeOptions();
  const { metafile } = await build({
    ...options,
    metafile: true,
    entryPoints,
    outdir: OUTPUT,
    external: [...options.external ?? [], ...EXTERNAL],
    alias: {
      "@std/testing/bdd": "node:test",
      "@std/assert": join(root, "test/assert.ts"),
      netns: join(root, "mod.ts"),
    },
    plugins: [...options.plugins ?? [], ...plugins],
  });
  return metafile;
}

/** The bundles that have inner modules of the library beside the built one: two of each class, which would not match. */
function mixedOutputs({ outputs }: Metafile): string[] {
  return Object.entries(outputs)
    .filter(([, { inputs }]) => Object.keys(inputs).some((path) => path.startsWith("src/")))
    .map(([path]) => basename(path, ".js"));
}

/** Puts the built module in the place of the source. */
function builtModule(): Plugin {
  return {
    name: "built-module",
    setup(build): void {
      build.onResolve({ filter: /^netns$|[/]mod\.ts$/ }, ({ path, resolveDir }) => {
        if (path !== "netns" && join(resolveDir, path) !== join(root, "mod.ts")) return undefined;
        return { path: pathToFileURL(join(root, "dist/mod.js")).href, external: true };
      });
    },
  };
}
