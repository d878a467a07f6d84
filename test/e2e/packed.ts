/** The npm package as a user gets it: packed, and unpacked in a folder of its own. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertEquals, assertMatch } from "@std/assert";
import { root } from "./support.ts";

/** What the package needs besides itself to run in Node. */
const RUN_TIME = ["koffi", "@koromix"];

/** A user's folder with the package in it. */
export interface Packed extends Disposable {
  readonly folder: string;
  /** The package within. */
  readonly target: string;
  /** The files that the archive has. */
  readonly contents: readonly string[];
}

/** Packs what is built, and unpacks it as npm would. */
export function unpack(): Packed {
  const folder = mkdtempSync(join(tmpdir(), "netns-package-"));
  const packed = succeed("npm", ["pack", "--ignore-scripts", "--json", `--pack-destination=${folder}`], root);
  assertMatch(packed, /"filename"/);
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
  const contents = succeed("tar", ["-tzf", archive], folder).trim().split("\n");
  const target = join(folder, "node_modules/@netns/netns");
  mkdirSync(target, { recursive: true });
  succeed("tar", ["-xzf", archive, "--strip-components=1", "-C", target], folder);
  writeFileSync(join(folder, "package.json"), `{ "private": true, "dependencies": { "@netns/netns": "*" } }`);
  link(folder, ...RUN_TIME);
  return {
    folder,
    target,
    contents: contents.filter((path) => !path.endsWith("/")).map((path) => path.replace("package/", "")),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Gives a folder what the repository has in its `node_modules/`. */
export function link(folder: string, ...names: readonly string[]): void {
  for (const name of names) symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
}

/** Copies a package from the repository's `node_modules/`: as itself, without what lies beside it there. */
export function copyPackage(folder: string, name: string): void {
  cpSync(join(root, "node_modules", name), join(folder, "node_modules", name), { recursive: true });
}

/** A copy of a user's folder without koffi. */
export function withoutKoffi(folder: string): { readonly folder: string } & Disposable {
  const copy = mkdtempSync(join(tmpdir(), "netns-package-"));
  succeed("cp", ["-a", `${folder}/.`, copy], folder);
  for (const name of RUN_TIME) rmSync(join(copy, "node_modules", name));
  return { folder: copy, [Symbol.dispose]: () => rmSync(copy, { recursive: true, force: true }) };
}

/** What a command printed; its complaint is the failure of the test. */
export function succeed(command: string, args: readonly string[], cwd: string): string {
  const options = { cwd, encoding: "utf8", maxBuffer: 2 ** 26 } as const; // a bundle is over a MiB
  const { status, stdout, stderr, error } = spawnSync(command, args, options);
  assertEquals({ status, error: error?.message }, { status: 0, error: undefined }, `${command}: ${stdout}${stderr}`);
  return stdout;
}
