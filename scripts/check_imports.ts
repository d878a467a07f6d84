/**
 * Checks that imports run one way, that `ffi/` is the only folder that knows libc and the runtime, and that
 * `mod.ts` re-exports and nothing else. Prints each fault as `file:line: what`, and exits with 1 if there is one.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { root, sources } from "./bundle.ts";

/**
 * What `src/` is made of, from the ground up: a file imports from its own line and the lines before it. It belongs
 * to the longest entry that fits, so a folder may stand apart from the one that it is in.
 */
const ORDER: readonly string[] = [
  "collections.ts",
  "suggest.ts",
  "ip/",
  "netlink/constants/",
  "reason.ts",
  "directories.ts",
  "errors.ts",
  "argument_fields.ts",
  "whole_number.ts",
  "proc/",
  "async/",
  "namespace.ts",
  "models/",
  "netlink/wire/",
  "switch/",
  "netlink/",
  "capture/",
  "netns/",
  "system/",
  "named/",
  "sysctl/",
  "microservices/",
  "namespace_api.ts",
  "ns_handler.ts",
  "configurator/report.ts",
  "configurator/observed/",
  "configurator/ownership/",
  "configurator/store/",
  "configurator/plan/",
  "configurator/link_types/",
  "configurator/planner.ts",
  "configurator/apply/",
  "configurator/failures.ts",
  "configurator/record_stages.ts",
  "configurator/ledger.ts",
  "configurator/upgrade.ts",
  "configurator/left_beside.ts",
  "configurator/plan_session.ts",
  "configurator/reconcile.ts",
  "configurator/agent/",
  "configurator/options.ts",
  "configurator/configurator.ts",
  "configurator/show/",
  "etcd/",
  "graph/",
  "lab/",
  "doctor/",
  "cli/",
];

/** Questions after the runtime, which only `ffi/` and its tests may ask. */
const RUNTIME_QUESTIONS: readonly string[] = [
  "process.versions",
  "process.release",
  "process.isBun",
  "globalThis.Deno",
  "globalThis.Bun",
  "globalThis.process",
  "navigator.userAgent",
];
const RUNTIME_NAMES: ReadonlySet<string> = new Set(["Deno", "Bun"]);

/** One import or re-export. */
interface Import {
  readonly specifier: string;
  readonly line: number;
}

/** The faults of the whole tree, as lines. */
function importFaults(): string[] {
  const files = ["mod.ts", ...sources("src", "ffi", "test/support", "test/unit", "test/integration")];
  const targets = new Map<string, string[]>();
  const faults = files.flatMap((path) => {
    const file = ts.createSourceFile(path, readFileSync(join(root, path), "utf8"), ts.ScriptTarget.Latest, true);
    const imports = importsOf(file);
    targets.set(path, imports.flatMap((one) => targetOf(path, one) ?? []));
    return [
      ...imports.flatMap((one) => importFault(path, one).map((text) => `${path}:${one.line}: ${text}`)),
      ...path.startsWith("ffi/") || path.startsWith("test/unit/ffi/") ? [] : runtimeFaults(file),
      ...path === "mod.ts" ? contentFaults(file) : [],
      ...path.startsWith("src/") && rankOf(path) === -1 ? [`${path}:1: is not in the order of imports`] : [],
    ];
  });
  return [...faults, ...circles(targets), ...circlesOfFolders(targets)];
}

/** Where a relative import leads, from the root of the repository. */
function targetOf(path: string, { specifier }: Import): string | undefined {
  return specifier.startsWith(".") ? join(dirname(path), specifier) : undefined;
}

/** What is wrong with an import of `path`. */
function importFault(path: string, one: Import): string[] {
  const target = targetOf(path, one);
  if (target === undefined) {
    const isOfSource = path === "mod.ts" || path.startsWith("src/") || path.startsWith("ffi/");
    return isOfSource && !/^(node:|npm:)/.test(one.specifier)
      ? [`imports ${one.specifier}: another Deno project has no name for it; expected npm:NAME@VERSION`]
      : [];
  }
  if (path.startsWith("test/")) {
    return target.startsWith("scripts/") ? [`a test imports ${target}, which only developers run`] : [];
  }
  if (path.startsWith("ffi/")) return target.startsWith("ffi/") ? [] : [`ffi/ imports ${target}; it stands below all`];
  if (path === "mod.ts") return target.startsWith("src/") ? [] : [`mod.ts imports ${target}; it re-exports src/`];
  if (target.startsWith("ffi/")) return target === "ffi/mod.ts" ? [] : [`imports ${target}; ffi/mod.ts is the door`];
  if (!target.startsWith("src/")) return target === "deno.json" ? [] : [`src/ imports ${target}`];
  const [from, to] = [rankOf(path), rankOf(target)];
  return to <= from ? [] : [`imports ${target}, but ${ORDER[from]} stands before ${ORDER[to]}`];
}

/** The rank of a file of `src/` in the order, or -1. */
function rankOf(path: string): number {
  const name = path.slice("src/".length);
  const fits = (one: string): boolean => one.endsWith("/") ? name.startsWith(one) : name === one;
  return ORDER.reduce((best, one, rank) => (
    fits(one) && one.length > (ORDER[best]?.length ?? 0) ? rank : best
  ), -1);
}

/** The imports and re-exports of a file, `import("…")` among them, also those of types alone. */
function importsOf(file: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    found.push({ specifier: specifier.text, line: lineOf(file, specifier) });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0]);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Where a file asks which runtime it is in, or uses `Deno`. */
function runtimeFaults(file: ts.SourceFile): string[] {
  const faults: string[] = [];
  const fault = (node: ts.Node, text: string): void => {
    faults.push(`${file.fileName}:${lineOf(file, node)}: ${text}; only ffi/ and its tests may ask for the runtime`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) {
      const text = node.getText(file).replace("?.", ".");
      if (RUNTIME_QUESTIONS.includes(text)) return fault(node, `names ${text}`);
    }
    if (ts.isIdentifier(node) && RUNTIME_NAMES.has(node.text)) fault(node, `names ${node.text}`);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return faults;
}

/** What stands in `mod.ts` besides re-exports. */
function contentFaults(file: ts.SourceFile): string[] {
  return file.statements.filter((one) => !ts.isExportDeclaration(one) || one.moduleSpecifier === undefined)
    .map((one) => `${file.fileName}:${lineOf(file, one)}: holds more than re-exports`);
}

/** Folders of `src/` whose files import each other's: whoever reads one of them has to know the other. */
function circlesOfFolders(targets: ReadonlyMap<string, readonly string[]>): string[] {
  const found = new Map<string, string[]>();
  for (const [path, imported] of targets) {
    const folder = folderOf(path);
    if (folder === undefined) continue;
    const others = found.get(folder) ?? [];
    for (const target of imported) {
      const other = folderOf(target);
      if (other !== undefined && other !== folder) others.push(other);
    }
    found.set(folder, others);
  }
  return circles(found);
}

/** `src/netlink` of a file in it; undefined of what is outside of `src/`, or in no folder of it. */
function folderOf(path: string): string | undefined {
  return /^src\/[^/]+(?=\/)/.exec(path)?.[0];
}

/** Files, or folders, that import each other in a circle, if only types. */
function circles(targets: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path);
    if (start !== -1) found.push(`${path}: imports itself: ${[...way.slice(start), path].join(" → ")}`);
    if (start !== -1 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return found;
}

function lineOf(file: ts.SourceFile, node: ts.Node): number {
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

if (import.meta.main) {
  const faults = importFaults();
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) Deno.exit(1);
}
