/** How the source becomes JavaScript for Node: shared by the build and by the test runner. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, type Metafile, type Plugin } from "esbuild";
import { shimOf } from "./shim.ts";

/** The directory of the repository. */
export const root: string = fileURLToPath(new URL("..", import.meta.url));

/** What stands in for the global `Deno` in Node. */
const DENO_FOR_NODE = "ffi/node/deno.ts";

/** What the sources are allowed to load at run time; everything else is bundled in. */
export const dependencies: readonly string[] = Object.keys(
  (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { dependencies: Record<string, string> })
    .dependencies,
);

/** Options that every bundle has; `own` gives those of a bundle that becomes a text within this one. */
export function commonOptions(own: () => BuildOptions = commonOptions): BuildOptions {
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
    plugins: [npmSpecifiers(), yamlWriterWhenNeeded(), programsWithin(own)],
  };
}

/** Options of a bundle for Node, where `Deno` is what `ffi/node/deno.ts` makes it. */
export function nodeOptions(): BuildOptions {
  const common = commonOptions(nodeOptions);
  return { ...common, plugins: [...common.plugins ?? [], denoForNode(), usedShims(), globalProcess()] };
}

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

/** How js-yaml makes one of the regular expressions with which it writes YAML: 10 ms of a start of Node for all. */
const WRITING_PATTERN = /^var (\w+) = (new RegExp\(.*, "u"\));$/gm;

/** Has js-yaml make those when it first writes, which few programs do. It only ever tests with them. */
function yamlWriterWhenNeeded(): Plugin {
  return {
    name: "yaml-writer-when-needed",
    setup({ onLoad }): void {
      onLoad({ filter: /[/]js-yaml[/]dist[/]js-yaml\.mjs$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        const contents = text.replace(
          WRITING_PATTERN,
          (_, name: string, made: string) => `var ${name} = { test: (text) => (${name} = ${made}).test(text) };`,
        );
        if (contents === text) throw new Error(`${path} has another layout: its patterns are made at each start`);
        return { contents, loader: "js" };
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

/** Gives a bundle those members of `@deno/shim-deno` that `ffi/` names. */
function usedShims(): Plugin {
  return {
    name: "used-shims",
    setup(build): void {
      const wanted = new Set(
        sources("ffi").flatMap((path) =>
          [...readFileSync(join(root, path), "utf8").matchAll(DENO_MEMBER)].map(([, name = ""]) => name)
        ),
      );
      build.onLoad({ filter: /@deno[/]shim-deno[/]dist[/]index\.mjs$/ }, ({ path }) => (
        { contents: shimOf(path, wanted), loader: "js" }
      ));
    },
  };
}

/**
 * Takes `process` from the global scope. To import it, Node reads every property of it, `process.stdin` and the
 * other streams among them: that opens all three, and costs a sixth of an empty start.
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

/** How the source names the program of a thread. */
const PROGRAM_URL = /new URL\(\s*"(\.[^"]+\.ts)",\s*import\.meta\.url,?\s*\)/g;

/**
 * Puts the programs that `src/` starts on threads into the bundle, as text in a `data:` URL: whoever bundles the bundle
 * again needs no file beside it, and Deno no permission to read one.
 *
 * @param options How such a program is bundled.
 */
function programsWithin(options: () => BuildOptions): Plugin {
  return {
    name: "programs-within",
    setup({ onLoad, onResolve }): void {
      onLoad({ filter: /[/]src[/].*\.ts$/ }, ({ path }) => {
        const imports: string[] = [];
        const text = readFileSync(path, "utf8").replace(PROGRAM_URL, (_, file: string) => {
          const name = `program${imports.length}`;
          imports.push(`import ${name} from ${JSON.stringify(`program:${join(dirname(path), file)}`)};`);
          return `new URL("data:text/javascript," + encodeURIComponent(${name}))`;
        });
        return imports.length === 0 ? undefined : { contents: imports.join("") + text, loader: "ts" };
      });
      onResolve({ filter: /^program:/ }, ({ path }) => ({ path: path.slice("program:".length), namespace: "program" }));
      onLoad({ filter: /.*/, namespace: "program" }, async ({ path }) => {
        const { outputFiles: [output] } = await build({
          ...options(),
          entryPoints: [path],
          minify: true,
          sourcemap: false,
          write: false,
        });
        return output && { contents: output.text, loader: "text" };
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
