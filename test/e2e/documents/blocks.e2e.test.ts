/** Every fenced block of every document does what its fence says; `test/README.md` has the rules. */
import { assertEquals, fail } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import * as library from "@netns/netns";
import { describeForms, root, Sandbox } from "../support.ts";
import { type Block, commandsOf, type Document, documents, firstDifference, promisedOutput } from "./blocks.ts";
import { NOT_RUN } from "./not_run.ts";

/** How a program is run, by the language of its fence. */
const PROGRAMS: Readonly<Record<string, string>> = { ts: "deno run --allow-ffi", js: "node" };

/** What tests of a `ts test` block may use without an import, by module. */
const TEST_MODULES: Readonly<Record<string, readonly string[]>> = {
  "@std/assert": ["assert", "assertEquals", "assertThrows"],
  "@std/testing/bdd": ["after", "afterEach", "before", "describe", "it"],
  "@netns/netns": Object.keys(library),
  [`${root}test/integration/support/traces.ts`]: ["scratchName", "scratchNamespace", "traces"],
  [`${root}ffi/library.ts`]: ["interceptLibc"],
  "node:os": ["constants"],
};

const isShell = ({ language }: Block): boolean => language === "sh";
const isFile = ({ info }: Block): boolean => /^[\w-]+\.\w+$/.test(info);
const isExcerpt = ({ info }: Block): boolean => /^[\w.-]+(\/[\w.-]+)+$/.test(info);
const isTest = ({ language, info }: Block): boolean => language === "ts" && info === "test";
const isTyped = ({ language, info }: Block): boolean => language === "ts" && info === "types";
const isProgram = (block: Block): boolean =>
  Object.hasOwn(PROGRAMS, block.language) && (block.info === "" || isFile(block));
const isCode = (block: Block): boolean => isProgram(block) || isTest(block) || isTyped(block);

/** The file of a block: the one that it names, or one by its line. */
function nameOf(block: Block): string {
  if (isFile(block)) return block.info;
  return `line${block.line}.${isTest(block) ? "test.ts" : block.language === "js" ? "mjs" : block.language}`;
}

/** The text of a block with what is imported for it. */
const codeOf = (block: Block): string => (isTest(block) ? importsFor(block.text) : "") + block.text;

const all = documents();

describe("the excerpts of the documents", () => {
  for (const { path, blocks } of all) {
    for (const block of blocks.filter(isExcerpt)) {
      it(`${path}:${block.line}: ${block.info} has these lines`, () => {
        // `deno fmt` moves a block to the margin.
        const trimmed = (text: string): string => text.split("\n").map((line) => line.trim()).join("\n");
        const file = readFileSync(join(root, block.info), "utf8");
        const difference = firstDifference(`…\n${trimmed(block.text)}…\n`, trimmed(file));
        if (difference !== undefined) fail(`${path}:${block.line}: ${difference}`);
      });
    }
  }
});

