/** A lab of a process without privileges: its hosts are in a process of their own, which ends with it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { root, unprivileged, WHOLE } from "./support.ts";

const program = (dist: string): string => `
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import process from "node:process";
import { Lab } from "${root}dist/${dist}";
const topology = { links: [{ ends: ["a eth0 10.0.0.1/24", "b eth0 10.0.0.2/24"] }] };
const refusal = await Lab.up(topology).catch(({ message }) => message);
const lab = await Lab.up(topology, { rootless: true });
const [a, b] = [lab.host("a"), lab.host("b")];
const ping = async () => (await a.exec("ping", ["-c", "1", "-W", "1", "10.0.0.2"])).status;
const answers = [await ping()];
await lab.partition(["a"], ["b"]);
answers.push(await ping());
await lab.heal();
await lab.link("b eth0").down();
answers.push(await ping());
await lab.link("b eth0").up();
answers.push(await ping());
const server = 'require("http").createServer((q, s) => s.end(q.url)).listen(80, () => console.log("up"))';
const { stdout, pid } = b.spawn("node", ["-e", server], { stdio: ["ignore", "pipe", "inherit"] });
await once(stdout, "data");
const text = await (await a.fetch("http://10.0.0.2/asked")).text();
const refused = await a.fetch("http://10.0.0.2:81/").catch(({ cause }) => cause.code);
const work = await a.worker("data:text/javascript,export const twice = (x) => 2 * x;");
const twice = await work.call("twice", 21);
const [pulse, wait] = ["/tmp/netns-pulse-" + process.pid, (ms) => new Promise((resolve) => setTimeout(resolve, ms))];
const endless = 'import { writeFileSync } from "node:fs";' +
  'setInterval(() => writeFileSync("' + pulse + '", performance.now() + ""), 10); await new Promise(() => undefined)';
const aborting = new AbortController();
const started = a.worker("data:text/javascript," + encodeURIComponent(endless), { signal: aborting.signal });
const beat = () => {
  try {
    return readFileSync(pulse, "utf8");
  } catch {
    return "";
  }
};
while (beat() === "") await wait(20);
aborting.abort(new RangeError("enough"));
const aborted = await started.catch(({ message }) => message);
for (let last; last !== beat(); await wait(300)) last = beat(); // until the thread has ended
rmSync(pulse);
const wrong = await a.worker("data:text/javascript,", { name: "x" }).catch(({ message }) => message);
const { hosts } = await lab.report();
console.log(JSON.stringify({ refusal, answers, text, refused, twice, aborted, wrong, hosts: hosts.map(({ name }) => name), addresses: a.addresses, pid }));
if (process.argv.includes("end")) await lab[Symbol.asyncDispose]();
else setTimeout(() => undefined, 600_000);
`;

const RUNTIMES = [
  { name: "Node", command: ["node", "--input-type=module", "-e", program("lab.js"), "--"] },
  { name: "Deno", command: [process.execPath, "eval", program("deno/lab.js"), "--"] },
] as const;

describe("Lab.up(…, { rootless: true })", () => {
  for (const { name, command } of RUNTIMES.filter(({ name }) => WHOLE || name === "Node")) {
    it(`has hosts without root, and nothing is left of them (${name})`, async () => {
      for (const how of ["end", "kill"]) {
        const [first = "", ...args] = [...unprivileged(name), ...command, how];
        const child = spawn(first, args, { stdio: ["ignore", "pipe", "inherit"] });
        const ended = once(child, "exit");
        let text = "";
        child.stdout.on("data", (data) => text += data);
        await Promise.race([until(() => text.includes("\n")), ended]);
        const { pid, refusal, ...others } = JSON.parse(text);
        assertEquals(others, {
          answers: [0, 1, 1, 0],
          text: "/asked",
          refused: "ECONNREFUSED",
          twice: 42,
          aborted: "enough",
          wrong: 'Cannot use "name" as a field of the options of a worker in a rootless lab: expected signal',
          hosts: ["a", "b"],
          addresses: ["10.0.0.1"],
        });
        if (how === "kill") {
          const ofLab = commandLines().filter((line) => line.includes("lab_process.js"));
          const arguments_ = ofLab.map((line) => line.replace(/^.*lab_process\.js\0/s, ""));
          assertEquals(arguments_, [""], "what lets others in can be read by all");
        }
        for (const way of ["netns rootless", "rootless: true"]) assert(refusal.includes(way), refusal);
        if (how === "kill") child.kill("SIGKILL");
        assertEquals(await ended, how === "kill" ? [null, "SIGKILL"] : [0, null]);
        await until(() => !existsSync(`/proc/${pid}`));
      }
    });
  }
});

const ODD = `
import { readdirSync, readFileSync, rmSync } from "node:fs";
import process from "node:process";
import { Lab } from "${root}dist/lab.js";
const lab = await Lab.up({ links: [{ ends: ["a eth0 10.0.0.1/24", "b eth0 10.0.0.2/24"] }] }, { rootless: true });
const [a, b] = [lab.host("a"), lab.host("b")];
const files = ["a", "b"].map((name) => "/tmp/netns-capture-" + name + process.pid);
const captures = await Promise.all([a.capture({ file: files[0] }), b.capture({ file: files[1] })]);
await captures[0][Symbol.asyncDispose]();
const isOpen = lab.report().then(({ hosts }) => hosts.length);
await captures[1][Symbol.asyncDispose]();
const whole = files.map((file) => readFileSync(file).length > 0);
for (const file of files) rmSync(file);
const fail = "throw Object.assign(new TypeError('odd', { cause: new RangeError('why') }), { code: 'E_ODD' })";
const code = "export const aborted = (signal) => signal.aborted; export const fail = () => { " + fail + " }" +
  "; export const never = () => new Promise(() => undefined);";
const work = await a.worker("data:text/javascript," + encodeURIComponent(code));
const aborted = await work.call("aborted", AbortSignal.abort("before")).catch((reason) => reason);
const error = await work.call("fail").catch((error) => error);
const thrown = [error.name, error.code, error.cause?.name, error.stack.includes("data:text/javascript")];
let untyped = "";
try { work.with(5); } catch ({ code }) { untyped = code; }
const sleeping = a.spawn("sleep", ["600"]);
const pidOf = (pid) => readFileSync("/proc/" + pid + "/cmdline", "utf8").includes("lab_process") &&
  readFileSync("/proc/" + pid + "/stat", "utf8").split(") ")[1].split(" ")[1] === String(process.pid);
const isLab = (pid) => { try { return pidOf(pid); } catch { return false; } };
const open = work.call("never").catch(({ message }) => message);
process.kill(readdirSync("/proc").filter((name) => /^\\d+$/.test(name)).find(isLab), "SIGKILL");
const why = [await open];
why.push(await lab.until(() => lab.heal().then(() => "", ({ message }) => message)));
await lab[Symbol.asyncDispose]();
console.log(JSON.stringify({ hosts: await isOpen, whole, aborted, thrown, untyped, why, sleeping: sleeping.signalCode }));
`;

/** Nobody ends this lab. */
const FORGOTTEN = `
import { Lab } from "${root}dist/lab.js";
const lab = await Lab.up({ links: [{ ends: ["a eth0 10.0.0.1/24", "b eth0 10.0.0.2/24"] }] }, { rootless: true });
const work = await lab.host("a").worker("data:text/javascript,export const twice = (x) => 2 * x;");
console.log(await work.call("twice", 4), (await lab.report()).hosts.length);
`;

