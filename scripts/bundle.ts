/** How the source becomes JavaScript for Node: shared by the build and by the test runner. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, Metafile, Plugin } from "esbuild";

/** The directory of the repository. */
export const root: string = fileURLToPath(new URL("..", import.meta.url));

/** What stands in for the global `Deno` in Node. */
const DENO_FOR_NODE = "ffi/node/deno.ts";

/** What the sources are allowed to load at run time; everything else is bundled in. */
export const dependencies: readonly string[] = Object.keys(
  (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { dependencies: Record<string, string> })
    .dependencies,
);

/** Options that every bundle has, for both runtimes. */
export function commonOptions(): BuildOptions {
  return {
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    // `using` and the like become what Node 20 reads.
    target: "node20",
    format: "esm",
    external: [...dependencies],
    sourcemap: true,
    sourcesContent: false,
    legalComments: "none", // the licences of what is bundled are in dist/THIRD-PARTY.txt
    logLevel: "warning",
    metafile: true,
    plugins: [npmSpecifiers(), filesBeside()],
  };
}

/** Options of a bundle for Node, where `Deno` is what `ffi/node/deno.ts` makes it. */
export function nodeOptions(): BuildOptions {
  const common = commonOptions();
  return { ...common, plugins: [...common.plugins ?? [], denoForNode(), onlyUsedShims(), globalProcess()] };
}

/** Options that turn those of an ES module into those of a CommonJS one. */
export const commonJs: BuildOptions = {
  format: "cjs",
  define: { "import.meta.url": "moduleUrl" },
  banner: { js: `const moduleUrl = require("node:url").pathToFileURL(__filename).href;` },
};

/** `npm:valibot@1.5.0`, as the source imports a package: Deno needs no import map for it, also in another project. */
export const NPM_SPECIFIER: RegExp = /^npm:((?:@[^/]+[/])?[^@/]+)@([^/]+)(.*)$/;

/** Finds the packages that the source imports by `npm:` specifiers where npm has put them. */
function npmSpecifiers(): Plugin {
  return {
    name: "npm-specifiers",
    setup(build): void {
      build.onResolve({ filter: NPM_SPECIFIER }, ({ path, kind, resolveDir }) => {
        const name = path.replace(NPM_SPECIFIER, "$1$3");
        return dependencies.includes(name) ? { path: name, external: true } : build.resolve(name, { kind, resolveDir });
      });
    },
  };
}

/** The TypeScript files below `folders`, relative to the repository. */
export function sources(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(folder, name))
  ).sort();
}

/** The members of `Deno` that the source names. */
const DENO_MEMBER = /\bDeno\.(\w+)/g;

/**
 * Gives the files of `ffi/` the `Deno` of `ffi/node/`. esbuild's own `inject` would give it to the packages too:
 * one that asks for Deno would take Node for it.
 */
function denoForNode(): Plugin {
  return {
    name: "deno-for-node",
    setup(build): void {
      build.onLoad({ filter: /[/]ffi[/][^/]+\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        if (text.search(DENO_MEMBER) === -1) return undefined;
        const specifier = JSON.stringify(join(root, DENO_FOR_NODE));
        return { contents: `import { Deno } from ${specifier}; ${text}`, loader: "ts" }; // the lines stay where they are
      });
    },
  };
}

/**
 * Leaves of `@deno/shim-deno` what `ffi/` names. The shim is one object of 160 members over a dozen Node modules,
 * which no bundler can take apart and which costs a third of a bare start of Node.
 */
function onlyUsedShims(): Plugin {
  return {
    name: "only-used-shims",
    setup(build): void {
      const used = new Set(
        sources("ffi").flatMap((path) =>
          [...readFileSync(join(root, path), "utf8").matchAll(DENO_MEMBER)].map(([, name]) => name)
        ),
      );
      // The packages that the rest of the shim needs do nothing when they are loaded.
      build.onResolve({ filter: /^(which|@deno[/]shim-deno-test)$/ }, async ({ path, pluginData, ...rest }) => {
        if (pluginData === onlyUsedShims) return undefined; // our own question below
        return { ...await build.resolve(path, { ...rest, pluginData: onlyUsedShims }), sideEffects: false };
      });
      build.onLoad({ filter: /@deno[/]shim-deno[/]dist[/]index\.mjs$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        const [table] = text.match(/__export\(main_exports, \{[^}]*\}\);/) ?? [];
        if (table === undefined) throw new Error(`${path} has no table of its members: adapt onlyUsedShims()`);
        const kept = table.replace(/^ {2}(\w+): \(\) => \w+,?\n/gm, (line, name) => used.has(name) ? line : "");
        const contents = text.replace(table, () => kept)
          // Calls that only wrap a function: without a user they go, and with them the modules of theirs.
          .replace(/(?<=[=:] )(?:chain|promisify\d*)\(/g, "/* @__PURE__ */ $&");
        return { contents, loader: "js" };
      });
    },
  };
}

/**
 * Takes `process` from the global scope. To import it, Node reads every property of it, `process.stdin` and the
 * other streams among them: that opens all three, and costs a sixth of a bare start.
 */
function globalProcess(): Plugin {
  return {
    name: "global-process",
    setup(build): void {
      build.onResolve({ filter: /^(node:)?process$/ }, () => ({ path: "process", namespace: "global-process" }));
      build.onLoad({ filter: /.*/, namespace: "global-process" }, () => ({ contents: "export default process;" }));
    },
  };
}

const FILE_URL = /new URL\(\s*"(\.[^"]+\.\w+)",\s*import\.meta\.url,?\s*\)/g;

/** The files that the code below `folders` names by `new URL("./file", import.meta.url)`. */
function namedFiles(folders: readonly string[], programs: boolean): string[] {
  const found = sources(...folders).flatMap((path) => {
    const code = readFileSync(join(root, path), "utf8").replace(/\/\*\*[\s\S]*?\*\//g, ""); // not in an example
    return [...code.matchAll(FILE_URL)].map(([, file = ""]) => join(dirname(path), file));
  });
  return [...new Set(found)].filter((path) => path.endsWith(".ts") === programs);
}

/** The programs that run on a thread of their own: a bundle each. */
export const workerFiles = (...folders: string[]): string[] => namedFiles(folders, true);

/** What is no program, such as the demo's configuration: copied beside the bundles. */
export const assetFiles = (...folders: string[]): string[] => namedFiles(folders, false);

/** Makes such a URL that of the file beside the bundles. */
function filesBeside(): Plugin {
  return {
    name: "files-beside",
    setup(build): void {
      build.onLoad({ filter: /[/](src|test)[/].*\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        const contents = text.replace(FILE_URL, (_, file: string) => {
          const name = JSON.stringify(`./${basename(file).replace(/\.ts$/, ".js")}`);
          return `new URL(${name}, import.meta.url)`;
        });
        return contents === text ? undefined : { contents, loader: "ts" };
      });
    },
  };
}

/** The npm packages that a bundle contains. */
export function bundledPackages(...metafiles: Metafile[]): string[] {
  const names = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap(({ inputs }) =>
      Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).flatMap(([path]) =>
        path.match(/.*node_modules[/]((?:@[^/]+[/])?[^/]+)/)?.[1] ?? []
      )
    )
  );
  return [...new Set(names)].sort();
}
