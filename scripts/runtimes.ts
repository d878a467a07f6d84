/** The package as a user has it, and the runtimes that a user may run it in. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { root } from "./bundle.ts";
import { bundleForPackage } from "./node_tests.ts";
import { run } from "./run.ts";

/** Where npm installs the runtimes that `scripts/runtimes/package.json` names: out of the sight of the other scripts. */
const RUNTIMES = join(root, "node_modules/.cache/netns-runtimes");

/** How a runtime runs the tests of the installed package. */
export interface Runtime {
  readonly name: string;
  readonly command: string;
  /** Its arguments, which ask for a JUnit report. */
  readonly args: (xml: string) => string[];
}

/** A folder with the package in it. */
export interface Installed extends Disposable {
  readonly folder: string;
}

/**
 * Packs what is built, and has npm install that in an empty folder away from the repository, without any script of a
 * package.
 *
 * @throws {Error} npm fails; the message is what it wrote.
 */
export async function installPackage(): Promise<Installed> {
  const folder = mkdtempSync(join(tmpdir(), "netns-installed-"));
  const installed = { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
  try {
    writeFileSync(join(folder, "package.json"), `{ "private": true, "type": "module" }\n`);
    const quiet = ["--ignore-scripts", "--loglevel=error"];
    const packed = (await npm("pack", ...quiet, `--pack-destination=${folder}`)).trim().split("\n").at(-1) ?? "";
    const options = ["--no-audit", "--no-fund", "--prefer-offline", `--prefix=${folder}`];
    await npm("install", ...quiet, ...options, join(folder, packed));
  } catch (error) {
    installed[Symbol.dispose]();
    throw error;
  }
  return installed;
}

/** A runtime that npm has installed. */
interface Binary {
  readonly kind: "Bun" | "Node";
  readonly version: string;
  readonly path: string;
}

/** The oldest Node that the package takes. */
export async function oldestNode(): Promise<{ readonly version: string; readonly command: string }> {
  const nodes = (await installRuntimes()).filter(({ kind }) => kind === "Node");
  const { version, path } = nodes.reduce((one, other) => major(one) < major(other) ? one : other);
  return { version, command: path };
}

/** The Bun that the tests run the package in. */
export async function bun(): Promise<string> {
  const found = (await installRuntimes()).find(({ kind }) => kind === "Bun");
  if (found === undefined) {
    throw new Error(`There is no Bun for linux-${process.arch} in scripts/runtimes/package.json`);
  }
  return found.path;
}

const major = ({ version }: Binary): number => Number.parseInt(version, 10);

/**
 * Has npm install the runtimes of this kind of machine, which it chooses by the `cpu` of their packages.
 *
 * @throws {Error} npm fails, or there are none for this machine.
 */
async function installRuntimes(): Promise<Binary[]> {
  mkdirSync(RUNTIMES, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) {
    cpSync(join(root, "scripts/runtimes", name), join(RUNTIMES, name));
  }
  const { optionalDependencies } = JSON.parse(readFileSync(join(RUNTIMES, "package.json"), "utf8")) as {
    readonly optionalDependencies: Readonly<Record<string, string>>;
  };
  const wanted = Object.entries(optionalDependencies)
    .filter(([alias]) => alias.endsWith(`-${process.arch}`))
    .map(([alias, target]): Binary => {
      const kind = alias.startsWith("bun") ? "Bun" : "Node";
      const path = join(RUNTIMES, "node_modules", alias, "bin", kind.toLowerCase());
      return { kind, version: target.slice(target.lastIndexOf("@") + 1), path };
    });
  if (wanted.length === 0) {
    throw new Error(`There are no runtimes for linux-${process.arch} in scripts/runtimes/package.json`);
  }
  const missing = (): Binary[] => wanted.filter(({ path }) => !existsSync(path));
  // npm says nothing of an optional package that it could not fetch.
  for (let tries = 0; tries < 3 && (tries === 0 || missing().length > 0); tries++) {
    await npm(
      "install",
      "--no-save",
      "--prefer-offline",
      "--ignore-scripts",
      "--loglevel=error",
      `--prefix=${RUNTIMES}`,
    );
  }
  const [lost] = missing();
  if (lost !== undefined) throw new Error(`npm did not install ${lost.kind} ${lost.version}: ${lost.path} is missing`);
  return wanted;
}

/**
 * Bundles the tests for the installed package, and gives the runtimes that run them.
 *
 * @throws {Error} npm fails, or there are no runtimes for this machine.
 */
export async function runtimesFor({ folder }: Installed): Promise<Runtime[]> {
  const found = await installRuntimes();
  const { file, program } = await bundleForPackage(join(folder, "tests"));
  const deno = ["--no-config", "--no-lock", "--node-modules-dir=manual", "--no-check", "--no-prompt"];
  const files = ["--allow-write=/etc/netns,/tmp", `--allow-read=/etc/netns,/tmp,${folder}`];
  const rights = ["--allow-ffi", "--allow-sys=uid", "--allow-net", "--allow-run", "--allow-env", ...files];
  return [
    ...found.map(({ kind, version, path }): Runtime => ({
      name: `${kind} ${version}`,
      command: path,
      args: kind === "Bun" ? (xml) => [program, xml] : (xml) => [...nodeTest(xml), file],
    })),
    {
      name: `Deno ${Deno.version.deno}`,
      command: Deno.execPath(),
      args: (xml: string) => ["test", ...deno, ...rights, `--junit-path=${xml}`, file],
    },
  ].sort((a, b) => a.name < b.name ? -1 : 1);
}

/** Arguments with which Node runs tests, shows how they go and reports that to `xml`. */
export function nodeTest(xml: string): string[] {
  const reporters = Object.entries({ spec: "stdout", junit: xml }).flatMap(([reporter, destination]) => [
    `--test-reporter=${reporter}`,
    `--test-reporter-destination=${destination}`,
  ]);
  return ["--enable-source-maps", "--test", "--test-concurrency=1", ...reporters];
}

async function npm(...args: string[]): Promise<string> {
  const { ok, output } = await run("npm", args);
  if (!ok) throw new Error(`npm ${args.join(" ")}:\n${output}`);
  return output;
}