describe("RootlessLab", () => {
  it("does not keep the process alive, and ends with it", async () => {
    const [first = "", ...args] = [...unprivileged("Node"), "node", "--input-type=module", "-e", FORGOTTEN];
    const child = spawn(first, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (data) => text += data);
    assertEquals(await once(child, "exit"), [0, null]);
    await until(() => text === "8 2\n");
  });

  it("tells its captures apart, has whole errors, and ends its programs also when its process was killed", async () => {
    const [first = "", ...args] = [...unprivileged("Node"), "node", "--input-type=module", "-e", ODD];
    const child = spawn(first, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (data) => text += data);
    assertEquals(await once(child, "close"), [0, null]); // nothing holds it
    assertEquals(JSON.parse(text), {
      hosts: 2,
      whole: [true, true],
      aborted: "before",
      thrown: ["TypeError", "E_ODD", "RangeError", true],
      untyped: "ERR_INVALID_ARG_TYPE",
      why: ["The process of the lab has ended before never() was answered", "The process of the lab has ended"],
      sleeping: "SIGKILL",
    });
  });
});

/** The command lines of all processes, which every user can read. */
function commandLines(): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    } catch {
      return ""; // it has ended
    }
  });
}

/** Waits for a condition; on a busy machine a program takes seconds to start. */
async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!condition()) {
    assert(performance.now() < end, `It did not come to be: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
