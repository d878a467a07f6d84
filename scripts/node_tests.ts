/**
 * Bundles tests for runtimes that take JavaScript. What integration tests take from `mod.ts` or "@netns/netns" is the built
 * `dist/mod.js`, or the installed package, so that this is what is tested. Unit tests, and others that name inner modules,
 * come from the source whole. Many files become one: a start of the runtime takes longer than most of them.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type BuildOptions, type Metafile, type Plugin } from "esbuild";
import { nodeOptions, root, sources } from "./bundle.ts";

/** Where the bundles go: below `node_modules/`, so that they find the packages. */
const OUTPUT = join(root, "node_modules/.cache/netns");

/** What the tests take from npm as it is. */
const EXTERNAL: readonly string[] = ["deno-std/*", "fast-check", "esbuild", "typescript"];

/**
 * Bundles the tests below `folders`, and gives the files for `node --test`.
 *
 * @param name The folder of the bundles, which no other run of tests uses.
 */
export async function bundleTests(name: string, ...folders: string[]): Promise<string[]> {
  const outdir = emptied(join(OUTPUT, name));
  const files = sources(...folders).filter((path) => path.endsWith(".test.ts"));
  const inDist = (file: string): string => pathToFileURL(join(root, "dist", file)).href;
  const asBuilt = { outdir, library: { main: inDist("mod.js"), lab: inDist("lab.js") } };
  const built = await withoutSource(files.filter(usesBuilt), asBuilt);
  const fromSource = files.filter((path) => !built.includes(path));
  return await Promise.all([
    ...built.length === 0 ? [] : [gather("built", built, asBuilt)],
    ...fromSource.length === 0 ? [] : [gather("source", fromSource, { outdir })],
  ]);
}

/** The end-to-end tests that need no more than the integration tests do, but in Deno rights to read and to the network. */
const WITH_RIGHTS = [
  "test/e2e/netlink_events.e2e.test.ts",
  ...sources("test/e2e/async").filter((path) => path.endsWith(".test.ts")),
];

/** The integration tests for a folder in which the package is installed. */
export interface PackageTests {
  /** For `node:test`. */
  readonly file: string;
  /** The same in a program that runs them itself, and writes the JUnit report that its argument names. */
  readonly program: string;
}

/**
 * Bundles the integration tests that ask the library for nothing but what the package has. All but the package and what
 * the runtimes have is within.
 *
 * @param folder Where the bundles go: below the folder in which the package is installed.
 */
export async function bundleForPackage(folder: string): Promise<PackageTests> {
  const options = { outdir: emptied(folder), library: { main: "@netns/netns", lab: "@netns/netns/lab" }, external: [] };
  const files = await withoutSource([...sources("test/integration").filter(usesBuilt), ...WITH_RIGHTS], options);
  const bdd = join(root, "scripts/runtimes/bdd.ts");
  const end = `import { runAll } from ${JSON.stringify(bdd)};\nprocess.exit(await runAll(process.argv[2]) ? 0 : 1);\n`;
  return {
    file: await gather("tests", files, options),
    program: await gather("program", files, { ...options, bdd }, end),
  };
}

/** A test that puts faults into libc needs one instance of its door: it comes from the source, as unit tests do. */
const usesBuilt = (path: string): boolean =>
  !path.startsWith("test/unit/") && path.endsWith(".test.ts") && !path.endsWith(".faults.test.ts");

function emptied(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  return folder;
}

/** The modules of the library. */
interface Library {
  readonly main: string;
  readonly lab: string;
}

interface TestBundle {
  readonly outdir: string;
  /** What takes the place of the library's source; without it, the source stays. */
  readonly library?: Library;
  /** What is left as it is, besides the dependencies of the package. */
  readonly external?: readonly string[];
  /** What gives `describe` and `it`. */
  readonly bdd?: string;
}

/** Bundles files of tests into one, and gives its path. */
async function gather(name: string, files: readonly string[], options: TestBundle, end = ""): Promise<string> {
  const entry = join(options.outdir, `${name}.ts`);
  const imports = files.map((path) => `import ${JSON.stringify(join(root, path))};\n`);
  writeFileSync(entry, imports.join("") + end);
  // Annotations say that a module of which nothing is imported does nothing when it is loaded.
  await build({ ...optionsOf(options), entryPoints: [{ in: entry, out: name }], ignoreAnnotations: true });
  return join(options.outdir, `${name}.js`);
}

/** Those of `files` that have no inner module of the library beside the other one: two of each class would not match. */
async function withoutSource(files: readonly string[], options: TestBundle): Promise<string[]> {
  if (files.length === 0) return [];
  const entryPoints = files.map((path, i) => ({ in: path, out: `${i}` }));
  const { metafile } = await build({ ...optionsOf(options), entryPoints, write: false, metafile: true });
  const mixed = new Set(
    Object.entries((metafile as Metafile).outputs)
      .filter(([, { inputs }]) => Object.keys(inputs).some((path) => path.startsWith("src/")))
      .map(([path]) => basename(path, ".js")),
  );
  return files.filter((_, i) => !mixed.has(`${i}`));
}

function optionsOf({ outdir, library, external = EXTERNAL, bdd = "node:test" }: TestBundle): BuildOptions {
  const options = nodeOptions();
  return {
    ...options,
    outdir,
    external: [...options.external ?? [], ...external],
    alias: {
      "@std/testing/bdd": bdd,
      "@std/assert": join(root, "test/assert.ts"),
      "@netns/netns": join(root, "mod.ts"),
      "@netns/netns/lab": join(root, "src/lab/mod.ts"),
    },
    plugins: [...options.plugins ?? [], ...library === undefined ? [] : [libraryAs(library)]],
  };
}

/** Puts other modules in the place of the library's source: what is built, or installed. */
function libraryAs({ main, lab }: Library): Plugin {
  return {
    name: "library-as",
    setup(build): void {
      build.onResolve({ filter: /^@netns[/]netns([/]lab)?$|[/]mod\.ts$/ }, ({ path, resolveDir }) => {
        if (path === "@netns/netns/lab") return { path: lab, external: true };
        if (path !== "@netns/netns" && join(resolveDir, path) !== join(root, "mod.ts")) return undefined;
        return { path: main, external: true };
      });
    },
  };
}
