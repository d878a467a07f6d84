/**
 * Puts what few runs of a program use into a file of its own: V8 reads all of a file before it runs any of it. A program
 * loads that file when it first uses something of it, and hands in what both use, so that nothing is there twice.
 */
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build, type BuildOptions, type BuildResult, type Plugin } from "esbuild";
import { root } from "./bundle.ts";

/** A file beside a program. */
export interface SeldomUsed {
  /** Its name in `dist/`. */
  readonly name: string;
  /** Its modules, by their paths from `src/`. What they import from others, the program has. */
  readonly modules: RegExp;
}

/** The values that modules import, by the path of the module that exports them. */
type Imports = Map<string, Set<string>>;

/** What stands around the text of a program. */
export interface Frame {
  readonly banner?: string;
  readonly footer?: string;
}

/** The options of a bundle around whose text stands what they are given. */
type Framed = (frame: Frame) => BuildOptions;

/** Builds a program, and before it the file beside it, from the options for such a file and those for the program. */
export async function buildBeside(
  { name, modules }: SeldomUsed,
  file: Framed,
  program: Framed,
): Promise<BuildResult[]> {
  const isSeldom = (path: string): boolean => modules.test(keyOf(path));
  const used = new Set<string>();
  const common: Imports = new Map();
  const beside = file({
    banner: "module.exports = (common) => { const module = {};",
    footer: "return module.exports; };",
  });
  const whole = program({ banner: "let __seldom;" });
  const buildWhole = (): Promise<BuildResult> =>
    build({
      ...whole,
      external: [...whole.external ?? [], `./${name}.cjs`],
      plugins: [usesSeldom(name, isSeldom, used, common), ...whole.plugins ?? []],
    });
  await buildWhole(); // it shows what it uses
  return [
    await build({
      ...beside,
      entryPoints: [{ in: "seldom", out: name }],
      plugins: [isSeldomUsed(isSeldom, used, common), ...beside.plugins ?? []],
    }),
    await buildWhole(),
  ];
}

/** The path of a module from `src/`. */
const keyOf = (path: string): string => relative(join(root, "src"), path);

/** Has the program load the file beside it for the first value of one of its modules that it uses. */
function usesSeldom(name: string, isSeldom: (path: string) => boolean, used: Set<string>, common: Imports): Plugin {
  return {
    name: "uses-seldom",
    setup({ onResolve, onLoad }): void {
      onResolve({ filter: /^\.\.?[/].*\.ts$/ }, ({ path, importer, resolveDir }) => {
        const file = join(resolveDir, path);
        if (!isSeldom(file) || isSeldom(importer)) return undefined;
        used.add(file);
        return { path: keyOf(file), namespace: "seldom" };
      });
      // What esbuild makes of it has the same prototype, and there each value is looked up when it is used.
      onLoad({ filter: /.*/, namespace: "seldom" }, ({ path }) => ({
        contents: `module.exports = Object.create(__whenNeeded(() => __seldom(${JSON.stringify(path)})));`,
      }));
      onLoad({ filter: /[/]src[/]cli[/]start\.ts$/ }, ({ path }) => ({
        contents: handOver(name, common) + readFileSync(path, "utf8"),
        loader: "ts",
      }));
    },
  };
}

/** The lines that load the file once, and hand in what it shares with the program. */
function handOver(name: string, common: Imports): string {
  const lines: string[] = [];
  const modules: string[] = [];
  for (const [path, values] of common) {
    const from = `common${modules.length}_`;
    const named = [...values].map((value) => [value, from + value] as const);
    lines.push(
      `import { ${named.map(([value, as]) => `${value} as ${as}`).join(", ")} } from ${JSON.stringify(path)};`,
    );
    modules.push(`${JSON.stringify(keyOf(path))}: { ${named.map(([value, as]) => `${value}: ${as}`).join(", ")} }`);
  }
  lines.push("let seldom;");
  lines.push(`__seldom = (path) => (seldom ??= require("./${name}.cjs")({ ${modules.join(", ")} }))[path];`);
  return lines.join("\n");
}

/** Makes the file: it exports its modules by their paths, and takes those of the program from what is handed in. */
function isSeldomUsed(isSeldom: (path: string) => boolean, used: Set<string>, common: Imports): Plugin {
  return {
    name: "is-seldom-used",
    setup({ onResolve, onLoad }): void {
      onResolve({ filter: /^seldom$/ }, ({ path }) => ({ path, namespace: "seldom-entry" }));
      onLoad({ filter: /.*/, namespace: "seldom-entry" }, () => ({
        contents: [...used].map((path) => `export * as ${JSON.stringify(keyOf(path))} from ${JSON.stringify(path)};`)
          .join("\n"),
        resolveDir: root,
      }));
      onResolve({ filter: /^\.\.?[/].*\.ts$/ }, ({ path, importer, resolveDir }) => {
        const file = join(resolveDir, path);
        if (!isSeldom(importer) || isSeldom(file)) return undefined;
        const values = common.get(file) ?? new Set();
        for (const value of importedFrom(importer, path)) values.add(value);
        common.set(file, values);
        return { path: keyOf(file), namespace: "common" };
      });
      onLoad({ filter: /.*/, namespace: "common" }, ({ path }) => ({
        contents: `module.exports = common[${JSON.stringify(path)}];`,
      }));
    },
  };
}

/** The names of the values that a module imports from another. */
function importedFrom(importer: string, specifier: string): string[] {
  const lines = [...readFileSync(importer, "utf8").matchAll(/^import (type )?(.*?) from "(.*?)";$/gms)]
    .filter(([, isType, , from]) => isType === undefined && from === specifier);
  return lines.flatMap(([, , names = ""]) => {
    const named = /^\{(.*)\}$/s.exec(names)?.[1];
    if (named === undefined) throw new Error(`${importer}: expected import { … } from "${specifier}"`);
    return named.split(",").map((one) => one.trim()).filter((one) => one !== "" && !one.startsWith("type "))
      .map((one) => one.replace(/ as .*/, ""));
  });
}
