/** Programs that use the package, made into one file: by esbuild, and with a runtime by `bun build --compile`. */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { bun } from "../../scripts/runtimes.ts";
import { copyPackage, type Packed, succeed, unpack } from "./packed.ts";
import { root } from "./support.ts";

/** Makes a namespace with a name, looks at its links, waits for an event in it, and takes it away. */
const PROGRAM = `
async function work() {
  const name = "netns-test-" + crypto.randomUUID().slice(0, 8);
  using ns = createNamedNamespace(name);
  try {
    using netlink = ns.netlink();
    const links = netlink.listLinks().map((link) => link.name);
    const timer = setInterval(() => netlink.setLink({ name: "lo" }, { mtu: 1000 + Math.floor(Math.random() * 1000) }), 50);
    for await (const event of netlink.events({ groups: ["links"] })) {
      console.log(JSON.stringify({ listed: listNamedNamespaces().includes(name), links, event: event.link.name }));
      break;
    }
    clearInterval(timer);
  } finally {
    deleteNamedNamespace(name);
  }
}
work();
`;
const NAMES = "{ createNamedNamespace, deleteNamedNamespace, listNamedNamespaces }";
const EXPECTED = `${JSON.stringify({ listed: true, links: ["lo"], event: "lo" })}\n`;

/** The packages of which the bundler has to know that they stay outside. */
const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const EXTERNAL = Object.keys(dependencies).filter((name) => name !== "koffi").map((name) => `--external:${name}`);

describe("a program that uses the package (N19)", () => {
  let packed: Packed;
  let elsewhere = "";
  before(() => {
    packed = unpack();
    elsewhere = mkdtempSync(join(tmpdir(), "netns-elsewhere-"));
    writeFileSync(join(packed.folder, "import.ts"), `import ${NAMES} from "@netns/netns";${PROGRAM}`);
    writeFileSync(join(packed.folder, "require.cts"), `const ${NAMES} = require("@netns/netns");${PROGRAM}`);
  });
  after(() => {
    packed[Symbol.dispose]();
    rmSync(elsewhere, { recursive: true });
  });

  function bundle(file: string, ...flags: string[]): string {
    const options = ["--bundle", "--platform=node", "--log-level=warning", "--target=node20", ...EXTERNAL, ...flags];
    return succeed(join(root, "node_modules/.bin/esbuild"), [file, ...options], packed.folder);
  }

  it("gets from a bundler only what it uses", () => {
    writeFileSync(join(packed.folder, "whole.mjs"), `export * from "@netns/netns";`);
    writeFileSync(join(packed.folder, "part.mjs"), `export { parseNamespace } from "@netns/netns";`);
    const [whole, part] = [bundle("whole.mjs", "--format=esm"), bundle("part.mjs", "--format=esm")];
    assertStringIncludes(whole, "RTM_NEWLINK");
    assertEquals(part.includes("RTM_NEWLINK"), false);
    assert(part.length * 20 < whole.length, `${part.length} of ${whole.length} characters`);
  });

  for (const [file, ...flags] of [["import.ts", "--format=esm"], ["import.ts", "--minify"], ["require.cts"]] as const) {
    it(`is bundled by esbuild, ${file} ${flags.join(" ")}, and runs elsewhere beside koffi`, () => {
      const output = join(elsewhere, flags[0] === "--format=esm" ? "program.mjs" : "program.cjs");
      bundle(file, ...flags, `--outfile=${output}`);
      mkdirSync(join(elsewhere, "node_modules"), { recursive: true });
      for (const name of ["koffi", "@koromix"]) copyPackage(elsewhere, name);
      const empty = mkdtempSync(join(elsewhere, "empty-"));
      assertEquals(succeed("node", [output], empty), EXPECTED);
    });
  }

  for (const file of ["import.ts", "require.cts"]) {
    it(`is compiled by Bun, ${file}, and runs by itself in an empty folder`, async () => {
      const output = join(packed.folder, "program");
      const external = EXTERNAL.map((flag) => flag.replace(":", "="));
      const args = ["build", "--compile", file, `--outfile=${output}`, ...external];
      succeed(await bun(), args, packed.folder);
      const empty = mkdtempSync(join(elsewhere, "empty-"));
      renameSync(output, join(empty, "program"));
      renameSync(join(packed.folder, "node_modules"), join(packed.folder, "hidden")); // it has been there for the build
      try {
        assertEquals(succeed("env", [`TMPDIR=${empty}`, join(empty, "program")], empty), EXPECTED);
      } finally {
        renameSync(join(packed.folder, "hidden"), join(packed.folder, "node_modules"));
      }
    });
  }
});
