/** A container runtime that gives the process ids of others: no command enters their namespaces. */
import { assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { execFile } from "node:child_process";
import { HostileRuntime } from "./hostile_runtime.ts";
import { describeForms } from "./support.ts";

const ID = "a".repeat(64);
const REFUSED = /Docker says that "web" is process \d+, which is in the network namespace of the host, with "bridge"/;

describeForms("the command at a runtime that names a process of the host", ([program = "", ...words]) => {
  const dir = mkdtempSync(join(tmpdir(), "netns-claims-"));
  const file = join(dir, "topology.yaml");
  let api: HostileRuntime;
  let host: ChildProcess;
  before(async () => {
    api = await HostileRuntime.open("tcp");
    host = spawn("sleep", ["600"]);
    await once(host, "spawn");
    api.containers.set(ID, {
      Id: ID,
      Name: "/web-1",
      // All that it can know: also when the process started.
      State: { Running: true, Pid: host.pid, StartedAt: new Date().toISOString() },
      Config: { Env: ["MICROSERVICE_LABEL=web"] },
      HostConfig: { NetworkMode: "bridge" },
    });
    writeFileSync(
      file,
      `name: claims
interfaces:
  - { name: left, hostIfName: claims0, ipAddresses: [192.0.2.1/24], namespace: "MICROSERVICE:web", veth: { peerIfName: right } }
  - { name: right, hostIfName: claims1, namespace: "CONTAINER:web-1", veth: { peerIfName: left } }
`,
    );
  });
  after(async () => {
    const ended = once(host, "exit");
    process.kill(host.pid ?? 0, "SIGKILL");
    await ended;
    await api[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true });
    rmSync("/run/netns-apply/claims.json", { force: true });
  });

  /** Runs a command while this process answers it. */
  async function run(...args: string[]): Promise<{ readonly status: number; readonly output: string }> {
    const env = { ...process.env, NO_COLOR: "1", DOCKER_HOST: api.endpoint.name };
    try {
      const { stdout, stderr } = await promisify(execFile)(program, [...words, ...args], { encoding: "utf8", env });
      return { status: 0, output: `${stdout}${stderr}` };
    } catch (error) {
      const { code, stdout, stderr } = error as {
        readonly code: number;
        readonly stdout: string;
        readonly stderr: string;
      };
      return { status: code, output: `${stdout}${stderr}` };
    }
  }

  it("does not run a program there", async () => {
    for (const ns of ["MICROSERVICE:web", "CONTAINER:web-1", `CONTAINER:${ID}`]) {
      const { status, output } = await run("exec", ns, "--", "true");
      assertEquals(status, 1);
      assertMatch(output, REFUSED);
      assertMatch(output, /^error: The namespace of the container .* is not entered: /);
    }
  });

  it("does not configure anything there, and says why it waits", async () => {
    const { output } = await run("apply", file);
    assertMatch(output, /pending: interface left: The namespace of the container with the microservice label "web"/);
    assertMatch(output, /pending: interface right: The namespace of the container of the name or id "web-1"/);
    assertMatch(output, REFUSED);
    assertEquals((await run("destroy", file)).output.includes("claims0"), false);
  });

  it("says so in the list of microservices, which does not have it", async () => {
    const { status, output } = await run("microservices", "--json");
    assertEquals([status, output.startsWith("[]\n")], [0, true]);
    assertMatch(output, /^warning: Docker says/m);
    assertMatch(output, REFUSED);
  });
});
