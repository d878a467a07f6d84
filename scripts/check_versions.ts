/**
 * Checks that `deno.json`, the `npm:` specifiers of the source, `package.json` and the lock files agree: the package's
 * version and entry points, the same version of every dependency, no address of a registry, and in `deno.lock` nothing
 * that only the scripts need. Prints each fault, and exits with 1 if there is one.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NPM_SPECIFIER, root, sources } from "./bundle.ts";

/** What Node's side alone needs: tools that run as commands, and types that Deno brings with it. */
const TOOLS: ReadonlySet<string> = new Set(["deno", "publint", "@arethetypeswrong/cli", "@types/node"]);

/** What `deno test` in a fresh clone should not fetch: `deno.lock` says what that is. */
const SCRIPTS_ONLY: ReadonlySet<string> = new Set([...TOOLS, "esbuild", "rollup", "rollup-plugin-dts", "typescript"]);

interface Package {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface Lock {
  readonly version: string;
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly resolved?: string }>>;
}

const read = <T>(name: string): T => JSON.parse(readFileSync(join(root, name), "utf8")) as T;

/** The faults, as lines. */
function versionFaults(): string[] {
  const deno = read<{ version: string; imports: Record<string, string>; exports: Record<string, string> }>("deno.json");
  const npm = read<Package>("package.json");
  const lock = read<Lock>("package-lock.json");
  const faults: string[] = [];
  const same = (what: string, files: Readonly<Record<string, string | undefined>>): void => {
    if (new Set(Object.values(files)).size > 1) {
      faults.push(`${what}: ${Object.entries(files).map(([file, value]) => `${file} has ${value}`).join(", ")}`);
    }
  };

  same("version", { "deno.json": deno.version, "package.json": npm.version, "package-lock.json": lock.version });
  const entryPoints = ({ exports }: { readonly exports: Readonly<Record<string, unknown>> }): string =>
    Object.keys(exports).filter((name) => name !== "./package.json").sort().join(" ");
  same("entry points", { "deno.json": entryPoints(deno), "package.json": entryPoints(npm) });
  const wanted = new Map<string, string>();
  const specifiers: [string, string][] = Object.values(deno.imports).map((target) => ["deno.json", target]);
  for (const path of sources("src", "ffi")) {
    for (const [, target = ""] of readFileSync(join(root, path), "utf8").matchAll(/"(npm:[^"]+)"/g)) {
      specifiers.push([path, target]);
    }
  }
  for (const [path, target] of specifiers) {
    const [, name, version] = target.match(NPM_SPECIFIER) ?? [];
    if (name === undefined || version === undefined) continue;
    same(name, { [path]: version, "another file": wanted.get(name) ?? version });
    wanted.set(name, version);
  }
  const packages = { ...npm.dependencies, ...npm.devDependencies };
  for (const name of new Set([...wanted.keys(), ...Object.keys(packages)])) {
    same(name, {
      "package.json": packages[name],
      "package-lock.json": lock.packages[`node_modules/${name}`]?.version,
      ...TOOLS.has(name) ? {} : { "the source": wanted.get(name) },
    });
  }
  for (const name of ["package-lock.json", "scripts/runtimes/package-lock.json"]) {
    for (const [path, { resolved }] of Object.entries(read<Lock>(name).packages)) {
      if (resolved !== undefined) faults.push(`${name}: ${path} names a registry: ${resolved}`);
    }
  }
  const denoLock = read<{ specifiers: Record<string, string> }>("deno.lock");
  const superfluous = Object.keys(denoLock.specifiers)
    .map((specifier) => specifier.replace(/^npm:/, "").replace(/(.)@.*/, "$1"))
    .filter((name) => SCRIPTS_ONLY.has(name));
  if (superfluous.length > 0) {
    faults.push(
      `deno.lock: holds ${superfluous.join(", ")}, which every deno test would then fetch; make it anew: ` +
        "rm deno.lock && deno test --no-run --no-check && deno cache --no-check mod.ts src/cli/bin.ts",
    );
  }
  return faults;
}

if (import.meta.main) {
  const faults = versionFaults();
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) Deno.exit(1);
}
