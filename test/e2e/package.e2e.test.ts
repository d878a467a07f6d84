/** The npm package as a user gets it: packed, unpacked in a folder of its own, and used from there. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, it } from "@std/testing/bdd";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What the package needs besides itself to run in Node. */
const RUN_TIME = ["koffi", "@koromix"];

/** Uses the library: makes a namespace without a name, looks into it, and comes back. */
const PROGRAM = `
const here = NsHandle.current();
const made = NsHandle.create();
const inside = made.run(() => NsHandle.current());
console.log(JSON.stringify({
  there: inside.equals(made), back: NsHandle.current().equals(here), other: !made.equals(here),
  links: made.run(() => made.netlink().listLinks().map(({ name }) => name)),
  parsed: parseNamespace("PID:7"),
}));
for (const handle of [here, made, inside]) handle.close();
`;
const EXPECTED = {
  there: true,
  back: true,
  other: true,
  links: ["lo"],
  parsed: { type: "pid", pid: 7 },
};

/** A program that names every kind of thing: functions, classes, errors, types. */
const TYPED = `
const ns: Namespace = parseNamespace("blue");
const handle: NsHandle = NsHandle.current();
const text: string = namespaceToString(ns);
const failure: Error & { readonly code: string } = null as unknown as SyscallError;
const fd: number = handle.run(() => handle.fd);
export { failure, fd, text };
`;
const NAMES = "NsHandle, namespaceToString, parseNamespace, type Namespace, type SyscallError";

