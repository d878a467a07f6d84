/**
 * Every fenced block of the README does what it says. What a fence says behind its language is what the block is:
 *
 * - `sh`: commands, each of which is run and must succeed, or is in `NOT_RUN` with the reason
 * - `text netns demo` (or `json`, `mermaid`, …): what this command prints
 * - `yaml topology.yaml`: a file that the commands find; `ts example.ts`: a program, with or without a name
 * - `ts`, `js`: a program for Deno, for Node, which prints what stands behind each `console.log(…)`
 *
 * A line of `…` stands for any lines, `…` at the end of a line for the rest of it; durations and the numbers of
 * namespaces, descriptors and processes may differ.
 */
import { assertEquals, fail } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Block, blocksOf, commandsOf, firstDifference, promisedOutput } from "./readme.ts";
import { describeForms, type Outcome, root, Sandbox } from "./support.ts";

/** Commands that are not run here, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  "npm start": "it installs and builds; what it then runs is `netns demo`, whose output is compared",
  "npm test": "it runs this",
  "sudo deno test --no-prompt --allow-ffi": "it is what `npm test` runs first",
};

/** Programs that are not run here, by a line of theirs, and why; their types are checked. */
const NOT_RUN_PROGRAMS: Readonly<Record<string, string>> = {
  "await using handler = new NsHandler();":
    "it waits for a container; test/e2e/tracker/containers.e2e.test.ts does the same",
};

const blocks = blocksOf(readFileSync(join(root, "README.md"), "utf8"));
const PROGRAMS: Readonly<Record<string, string>> = { ts: "deno run --allow-ffi", js: "node" };
const isProgram = ({ language }: Block): boolean => language in PROGRAMS;
const isFile = ({ info }: Block): boolean => /^[\w-]+\.\w+$/.test(info);

describeForms("README.md", (command, form) => {
  let sandbox: Sandbox;
  let folder = "";

  before(async () => {
    sandbox = await Sandbox.open();
    folder = mkdtempSync(join(tmpdir(), "netns-readme-"));
    prepare(folder, command);
    for (const block of blocks.filter(isFile)) writeFileSync(join(folder, block.info), block.text);
  });
  after(async () => {
    await sandbox?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a line of shell as the README means it: where its files are, with the `netns` of this form. */
  function run(line: string): Outcome {
    const env = { PATH: `${join(folder, "bin")}:${process.env["PATH"]}` };
    return sandbox.run(["sh", "-c", `cd ${folder} && ${line}`], { env });
  }

  function succeed(block: Block, line: string): string {
    const { status, stdout, stderr } = run(line);
    assertEquals(status, 0, `README.md:${block.line}: ${line}: ${stderr}${stdout}`);
    return stdout;
  }

  for (const block of blocks) {
    const where = `line ${block.line}`;
    if (block.language === "sh") {
      for (const line of commandsOf(block).filter((one) => !(one in NOT_RUN))) {
        it(`${where}: ${line} succeeds`, () => void succeed(block, line));
      }
    } else if (isProgram(block)) {
      const waits = Object.keys(NOT_RUN_PROGRAMS).some((line) => block.text.includes(line));
      if (waits && form === "Node") continue; // its types are the same, and take a while
      const name = isFile(block) ? block.info : `line${block.line}.${block.language === "js" ? "mjs" : block.language}`;
      it(`${where}: the program ${waits ? "has the right types" : "prints what it says"}`, () => {
        writeFileSync(join(folder, name), block.text);
        if (waits) assertTypes(join(folder, name));
        else compare(block, promisedOutput(block), succeed(block, `${PROGRAMS[block.language]} ${name}`));
      });
    } else if (isFile(block)) {
      it(`${where}: ${block.info} can be planned`, () => void succeed(block, `netns plan ${block.info}`));
    } else if (block.info !== "") {
      it(`${where}: ${block.info} prints this`, () => compare(block, block.text, succeed(block, block.info)));
    } else {
      it(`${where}: says what it is`, () => {
        const fence = "```" + block.language;
        fail(`README.md:${block.line}: write "${fence} COMMAND" for what a command prints, "${fence} NAME" for a file`);
      });
    }
  }

  it("names nothing as not run that it does not have", () => {
    const commands = new Set(blocks.filter(({ language }) => language === "sh").flatMap(commandsOf));
    assertEquals(Object.keys(NOT_RUN).filter((one) => !commands.has(one)), []);
    const programs = blocks.filter(isProgram);
    const unknown = Object.keys(NOT_RUN_PROGRAMS).filter((one) => !programs.some(({ text }) => text.includes(one)));
    assertEquals(unknown, []);
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    assertEquals(scripts.start, "node dist/cli.js demo", NOT_RUN["npm start"]);
  });
});

function compare(block: Block, promised: string, came: string): void {
  const difference = firstDifference(promised, came);
  if (difference !== undefined) fail(`README.md:${block.line}: ${difference}\n\nWhat came:\n${came}`);
}

function assertTypes(path: string): void {
  const args = ["check", "--config", `${root}deno.json`, "--node-modules-dir=manual", path];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assertEquals(status, 0, stderr);
}

/** Makes the programs that the README names, and the package for Node. */
function prepare(folder: string, netns: readonly string[]): void {
  const config = `--config ${root}deno.json --node-modules-dir=manual`;
  const programs = {
    sudo: `exec "$@"`,
    npx: `exec "$@"`,
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
}
