/** Two processes at one name, and processes that are killed at any moment. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import {
  createNamedNamespace,
  deleteNamedNamespace,
  inspectNamedNamespaces,
  namedNamespaceExists,
  NsHandle,
  NsHandler,
  SyscallError,
} from "@netns/netns";
import { assertSameTraces, describeAsRoot, scratchName, traces } from "../integration/support/traces.ts";
import { root } from "./support.ts";

/** Creates and deletes one name until it is asked to end, and prints how often each went how. */
const PROGRAM = `
  import { createNamedNamespace, deleteNamedNamespace } from "./mod.ts";
  const [name, milliseconds] = Deno.args;
  const end = Date.now() + Number(milliseconds);
  const counts = {};
  const count = (what) => counts[what] = (counts[what] ?? 0) + 1;
  console.log("begun");
  while (Date.now() < end) {
    try { createNamedNamespace(name).close(); count("created"); }
    catch (error) { count("create: " + error.code); if (error.code !== "EEXIST") console.error(String(error)); }
    try { deleteNamedNamespace(name); count("deleted"); }
    catch (error) { count("delete: " + error.code); if (error.code !== "ENOENT") console.error(String(error)); }
  }
  console.log(JSON.stringify(counts));
`;

interface Contender {
  readonly child: ChildProcess;
  /** Settles with the first line. */
  readonly begun: Promise<unknown>;
  /** Settles with everything that was printed. */
  readonly output: Promise<string>;
}

function contend(name: string, milliseconds: number): Contender {
  const child = spawn(process.execPath, [
    "eval",
    "--no-check",
    "--node-modules-dir=manual",
    PROGRAM,
    name,
    String(milliseconds),
  ], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout?.on("data", (data) => said += data);
  return { child, begun: once(child.stdout ?? child, "data"), output: once(child, "close").then(() => said) };
}

describeAsRoot("createNamedNamespace() and deleteNamedNamespace()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("of two processes at one name give every call its answer", async () => {
    const name = scratchName();
    const outputs = await Promise.all([contend(name, 10_000), contend(name, 10_000)].map(({ output }) => output));
    const counts = outputs.map((output): Record<string, number> => JSON.parse(output.split("\n")[1] ?? "{}"));
    const sum = (what: string): number => counts.reduce((total, one) => total + (one[what] ?? 0), 0);
    assertEquals(
      counts.flatMap(Object.keys).filter((what) => !/^(created|deleted|create: EEXIST|delete: ENOENT)$/.test(what)),
      [],
      JSON.stringify(counts),
    );
    assert(sum("created") > 100 && sum("create: EEXIST") + sum("delete: ENOENT") > 0, JSON.stringify(counts));
    assertEquals(sum("created") - sum("deleted"), namedNamespaceExists(name) ? 1 : 0);
    if (namedNamespaceExists(name)) deleteNamedNamespace(name);
  });

  it("leave a name that can be deleted, or none, when they are killed", async () => {
    const name = scratchName();
    for (let round = 0; round < 12; round++) {
      const { child, begun } = contend(name, 60_000);
      await begun;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50));
      child.kill("SIGKILL");
      await once(child, "close");
      const left = inspectNamedNamespaces().find((entry) => entry.name === name);
      if (left?.stale) assertEquals(assertThrows(() => createNamedNamespace(name), SyscallError).code, "EEXIST");
      if (left !== undefined) deleteNamedNamespace(name);
      createNamedNamespace(name).close();
      deleteNamedNamespace(name);
    }
  });
});

/** Begins and ends handlers of one configuration namespace, some of which ask for it only later. */
const HANDLERS = `
  const [library, configNamespace] = process.argv.slice(1);
  const { NsHandler, namedNs } = await import(library);
  for (let round = 0; round < 10; round++) {
    const handler = new NsHandler({ docker: false, configNamespace });
    await handler.init();
    handler.getConfigNamespace();
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
    await handler.close();
  }
`;

describeAsRoot("NsHandler.init() and close()", () => {
  it("of five processes that come and go at once do not meet (N18)", async () => {
    const configNamespace = scratchName();
    const library = new URL("../../dist/mod.js", import.meta.url).href;
    const args = ["--input-type=module", "-e", HANDLERS, library, configNamespace];
    const ended = await Promise.all(Array.from({ length: 5 }, async () => {
      const child = spawn("node", args, { stdio: ["ignore", "ignore", "pipe"] });
      let said = "";
      child.stderr.on("data", (data) => said += data);
      return [...await once(child, "close"), said];
    }));
    assertEquals(ended, ended.map(() => [0, null, ""]));
    assert(!namedNamespaceExists(configNamespace));
  });
});

describeAsRoot("NsHandler.close()", () => {
  it("leaves the configuration namespace to a process that runs in it", async () => {
    const configNamespace = scratchName();
    const handler = new NsHandler({ configNamespace, docker: false });
    await handler.init();
    using ns = NsHandle.fromName(configNamespace);
    const sleeper = ns.spawn("sleep", ["infinity"], { stdio: "ignore" });
    const ended = once(sleeper, "close");
    await handler.close();
    assert(namedNamespaceExists(configNamespace));
    sleeper.kill("SIGKILL");
    await ended;
    deleteNamedNamespace(configNamespace);
  });
});
