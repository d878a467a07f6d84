/**
 * The declarations of the package: one file each, for `import` and for `require`. The source says the type of
 * every export (`isolatedDeclarations`), so each file gives its own without a look at the others.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { root } from "./bundle.ts";

/** The two ways to load the package, by the ends of their file names. */
const KINDS: readonly { readonly declaration: string; readonly module: string }[] = [
  { declaration: ".d.ts", module: ".js" },
  { declaration: ".d.cts", module: ".cjs" },
];

/** A type of Deno that stands in a declaration, and what is said in its place where Deno's types are missing. */
const DENO_TYPES: readonly (readonly [RegExp, string])[] = [[/\bDeno\.PointerValue\b/g, "object | null"]];

/**
 * The declarations of `entry` and of all that it names, by their paths.
 *
 * @param packages What a declaration may import besides `node:` modules.
 * @throws {Error} A declaration needs another package, the types of Deno, or a type that the source does not give.
 */
export function declarations(entry: string, packages: readonly string[]): Map<string, string> {
  const output = new Map<string, string>();
  const seen = new Set<string>();
  const waiting = [entry];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const text = declarationOf(path);
    for (const { fileName } of ts.preProcessFile(text).importedFiles) {
      if (fileName.startsWith(".")) waiting.push(join(dirname(path), fileName));
      else if (!fileName.startsWith("node:") && !packages.includes(fileName)) {
        throw new Error(`${path}: the declarations import ${fileName}, which is no dependency of the package`);
      }
    }
    for (const { declaration, module } of KINDS) {
      output.set(path.replace(/\.ts$/, declaration), text.replace(/(["'])(\.[^"'\n]*)\.ts\1/g, `$1$2${module}$1`));
    }
  }
  return output;
}

/** The declaration of one file. */
function declarationOf(path: string): string {
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(readFileSync(join(root, path), "utf8"), {
    fileName: path,
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.NodeNext,
      isolatedDeclarations: true,
      stripInternal: true,
      verbatimModuleSyntax: true,
    },
  });
  if (diagnostics.length > 0) {
    throw new Error(
      `${path}: ${diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")).join("\n")}`,
    );
  }
  const text = DENO_TYPES.reduce((all, [type, instead]) => all.replace(type, instead), outputText);
  const rest = text.replace(/\/\*[\s\S]*?\*\//g, "").match(/\bDeno\.\w+/);
  if (rest !== null) throw new Error(`${path}: the declarations need ${rest[0]}, a type of Deno`);
  return text;
}
