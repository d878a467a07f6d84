/** The built command on a real pty, and in a pipe for comparison. */
import { after, before, it } from "@std/testing/bdd";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describeBuilt, Sandbox } from "./support.ts";

const LONG = "a-namespace-with-a-name-of-some-length";
const RED = "\x1b[31m";
const YELLOW = "\x1b[33m";

/** Enough namespaces for an apply that shows progress. */
const TOPOLOGY = `namespaces: [${Array.from({ length: 24 }, (_, i) => `a-namespace-of-the-terminal-test-${i}`)}]\n`;

describeBuilt("netns on a terminal", (command) => {
  let sandbox: Sandbox;
  const netns = (...args: string[]) => [...command, ...args];

  before(async () => {
    sandbox = await Sandbox.open();
    sandbox.output("ip", "netns", "add", LONG);
    sandbox.output("touch", "/run/netns/crashed");
    sandbox.run(["tee", "/run/topology.yaml"], { input: TOPOLOGY });
  });
  after(() => sandbox[Symbol.asyncDispose]());

  it("fits a table to the width of a terminal, but not in a pipe", () => {
    const whole = sandbox.run(netns("ls")).stdout;
    assert(whole.includes(`/var/run/netns/${LONG}\n`), whole);
    for (const columns of [120, 60, 40]) {
      const { stdout } = sandbox.onTerminal(netns("ls"), columns, { env: { NO_COLOR: "1" } });
      const lines = stdout.trimEnd().split("\r\n");
      assertEquals(lines.length, 3);
      assertEquals(lines.filter((line) => line.length > columns), [], `${columns} columns`);
      assertEquals(stdout.includes("…"), columns < 100);
      if (columns >= 100) assertEquals(stdout.replaceAll("\r\n", "\n"), whole);
    }
  });

  it("colours a stale file, except with NO_COLOR or in a pipe", () => {
    assert(sandbox.onTerminal(netns("ls"), 80).stdout.includes(`${YELLOW}stale\x1b[39m `));
    const plain = [
      sandbox.onTerminal(netns("ls"), 80, { env: { NO_COLOR: "1" } }),
      sandbox.onTerminal(netns("ls"), 80, { env: { TERM: "dumb" } }),
      sandbox.run(netns("ls"), { env: { NO_COLOR: "" } }),
    ];
    for (const { stdout } of plain) assertEquals(stdout.includes("\x1b"), false, stdout);
    assert(sandbox.run(netns("ls"), { env: { NO_COLOR: "", FORCE_COLOR: "1" } }).stdout.includes(YELLOW));
  });

  it("colours the word `error` only", () => {
    const { stdout, status } = sandbox.onTerminal(netns("del", "not-there"), 80);
    assertEquals(status, 1);
    assert(stdout.startsWith(`${RED}error:\x1b[39m `), stdout);
    assertEquals(stdout.split("\x1b").length, 3);
    const piped = sandbox.run(netns("del", "not-there"), { env: { NO_COLOR: "" } });
    assertEquals([piped.status, piped.stdout, piped.stderr.includes("\x1b")], [1, "", false]);
  });

  it("shows the progress of apply and destroy within the width, and erases it", () => {
    for (const verb of ["apply", "destroy"]) {
      const script = `"$@" ${verb} /run/topology.yaml >/run/report`;
      const { stdout, status } = sandbox.onTerminal(["sh", "-c", script, "sh", ...command], 40);
      assertEquals(status, 0, stdout);
      const shown = stdout.split("\r").map((line) => line.replace("\x1b[K", "")).filter((line) => line !== "");
      assertMatch(shown[0] ?? "", new RegExp(`^\\[1/\\d+\\] ${verb === "apply" ? "create" : "delete"} namespace a-`));
      assertEquals(shown.filter((line) => line.length > 39), []);
      assert(stdout.endsWith("\r\x1b[K"), JSON.stringify(stdout.slice(-80)));
      assertMatch(sandbox.output("cat", "/run/report"), /^24 done$/m);
    }
  });

  it("shows no progress in a pipe", () => {
    for (const verb of ["apply", "destroy"]) {
      const { status, stdout, stderr } = sandbox.run(netns(verb, "/run/topology.yaml"), { env: { NO_COLOR: "" } });
      assertEquals([status, stderr], [0, ""]);
      assertEquals(stdout.split("\n").length, 26, "a line for each step, the counts, the end");
      assertEquals(["\x1b", "\r", "…"].filter((sign) => stdout.includes(sign)), [], stdout);
    }
  });

  it("fits the options of the help to the width", () => {
    const { stdout } = sandbox.onTerminal(netns("ls", "--help"), 70);
    const [options = ""] = stdout.split("Options:")[1]?.split("\r\n\r\n") ?? [];
    assertEquals(options.split("\r\n").filter((line) => line.length > 70), []);
    assert(options.includes("--json"), stdout);
  });
});
