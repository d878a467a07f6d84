/** The npm package, used from a user's folder; and the source, used from another Deno project. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { spawn } from "node:child_process";
import process from "node:process";
import { after, before, describe, it } from "@std/testing/bdd";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { documentPaths } from "./documents/blocks.ts";
import { copyPackage, link, type Packed, succeed, unpack, withoutKoffi } from "./packed.ts";
import { root } from "./support.ts";

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

/** Waits for an event in a namespace without a name, and prints what it is about. */
const FOLLOWING = `
const ns = NsHandle.create();
const netlink = ns.netlink();
const timer = setInterval(() => netlink.setLink({ name: "lo" }, { mtu: 1000 + Math.floor(Math.random() * 1000) }), 50);
for await (const event of netlink.events({ groups: ["links"] })) {
  console.log(event.kind, event.link.name);
  break;
}
clearInterval(timer);
netlink.close();
ns.close();
`;

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

/** The command within a program, which prints a line of its own and what the command printed. */
const COMMAND = `
const status = await main(["ls", "--json"], standardIo());
if (status !== 0) throw new Error(String(status));
`;

describe("the npm package", () => {
  let packed: Packed;
  before(() => packed = unpack());
  after(() => packed[Symbol.dispose]());

  it("contains what is named or loaded, and nothing else", () => {
    const { exports, imports, bin, man, scripts } = JSON.parse(
      readFileSync(join(packed.target, "package.json"), "utf8"),
    );
    const named = JSON.stringify([exports, imports, bin, man]).match(/dist\/[\w./-]+/g) ?? [];
    const documents = documentPaths().filter((path) => /^(README|CHANGELOG|SECURITY)\.md$|^src\//.test(path));
    const wanted = new Set([
      "package.json",
      "LICENSE",
      ...documents,
      "dist/THIRD-PARTY.txt",
      "dist/cli.js", // the former name of the command
      "dist/schema.json",
      "dist/systemd/netns-agent.service",
      "dist/systemd/netns-uplink@.service",
      ...named,
    ]);
    // What is added while this goes on is looked at, too.
    for (const path of wanted) {
      if (!/\.c?js$/.test(path)) continue;
      const code = readFileSync(join(packed.target, path), "utf8");
      for (const [, file = ""] of code.matchAll(/["'](\.\/[\w-]+\.(?:c?js|yaml))["']/g)) {
        wanted.add(join(dirname(path), file));
      }
    }
    assertEquals([...packed.contents].sort(), [...wanted].sort());
    const atInstallation = Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name));
    assertEquals(atInstallation, [], "nothing is run where it is installed");
  });

  it("brings koffi and its binary with it, and nothing else", () => {
    const manifest = (name: string): Record<string, Record<string, string> | undefined> =>
      JSON.parse(readFileSync(join(packed.folder, "node_modules", name, "package.json"), "utf8"));
    const neededBy = (name: string): string[] =>
      ["dependencies", "optionalDependencies", "peerDependencies"].flatMap((kind) =>
        Object.keys(manifest(name)[kind] ?? {})
      );
    assertEquals(neededBy("@netns/netns"), ["koffi"]);
    // One for each kind of machine, of which npm installs the one that fits.
    const binaries = neededBy("koffi");
    assertEquals(binaries.filter((name) => !name.startsWith("@koromix/koffi-")), []);
    const installed = readdirSync(join(root, "node_modules/@koromix")).map((name) => `@koromix/${name}`);
    assertEquals(installed.filter((name) => !binaries.includes(name)), []);
    assertEquals(installed.flatMap(neededBy), []);
  });

  it("works by import in Node", () => {
    assertEquals(
      JSON.parse(inNode("use.mjs", `import { NsHandle, parseNamespace } from "@netns/netns";${PROGRAM}`)),
      EXPECTED,
    );
    assertEquals(inNode("follow.mjs", `import { NsHandle } from "@netns/netns";${FOLLOWING}`), "link lo\n");
  });

  it("works by require in Node", () => {
    const names = "{ NsHandle, parseNamespace }";
    assertEquals(JSON.parse(inNode("use.cjs", `const ${names} = require("@netns/netns");${PROGRAM}`)), EXPECTED);
    const follow = `const ${names} = require("@netns/netns"); (async () => {${FOLLOWING}})();`;
    assertEquals(inNode("follow.cjs", follow), "link lo\n");
  });

  it("works in Deno with --allow-ffi alone, and without koffi", () => {
    using alone = withoutKoffi(packed.folder);
    const inDeno = (code: string): string => {
      writeFileSync(
        join(alone.folder, "use_deno.mjs"),
        `import { NsHandle, parseNamespace } from "@netns/netns";${code}`,
      );
      const args = ["run", "--no-prompt", "--no-config", "--no-lock", "--node-modules-dir=manual", "--allow-ffi"];
      return succeed(Deno.execPath(), [...args, "use_deno.mjs"], alone.folder);
    };
    assertEquals(JSON.parse(inDeno(PROGRAM)), EXPECTED);
    assertEquals(inDeno(FOLLOWING), "link lo\n");
  });

  it("gives the command, in Node and in Deno", () => {
    const path = "node_modules/@netns/netns/dist/cli.cjs";
    assertMatch(succeed("node", [path, "--version"], packed.folder), /^\d+\.\d+\.\d+\S*\n$/);
    const isList = (output: string): boolean => Array.isArray(JSON.parse(output));
    assertEquals(isList(succeed(path, ["ls", "--json"], packed.folder)), true);
    using alone = withoutKoffi(packed.folder);
    const args = ["run", "-A", "--no-lock", path, "ls", "--json"];
    assertEquals(isList(succeed(Deno.execPath(), args, alone.folder)), true);
  });

  it("gives the command to programs, and does not run it by itself", () => {
    const code = `import { main, standardIo } from "@netns/netns/cli";`;
    assertEquals(inNode("import.mjs", code), "");
    assertEquals(Array.isArray(JSON.parse(inNode("command.mjs", code + COMMAND))), true);
  });

  for (const hidden of [["koffi", "@koromix"], ["@koromix"]]) {
    it(`says in Node that there is no FFI binary, at the first call and not before: no ${hidden.join(", no ")}`, () => {
      using alone = withoutKoffi(packed.folder);
      if (!hidden.includes("koffi")) copyPackage(alone.folder, "koffi");
      const use = `import { NsHandle, parseNamespace } from "@netns/netns";
        Object.defineProperty(process, "arch", { value: "s390x" });
        console.log(parseNamespace("blue").type);
        try { NsHandle.current(); } catch (error) { console.log(error.message); }`;
      writeFileSync(join(alone.folder, "use.mjs"), use);
      const [parsed, message = ""] = succeed("node", ["use.mjs"], alone.folder).trim().split("\n");
      assertEquals(parsed, "named");
      assertStringIncludes(message, "no FFI binary for Node on linux-s390x (");
      assertStringIncludes(message, "there are some for linux-x64 and linux-arm64, with glibc or musl");
      assertEquals(message.match(/no FFI binary/g)?.length, 1, "it says so once");
    });
  }

  it("has types for import and for require, without Deno's", () => {
    link(packed.folder, "@types", "undici-types");
    const command = `import { type Io, main } from "@netns/netns/cli";
      export const run = (io: Io): Promise<number> => main(["ls"], io);`;
    writeFileSync(join(packed.folder, "typed.mts"), `import { ${NAMES} } from "@netns/netns";${command}${TYPED}`);
    writeFileSync(join(packed.folder, "typed.cts"), `import { ${NAMES} } from "@netns/netns";${TYPED}`);
    const flags = "--noEmit --strict --exactOptionalPropertyTypes --target es2022 --lib es2023,esnext.disposable,dom" +
      " --module nodenext --types node";
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    succeed("node", [compiler, ...flags.split(" "), "typed.mts", "typed.cts"], packed.folder);
  });

  function inNode(file: string, code: string): string {
    writeFileSync(join(packed.folder, file), code);
    return succeed("node", [file], packed.folder);
  }
});

describe("the source, in another Deno project (N20)", () => {
  let folder = "";
  before(() => folder = mkdtempSync(join(tmpdir(), "netns-project-")));
  after(() => rmSync(folder, { recursive: true }));

  /** Runs a program of a project without an import map, which finds packages by itself. */
  async function project(source: string, code: string, rights: readonly string[], denoDir?: string): Promise<string> {
    writeFileSync(join(folder, "deno.json"), "{}");
    writeFileSync(join(folder, "use.ts"), `import { NsHandle, parseNamespace } from "${source}";${code}`);
    const args = ["run", "--quiet", "--no-prompt", "--no-lock", "--node-modules-dir=none", ...rights, "use.ts"];
    const cache = denoDir === undefined ? {} : { DENO_DIR: denoDir };
    const env = { ...process.env, NO_COLOR: "1", no_proxy: "127.0.0.1", ...cache };
    const child = spawn(Deno.execPath(), args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    let [output, complaint] = ["", ""];
    child.stdout.on("data", (data) => output += data);
    child.stderr.on("data", (data) => complaint += data);
    const status = await new Promise((resolve) => child.on("close", resolve));
    assertEquals(status, 0, complaint);
    return output;
  }

  it("works with --allow-ffi alone", async () => {
    assertEquals(JSON.parse(await project(`${root}mod.ts`, PROGRAM, ["--check", "--allow-ffi"])), EXPECTED);
  });

  it("waits for events with the right to read the thread's program", async () => {
    assertEquals(await project(`${root}mod.ts`, FOLLOWING, ["--allow-ffi", `--allow-read=${root}`]), "link lo\n");
  });

  it("works from a server, as JSR's", async () => {
    const server = createServer((request, response) => {
      const path = join(root, new URL(request.url ?? "", "http://x").pathname);
      const type = path.endsWith(".json") ? "application/json" : "application/typescript";
      response.setHeader("content-type", type).end(readFileSync(path));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    // A cache of its own, as the address is another one each time; but for what comes from npm.
    const denoDir = join(folder, "cache");
    const { denoDir: usual } = JSON.parse(succeed(Deno.execPath(), ["info", "--json"], folder));
    mkdirSync(denoDir);
    symlinkSync(join(usual, "npm"), join(denoDir, "npm"));
    try {
      const { port } = server.address() as { port: number }; // of a TCP server
      const host = `127.0.0.1:${port}`;
      const rights = ["--allow-ffi", `--allow-import=${host}`];
      assertEquals(await project(`http://${host}/mod.ts`, PROGRAM, rights, denoDir), `${JSON.stringify(EXPECTED)}\n`);
      assertEquals(await project(`http://${host}/mod.ts`, FOLLOWING, rights, denoDir), "link lo\n");
    } finally {
      server.close();
    }
  });
});
