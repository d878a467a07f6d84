/** `netns identify`, `pids` and `watch` print what `ip netns` prints. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { after, before, it } from "@std/testing/bdd";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { pause } from "./following.ts";
import { describeForms, Sandbox, unprivileged } from "./support.ts";

describeForms("netns identify, pids, watch", (command, form) => {
  let sandbox: Sandbox;
  let inside: ChildProcess;
  const netns = (...args: string[]) => sandbox.run([...command, ...args]);

  before(async () => {
    sandbox = await Sandbox.open();
    for (const name of ["blue", "empty"]) sandbox.output("ip", "netns", "add", name);
    sandbox.output("touch", "/run/netns/also blue");
    sandbox.output("mount", "--bind", "/run/netns/blue", "/run/netns/also blue");
    const [file, args] = sandbox.enter(["ip", "netns", "exec", "blue", "sh", "-c", "echo there; exec sleep 300"]);
    inside = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
    if (inside.stdout !== null) await once(inside.stdout, "data");
  });
  after(async () => {
    inside.kill("SIGKILL");
    await sandbox[Symbol.asyncDispose]();
  });

  it("prints the names of a process's namespace, as `ip netns identify`", () => {
    const pid = `${inside.pid}`;
    const expected = { status: 0, signal: null, stdout: "also blue\nblue\n", stderr: "" };
    assertEquals(netns("identify", pid), expected);
    assertMatch(sandbox.output("ip", "netns", "identify", pid), /^blue$/m); // it stops at the first name
    assertEquals(netns("identify", "--json", pid), { ...expected, stdout: '["also blue","blue"]\n' });
  });

  it("without PID it is the namespace that it runs in, as `ip netns identify`", () => {
    assertEquals(netns("identify"), { status: 0, signal: null, stdout: "", stderr: "" });
    const there = sandbox.output("ip", "netns", "exec", "blue", ...command, "identify");
    assertEquals(there, "also blue\nblue\n");
  });

  it("prints nothing for a namespace without a name", () => {
    assertEquals(netns("identify", "0"), { status: 0, signal: null, stdout: "", stderr: "" });
    assertEquals(netns("identify", "0", "--json").stdout, "[]\n");
  });

  it("needs no privileges for a process of the same user", () => {
    const { status, stdout, stderr } = sandbox.run([...unprivileged(form), ...command, "identify", "0"]);
    assertEquals([status, stdout, stderr], [0, "", ""]);
  });

  it("refuses a process that does not exist, and text that is no PID", () => {
    const { status, stdout, stderr } = netns("identify", "4194304");
    assertEquals([status, stdout], [1, ""]);
    assertMatch(stderr, /^error: .*ENOENT.*there is no process with PID 4194304\n$/);
    for (const text of ["", "self", "4194305"]) {
      const { status, stdout, stderr } = netns("identify", "--", text);
      assertEquals([status, stdout], [2, ""], text);
      assertMatch(stderr, /^error: Cannot use \S+ as PID: expected .*\n$/);
    }
  });

  it("prints the processes of a namespace, as `ip netns pids`, for every form of NS", () => {
    const pid = `${inside.pid}`;
    assertEquals(sandbox.output("ip", "netns", "pids", "blue"), `${pid}\n`);
    for (const ns of ["blue", "also blue", `PID:${pid}`, "FILE:/run/netns/blue"]) {
      assertEquals(netns("pids", ns), { status: 0, signal: null, stdout: `${pid}\n`, stderr: "" });
    }
    assertEquals(netns("pids", "blue", "--json").stdout, `[${pid}]\n`);
    assertEquals(netns("pids", "empty"), { status: 0, signal: null, stdout: "", stderr: "" });
    assertEquals(netns("pids", "empty", "--json").stdout, "[]\n");
  });

  it("warns if processes may be missing", () => {
    const words = ["setpriv", "--bounding-set", "-sys_ptrace", "--inh-caps", "-all", ...command, "pids", "empty"];
    const { status, stdout, stderr } = sandbox.run(words);
    assertEquals([status, stdout], [0, ""]);
    assertMatch(stderr, /^warning: without CAP_SYS_PTRACE, .*\n$/);
  });

  it("refuses a namespace that does not exist", () => {
    const { status, stdout, stderr } = netns("pids", "red");
    assertEquals([status, stdout], [1, ""]);
    assertMatch(stderr, /^error: .*red.*ENOENT.*\n$/);
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`prints added and removed names until ${signal}, and ends with status 0`, async () => {
      const json = signal === "SIGINT";
      await using watch = await watching(sandbox, [...command, "watch", ...json ? ["--json"] : []]);
      sandbox.output("ip", "netns", "add", "two words");
      await until(() => watch.output().includes("two words"));
      sandbox.output("ip", "netns", "del", "two words");
      await until(() => watch.output().split("two words").length === 3);
      const lines = watch.output().split("\n").filter((line) => line.includes("two words"));
      assertEquals(
        lines,
        json
          ? ['{"kind":"added","name":"two words"}', '{"kind":"removed","name":"two words"}']
          : ["added    two words", "removed  two words"],
      );
      // Not child.kill(): Deno would report the signal as the end of every child.
      process.kill(watch.child.pid ?? 0, signal);
      assertEquals(await watch.ended, [0, null]);
    });
  }

  it("ends when its reader goes away", async () => {
    await using watch = await watching(sandbox, [...command, "watch"]);
    watch.child.stdout?.destroy();
    let number = 0;
    let over = false;
    watch.ended.then(() => over = true);
    await until(() => {
      sandbox.output("ip", "netns", "add", `unread-${number}`);
      sandbox.output("ip", "netns", "del", `unread-${number++}`);
      return over;
    });
    assertEquals(await watch.ended, [0, null]);
  });
}, "Deno");

/** A running watch that has printed its first name. */
async function watching(
  sandbox: Sandbox,
  words: readonly string[],
): Promise<{ child: ChildProcess; output: () => string; ended: Promise<unknown[]> } & AsyncDisposable> {
  const [file, args] = sandbox.enter(words);
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  let out = "";
  child.stdout.on("data", (data) => out += String(data));
  let number = 0;
  // The beginning of the watch cannot be observed, so names are added until it prints one.
  await until(() => {
    sandbox.output("ip", "netns", "add", `first-${number}`);
    sandbox.output("ip", "netns", "del", `first-${number++}`);
    return out.includes("first");
  });
  return {
    child,
    output: () => out,
    ended,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null) process.kill(child.pid ?? 0, "SIGKILL");
      await ended;
    },
  };
}

/** Waits for a condition; on a busy machine a program takes seconds to start. */
async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!condition()) {
    assert(performance.now() < end, `It did not come to be: ${condition}`);
    await pause(50);
  }
}