describe("the npm package", () => {
  let folder = "";
  let contents: string[] = [];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "netns-package-"));
    const packed = succeed("npm", ["pack", "--ignore-scripts", "--json", `--pack-destination=${folder}`], root);
    assertMatch(packed, /"filename"/);
    const archive = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
    contents = succeed("tar", ["-tzf", archive], folder).trim().split("\n").map((path) => path.replace("package/", ""));
    const target = join(folder, "node_modules/@netns/netns");
    mkdirSync(target, { recursive: true });
    succeed("tar", ["-xzf", archive, "--strip-components=1", "-C", target], folder);
    writeFileSync(join(folder, "package.json"), `{ "private": true, "dependencies": { "@netns/netns": "*" } }`);
    link(folder, ...RUN_TIME);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("contains what is named or loaded, and nothing else", () => {
    const target = join(folder, "node_modules/@netns/netns");
    const { exports, bin, scripts } = JSON.parse(readFileSync(join(target, "package.json"), "utf8"));
    const named = JSON.stringify([exports["."], bin]).match(/dist\/[\w./-]+/g) ?? [];
    const wanted = new Set(["package.json", "README.md", "LICENSE", "CHANGELOG.md", "dist/THIRD-PARTY.txt", ...named]);
    // What is added while this goes on is looked at, too.
    for (const path of wanted) {
      if (!/\.c?js$/.test(path)) continue;
      const code = readFileSync(join(target, path), "utf8");
      for (const [, file = ""] of code.matchAll(/["'](\.\/[\w-]+\.(?:c?js|yaml))["']/g)) {
        wanted.add(join(dirname(path), file));
      }
    }
    assertEquals(contents.filter((path) => !path.endsWith("/")).sort(), [...wanted].sort());
    const atInstallation = Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name));
    assertEquals(atInstallation, [], "nothing is run where it is installed");
  });

  it("gives a bundler only what is used of it", () => {
    const bundled = (code: string): string => {
      writeFileSync(join(folder, "part.mjs"), code);
      const flags = ["--bundle", "--platform=node", "--format=esm", "--log-level=error"];
      const external = ["--external:koffi", "--external:dockerode"];
      return succeed(join(root, "node_modules/.bin/esbuild"), ["part.mjs", ...flags, ...external], folder);
    };
    const whole = bundled(`export * from "@netns/netns";`);
    const part = bundled(`export { parseNamespace } from "@netns/netns";`);
    assertStringIncludes(whole, "RTM_NEWLINK");
    assertEquals(part.includes("RTM_NEWLINK"), false);
    assertEquals(part.length * 20 < whole.length, true, `${part.length} of ${whole.length} characters`);
  });

  it("works by import in Node", () => {
    writeFileSync(join(folder, "use.mjs"), `import { NsHandle, parseNamespace } from "@netns/netns";${PROGRAM}`);
    assertEquals(JSON.parse(succeed("node", ["use.mjs"], folder)), EXPECTED);
  });

  it("works by require in Node", () => {
    writeFileSync(join(folder, "use.cjs"), `const { NsHandle, parseNamespace } = require("@netns/netns");${PROGRAM}`);
    assertEquals(JSON.parse(succeed("node", ["use.cjs"], folder)), EXPECTED);
  });

  it("works in Deno with --allow-ffi alone, and without koffi", () => {
    writeFileSync(join(folder, "use_deno.mjs"), `import { NsHandle, parseNamespace } from "@netns/netns";${PROGRAM}`);
    const bare = without(folder, "koffi", "@koromix");
    try {
      const args = ["run", "--no-prompt", "--no-config", "--no-lock", "--node-modules-dir=manual", "--allow-ffi"];
      assertEquals(JSON.parse(succeed(Deno.execPath(), [...args, "use_deno.mjs"], bare)), EXPECTED);
    } finally {
      rmSync(bare, { recursive: true });
    }
  });

  it("gives the command, in Node and in Deno", () => {
    const path = "node_modules/@netns/netns/dist/cli.js";
    assertMatch(succeed("node", [path, "--version"], folder), /^\d+\.\d+\.\d+\S*\n$/);
    const isList = (output: string): boolean => Array.isArray(JSON.parse(output));
    assertEquals(isList(succeed(path, ["ls", "--json"], folder)), true);
    const bare = without(folder, "koffi", "@koromix");
    try {
      assertEquals(isList(succeed(Deno.execPath(), ["run", "-A", "--no-lock", path, "ls", "--json"], bare)), true);
    } finally {
      rmSync(bare, { recursive: true });
    }
  });

  for (const hidden of [["koffi", "@koromix"], ["@koromix"]]) {
    it(`says in Node that there is no FFI binary, at the first call and not before: no ${hidden.join(", no ")}`, () => {
      const bare = without(folder, "koffi", "@koromix");
      try {
        if (!hidden.includes("koffi")) {
          cpSync(join(root, "node_modules/koffi"), join(bare, "node_modules/koffi"), { recursive: true });
        }
        const use = `import { NsHandle, parseNamespace } from "@netns/netns";
          Object.defineProperty(process, "arch", { value: "s390x" });
          console.log(parseNamespace("blue").type);
          try { NsHandle.current(); } catch (error) { console.log(error.message); }`;
        writeFileSync(join(bare, "use.mjs"), use);
        const [parsed, message = ""] = succeed("node", ["use.mjs"], bare).trim().split("\n");
        assertEquals(parsed, "named");
        assertStringIncludes(message, "no FFI binary for Node on linux-s390x (");
        assertStringIncludes(message, "there are some for linux-x64 and linux-arm64, with glibc or musl");
        assertEquals(message.match(/no FFI binary/g)?.length, 1, "it says so once");
      } finally {
        rmSync(bare, { recursive: true });
      }
    });
  }

  it("has types for import and for require, without Deno's", () => {
    link(folder, "@types", "undici-types");
    writeFileSync(join(folder, "typed.mts"), `import { ${NAMES} } from "@netns/netns";${TYPED}`);
    writeFileSync(join(folder, "typed.cts"), `import { ${NAMES} } from "@netns/netns";${TYPED}`);
    const flags = "--noEmit --strict --exactOptionalPropertyTypes --target es2022 --lib es2023,esnext.disposable,dom" +
      " --module nodenext --types node";
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    succeed("node", [compiler, ...flags.split(" "), "typed.mts", "typed.cts"], folder);
  });
});

/** Gives a folder what the repository has in its `node_modules/`. */
function link(folder: string, ...names: readonly string[]): void {
  for (const name of names) symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
}

/** A copy of a user's folder that lacks some packages. */
function without(folder: string, ...names: readonly string[]): string {
  const copy = mkdtempSync(join(tmpdir(), "netns-package-"));
  succeed("cp", ["-a", `${folder}/.`, copy], folder);
  for (const name of names) rmSync(join(copy, "node_modules", name));
  return copy;
}

/** What a command printed; its complaint is the failure of the test. */
function succeed(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  assertEquals({ status, error: error?.message }, { status: 0, error: undefined }, `${command}: ${stdout}${stderr}`);
  return stdout;
}
