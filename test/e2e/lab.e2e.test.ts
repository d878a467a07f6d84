/** A lab in a process that is killed leaves nothing; real programs in its hosts hear each other, or do not. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { root, Sandbox } from "./support.ts";

const PROGRAM = `
import { Lab } from "${root}dist/lab.js";
const lab = await Lab.up(\`
  namespaces: [{ name: router, sysctls: { net.ipv4.ip_forward: 1 } }]
  links:
    - ends: ["a eth0 10.1.0.2/24", "router a 10.1.0.1/24"]
    - ends: ["b eth0 10.2.0.2/24", "router b 10.2.0.1/24"]
  routes: [a default via 10.1.0.1, b default via 10.2.0.1]
\`);
const ping = async () => (await lab.host("a").exec("ping", ["-c", "1", "-W", "1", "10.2.0.2"])).status;
const answers = [await ping()];
await lab.partition(["a"], ["b"]);
answers.push(await ping());
await lab.heal();
answers.push(await ping());
await lab.link("router b").down();
answers.push(await ping());
await lab.link("router b").up();
answers.push(await ping());
const child = lab.host("a").spawn("sleep", ["300"]);
const ended = lab.host("b").spawn("true");
await new Promise((resolve) => ended.once("exit", resolve));
const pending = lab.host("a").exec("sleep", ["300"]).catch(({ message }) => message);
console.log(JSON.stringify({ answers, pid: child.pid }));
if (process.argv.includes("end")) {
  await lab[Symbol.asyncDispose]();
  console.log(JSON.stringify({ pending: await pending, signal: child.signalCode }));
} else setTimeout(() => undefined, 600_000);
`;

describe("Lab", () => {
  async function started(
    sandbox: Sandbox,
    ...words: string[]
  ): Promise<{ child: ChildProcess; closed: Promise<unknown>; lines: () => string[] }> {
    const [file, args] = sandbox.enter(["node", "--input-type=module", "-e", PROGRAM, "--", ...words]);
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
    const closed = once(child, "close"); // it may end before its first line is seen
    let text = "";
    child.stdout.on("data", (data) => text += String(data));
    await until(() => text.includes("\n"));
    return { child, closed, lines: () => text.trimEnd().split("\n") };
  }

  it("passes what the topology passes, but not across a partition or an unplugged cable; its end kills and rejects", async () => {
    await using sandbox = await Sandbox.open();
    const { closed, lines } = await started(sandbox, "end");
    await closed;
    assertEquals(JSON.parse(lines()[0] ?? "").answers, [0, 1, 0, 1, 0]);
    assertEquals(JSON.parse(lines()[1] ?? ""), { pending: "The lab has ended", signal: "SIGKILL" });
    assertEquals(sandbox.output("ip", "netns", "list"), "");
  });

  it("leaves no process after SIGKILL", async () => {
    await using sandbox = await Sandbox.open();
    const { child, lines } = await started(sandbox);
    const { pid } = JSON.parse(lines()[0] ?? "");
    assert(isThere(pid));
    process.kill(child.pid ?? 0, "SIGKILL");
    await until(() => !isThere(pid));
  });
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits for a condition; on a busy machine a program takes seconds to start. */
async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!condition()) {
    assert(performance.now() < end, `It did not come to be: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
