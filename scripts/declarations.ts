/**
 * The declarations of the package. The source says the type of every export (`isolatedDeclarations`), so each file
 * gives its own without a look at the others; rollup then takes from them what `mod.ts` names, and nothing else.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Plugin, rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import ts from "typescript";
import { root } from "./bundle.ts";

/**
 * The declarations of `entry`, in one text.
 *
 * @param packages What the text may import besides `node:` modules.
 * @throws {Error} It needs another package, a type of Deno, or a type that the source does not give.
 */
export async function declarations(entry: string, packages: readonly string[]): Promise<string> {
  const bundle = await rollup({
    input: join(root, entry.replace(/\.ts$/, ".d.ts")),
    plugins: [declarationFiles(dirname(join(root, entry))), dts()],
    external: [/^node:/, ...packages],
    onLog: (_level, log) => {
      throw new Error(`${entry}: ${log.message}`);
    },
  });
  const { output: [{ code, imports }] } = await bundle.generate({ format: "es" });
  await bundle.close();
  const wrong = imports.filter((name) => name !== LIBRARY && !name.startsWith("node:") && !packages.includes(name));
  if (wrong.length > 0) throw new Error(`The declarations import ${wrong.join(", ")}, no dependency of the package`);
  const deno = code.replace(/\/\*[\s\S]*?\*\//g, "").match(/\bDeno\.\w+/);
  if (deno !== null) throw new Error(`The declarations need ${deno[0]}, a type of Deno`);
  return code;
}

/** What other entry points than `mod.ts` take from the library: its types, and not copies of them, which would differ. */
const LIBRARY = "./mod.js";

/**
 * Gives the declaration of each file of the source, without writing it.
 *
 * @param folder That of the entry point; what is outside it is the library's.
 */
function declarationFiles(folder: string): Plugin {
  return {
    name: "declaration-files",
    resolveId(specifier, importer) {
      if (importer === undefined) return specifier;
      if (!specifier.startsWith(".")) return null;
      const path = join(dirname(importer), specifier);
      if (!path.startsWith(folder)) return { id: LIBRARY, external: true };
      return join(dirname(importer), specifier.replace(/\.ts$/, ".d.ts"));
    },
    load(id) {
      return id.startsWith(root) ? declarationOf(id.replace(/\.d\.ts$/, ".ts")) : null;
    },
  };
}

/** The declaration of one file. */
function declarationOf(path: string): string {
  const source = readFileSync(path, "utf8").replace(/"npm:((?:@[^/"]+\/)?[^@/"]+)@[^/"]+"/g, '"$1"');
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(source, {
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
    const texts = diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
    throw new Error(`${path}: ${texts.join("\n")}`);
  }
  return withoutTwins(outputText);
}

/** Takes out what TypeScript 6.0 writes twice: a method with a computed name, which it gives as a property, too. */
function withoutTwins(text: string): string {
  const methods = new Set([...text.matchAll(/^ +(?:static )?(\[[\w.]+\])\(/gm)].map(([, name]) => name));
  return text.replace(
    /^(?: +\/\*\* .*\*\/\n)? +(\[[\w.]+\]): \(.*\) => .*;\n/gm,
    (line, name) => methods.has(name) ? "" : line,
  );
}
