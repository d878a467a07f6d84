/**
 * Bundles the unit and integration tests for runtimes that take JavaScript. What integration tests take from `mod.ts` or
 * "@netns/netns" is the built `dist/mod.js`, or the installed package, so that this is what is tested. Unit tests, and others
 * that name inner modules, come from the source whole.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Metafile, type Plugin, stop } from "esbuild";
import { nodeOptions, root, sources } from "./bundle.ts";

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
  const built = files.filter(usesBuilt);
  const dist = pathToFileURL(join(root, "dist/mod.js")).href;
  const mixed = new Set(mixedOutputs(await bundle(OUTPUT, built.map(testEntry), [libraryAs(dist)])));
  const fromSource = files.map(testEntry).filter(({ in: path, out }) => !built.includes(path) || mixed.has(out));
  await bundle(OUTPUT, fromSource, []);
  await stop();
  return files.map((path) => join(OUTPUT, `${testEntry(path).out}.js`));
}

/** The one end-to-end test that needs no more than the integration tests do, but in Deno the right to read. */
const EVENTS = "test/e2e/netlink_events.e2e.test.ts";

/** The integration tests for a folder in which the package is installed. */
export interface PackageTests {
  /** A bundle for each file of tests, for `node:test`. */
  readonly files: readonly string[];
  /** All of them in a program that runs them itself, and writes the JUnit report that its argument names. */
  readonly program: string;
}

/**
 * Bundles the integration tests that ask the library for nothing but what the package has. All but the package and what
 * the runtimes have is within.
 *
 * @param outdir Where the bundles go: below the folder in which the package is installed.
 */
export async function bundleForPackage(outdir: string): Promise<PackageTests> {
  const entries = [...sources("test/integration").filter(usesBuilt), EVENTS].map(testEntry);
  const mixed = new Set(mixedOutputs(await bundle(outdir, entries, [libraryAs("@netns/netns")], { external: [] })));
  for (const out of mixed) rmSync(join(outdir, `${out}.js`));
  const kept = entries.filter(({ out }) => !mixed.has(out));

  const bdd = join(root, "scripts/runtimes/bdd.ts");
  const program = join(outdir, "program.ts");
  const imports = kept.map(({ in: path }) => `import ${JSON.stringify(join(root, path))};\n`).join("");
  writeFileSync(
    program,
    `${imports}import { runAll } from ${JSON.stringify(bdd)};\nprocess.exit(await runAll(process.argv[2]) ? 0 : 1);\n`,
  );
  await bundle(outdir, [{ in: program, out: "program" }], [libraryAs("@netns/netns")], {
    external: [],
    bdd,
    ignoreAnnotations: true,
  });
  await stop();
  return { files: kept.map(({ out }) => join(outdir, `${out}.js`)), program: join(outdir, "program.js") };
}

/** A test that puts faults into libc needs one instance of its door: it comes from the source, as unit tests do. */
const usesBuilt = (path: string): boolean =>
  !path.startsWith("test/unit/") && path.endsWith(".test.ts") && !path.endsWith(".faults.test.ts");

const testEntry = (path: string): Entry => ({ in: path, out: path.replace(/\.ts$/, "").replaceAll("/", "_") });

interface Entry {
  readonly in: string;
  readonly out: string;
}

async function bundle(
  outdir: string,
  entryPoints: Entry[],
  plugins: readonly Plugin[],
  { external = EXTERNAL, bdd = "node:test", ignoreAnnotations = false }: {
    /** What is left as it is, besides the dependencies of the package. */
    readonly external?: readonly string[];
    /** What gives `describe` and `it`. */
    readonly bdd?: string;
    /** Keeps modules of which nothing is imported, though package.json says that they do nothing when they are loaded. */
    readonly ignoreAnnotations?: boolean;
  } = {},
): Promise<Metafile> {
  const options = nodeOptions();
  const { metafile } = await build({
    ...options,
    metafile: true,
    entryPoints,
    ignoreAnnotations,
    outdir,
    external: [...options.external ?? [], ...external],
    alias: {
      "@std/testing/bdd": bdd,
      "@std/assert": join(root, "test/assert.ts"),
      "@netns/netns": join(root, "mod.ts"),
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

/** Puts another module in the place of the library's source: what is built, or installed. */
function libraryAs(module: string): Plugin {
  return {
    name: "library-as",
    setup(build): void {
      build.onResolve({ filter: /^@netns[/]netns$|[/]mod\.ts$/ }, ({ path, resolveDir }) => {
        if (path !== "@netns/netns" && join(resolveDir, path) !== join(root, "mod.ts")) return undefined;
        return { path: module, external: true };
      });
    },
  };
}