describe("the programs of the documents", () => {
  it("have the right types", () => {
    const folder = mkdtempSync(join(tmpdir(), "netns-documents-"));
    try {
      const typed = all.flatMap(({ blocks }) => blocks.filter((block) => isCode(block) && block.language === "ts"));
      const names = typed.map((block, index) => {
        const name = `${index}-${nameOf(block)}`;
        writeFileSync(join(folder, name), codeOf(block));
        return name;
      });
      const args = ["check", "--config", `${root}deno.json`, "--node-modules-dir=manual", ...names];
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", cwd: folder });
      assertEquals(status, 0, stderr);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describeForms("the blocks of the documents", (command, form) => {
  for (const document of all.filter(({ blocks }) => blocks.some((block) => !isExcerpt(block)))) {
    describe(document.path, () => blocksDo(document, command, form === "Deno"));
  }

  it("leave out only commands that they have", () => {
    const commands = new Set(all.flatMap(({ blocks }) => blocks.filter(isShell)).flatMap(commandsOf));
    assertEquals(Object.keys(NOT_RUN).filter((one) => !commands.has(one)), []);
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    assertEquals(scripts.start, "node dist/cli.cjs demo", NOT_RUN["npm start"]);
  });
});

/** Tests of the blocks of one document. Programs do not depend on the form of the command: one form runs them. */
function blocksDo({ path, blocks }: Document, command: readonly string[], withPrograms: boolean): void {
  let sandbox: Sandbox;
  let folder = "";

  before(async () => {
    sandbox = await Sandbox.open();
    folder = mkdtempSync(join(tmpdir(), "netns-documents-"));
    prepare(folder, command);
    for (const block of blocks.filter((one) => isCode(one) || isFile(one))) {
      writeFileSync(join(folder, nameOf(block)), codeOf(block));
    }
  });
  after(async () => {
    await sandbox?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a line of shell, which must succeed, in the folder with the document's files and the `netns` of this form. */
  function output(block: Block, line: string): string {
    const env = { PATH: `${join(folder, "bin")}:${process.env["PATH"]}` };
    const { status, stdout, stderr } = sandbox.run(["sh", "-c", `cd ${folder} && ${line}`], { env });
    assertEquals(status, 0, `${path}:${block.line}: ${line}: ${stderr}${stdout}`);
    return stdout;
  }

  function compare(block: Block, promised: string, actual: string): void {
    const difference = firstDifference(promised, actual);
    if (difference !== undefined) fail(`${path}:${block.line}: ${difference}\n\nThe whole output:\n${actual}`);
  }

  for (const block of blocks.filter((one) => !isExcerpt(one))) {
    const where = `line ${block.line}`;
    if (isShell(block)) {
      for (const line of commandsOf(block).filter((one) => !Object.hasOwn(NOT_RUN, one))) {
        it(`${where}: ${line} succeeds`, () => void output(block, line));
      }
    } else if (isTest(block) && withPrograms) {
      it(`${where}: the tests pass`, () => void output(block, `deno test --no-check --allow-ffi ${nameOf(block)}`));
    } else if (isProgram(block) && withPrograms) {
      it(`${where}: the program prints what it says`, () => {
        compare(block, promisedOutput(block.text), output(block, `${PROGRAMS[block.language]} ${nameOf(block)}`));
      });
    } else if (isCode(block)) {
      continue; // the other form runs it, or only its types are tested
    } else if (isFile(block)) {
      it(`${where}: ${block.info} can be planned`, () => void output(block, `netns plan ${block.info}`));
    } else if (block.info !== "") {
      it(`${where}: ${block.info} prints this`, () => compare(block, block.text, output(block, block.info)));
    } else {
      it(`${where}: says what it is`, () => fail(`${path}:${block.line}: the fence lacks a command or a file name`));
    }
  }
}

/** The imports of what a block of tests uses. */
function importsFor(code: string): string {
  return Object.entries(TEST_MODULES).map(([module, names]) => {
    const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(code));
    return used.length === 0 ? "" : `import { ${used.join(", ")} } from "${module}";\n`;
  }).join("");
}

/** Makes the programs that the documents name, the package for Node, and the files of the examples. */
function prepare(folder: string, netns: readonly string[]): void {
  const config = `--config ${root}deno.json --node-modules-dir=manual`;
  const programs = {
    sudo: `exec "$@"`,
    netns: `exec ${netns.join(" ")} "$@"`,
    deno: `what=$1; shift; exec ${process.execPath} "$what" ${config} "$@"`,
  };
  mkdirSync(join(folder, "bin"));
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, "bin", name), 0o755);
  }
  mkdirSync(join(folder, "node_modules/@netns/netns"), { recursive: true });
  for (const name of ["package.json", "dist"]) {
    symlinkSync(join(root, name), join(folder, "node_modules/@netns/netns", name));
  }
  for (const name of readdirSync(join(root, "test/examples"))) {
    symlinkSync(join(root, "test/examples", name), join(folder, name));
  }
}
