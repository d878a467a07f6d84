import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { deleteNamedNamespace, listNamedNamespaces } from "@netns/netns";
import { scratchName } from "../integration/support/traces.ts";
import { describeServices, formWith, type Service } from "./docker.ts";
import { eventually } from "./following.ts";
import { describeForms } from "./support.ts";

/** A running agent and its output. */
interface Agent extends AsyncDisposable {
  readonly child: ChildProcess;
  output(): string;
}

const run = (...words: string[]): string => {
  const [command = "", ...args] = words;
  return spawnSync(command, args, { encoding: "utf8" }).stdout;
};

describeServices("the agent with containers", (open, name) => {
  let service: Service;
  before(async () => void (service = await open()));
  after(() => service[Symbol.asyncDispose]());

  describeForms("netns agent", ([program = "", ...words]) => {
    const blue = scratchName();
    const web = `web-${crypto.randomUUID().slice(0, 8)}`;
    const dir = mkdtempSync(join(tmpdir(), "netns-agent-"));
    const file = join(dir, "topology.yaml");
    /** Replaces the file, as an editor does. */
    const write = (text: string): void => {
      writeFileSync(`${file}~`, text);
      renameSync(`${file}~`, file);
    };
    const half = (mtu: number): string => `
name: ${blue}
namespaces: [${blue}]
interfaces:
  - { name: left, enabled: true, hostIfName: eth0, ipAddresses: [192.0.2.1/24], mtu: ${mtu}, namespace: ${blue}, veth: { peerIfName: right } }
`;
    const topology = (mtu: number): string =>
      `${half(mtu)}
  - { name: right, enabled: true, hostIfName: eth0, ipAddresses: [192.0.2.2/24], namespace: MICROSERVICE:${web}, veth: { peerIfName: left } }
`;

    function start(...options: string[]): Agent {
      const child = spawn(program, [...words, "agent", file, ...options], {
        env: { ...process.env, NO_COLOR: "1", DOCKER_HOST: `unix://${service.socket}` },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let text = "";
      child.stdout.on("data", (data) => text += data);
      child.stderr.on("data", (data) => text += data);
      return {
        child,
        output: () => text,
        [Symbol.asyncDispose]: async () => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          process.kill(child.pid ?? 0, "SIGKILL");
          await once(child, "exit");
        },
      };
    }

    /** The addresses of eth0 in the namespace of a process, or with a name. */
    const addresses = (pid: number): string => run("nsenter", "-t", `${pid}`, "-n", "ip", "-4", "-br", "address");
    const inBlue = (): string => run("ip", "-n", blue, "-4", "-br", "address");

    after(() => {
      if (listNamedNamespaces().includes(blue)) deleteNamedNamespace(blue);
      rmSync(dir, { recursive: true, force: true });
      rmSync(`/run/netns-apply/${blue}.json`, { force: true });
    });

    it("wires a container when it starts and restarts, and undoes foreign changes", async () => {
      write(half(1400));
      await using agent = start();
      /** How often a text is in its output. */
      const logged = (text: string): number => agent.output().split(text).length - 1;
      await eventually(() => logged("its peer right is not described") > 0, agent.output);
      write(topology(1400));
      await eventually(() => logged("2 pending") > 0, agent.output);
      const id = await service.run({ MICROSERVICE_LABEL: web });
      const first = await service.pid(id);
      await eventually(
        () => addresses(first).includes("192.0.2.2/24") && inBlue().includes("192.0.2.1/24"),
        agent.output,
      );
      assert(run("nsenter", "-t", `${first}`, "-n", "ping", "-c1", "-W2", "192.0.2.1").includes(" 0% packet loss"));

      const waits = "pending: interface right: No container";
      const before = logged(waits); // twice if the runtime answered only after the file was read
      await service.cli("kill", id);
      await eventually(() => !inBlue().includes("eth0"), () => inBlue() + agent.output());
      await eventually(() => logged(waits) > before, agent.output);
      await service.cli("start", id);
      const second = await service.pid(id);
      await eventually(() => addresses(second).includes("192.0.2.2/24"), agent.output);

      await eventually(() => logged("add 192.0.2.1/24 to eth0") === 2, agent.output);
      run("ip", "-n", blue, "address", "del", "192.0.2.1/24", "dev", "eth0");
      await eventually(() => inBlue().includes("192.0.2.1/24"), agent.output);
      await eventually(() => logged("add 192.0.2.1/24 to eth0") === 3, agent.output);
      run("ip", "-n", blue, "link", "del", "eth0");
      await eventually(() => addresses(second).includes("192.0.2.2/24"), agent.output);

      writeFileSync(file, topology(1300)); // written in place, without a new file
      await eventually(() => run("ip", "-n", blue, "link", "show", "eth0").includes("mtu 1300"), agent.output);
      write("interfaces: {");
      await eventually(() => agent.output().includes("error: "), agent.output);
      run("ip", "-n", blue, "link", "set", "eth0", "mtu", "1200");
      await eventually(() => run("ip", "-n", blue, "link", "show", "eth0").includes("mtu 1300"), agent.output);

      // A container that shares the namespace keeps it, and the pair, when the first container ends.
      const guest = await service.run({}, ["--network", `container:${id}`]);
      await service.cli("kill", id);
      await eventually(() => !inBlue().includes("eth0"), () => inBlue() + agent.output());
      await service.remove(guest);
      await service.cli("start", id);
      await eventually(() => inBlue().includes("192.0.2.1/24"), agent.output);

      process.kill(agent.child.pid ?? 0, "SIGTERM");
      assertEquals(await once(agent.child, "exit"), [0, null], agent.output());
      assert(inBlue().includes("192.0.2.1/24"), "what it made stays");
      for (const line of agent.output().trim().split("\n")) assertMatch(line, /^\d\d:\d\d:\d\d\.\d{3} \S/);
      await service.remove(id);
    });

    it("moves a TAP into its container when both exist, and makes links again in a namespace that was deleted", async () => {
      const tap = `t${crypto.randomUUID().slice(0, 8)}`;
      write(`
name: ${blue}
interfaces:
  - { name: vm, type: AUTO_TAP, enabled: true, hostIfName: tap0, ipAddresses: [192.0.2.9/24], namespace: "MICROSERVICE:${web}", tap: { tempIfName: ${tap} } }
  - { name: a, enabled: true, hostIfName: a, namespace: ${blue}-2, veth: { peerIfName: b } }
  - { name: b, enabled: true, hostIfName: b, namespace: ${blue}-2, veth: { peerIfName: a } }
`);
      await using agent = start("--cleanup");
      await eventually(() => agent.output().includes("pending: interface vm: No container"), agent.output);
      run("ip", "netns", "del", `${blue}-2`);
      await eventually(() => run("ip", "-n", `${blue}-2`, "link").includes("b@a"), agent.output);
      await eventually(() => /(create a in[^]*){2} 1 pending\n/.test(agent.output()), agent.output);
      const pending = agent.output().split("\n").flatMap((line) => line.split("pending: ")[1] ?? []);
      assertEquals(new Set(pending).size, pending.length, `each pending item is logged once: ${pending.join("\n")}`);
      const id = await service.run({ MICROSERVICE_LABEL: web });
      const pid = await service.pid(id);
      run("ip", "tuntap", "add", "mode", "tap", "name", tap);
      await eventually(() => addresses(pid).includes("192.0.2.9/24"), agent.output);
      process.kill(agent.child.pid ?? 0, "SIGTERM");
      assertEquals(await once(agent.child, "exit"), [0, null], agent.output());
      assert(!listNamedNamespaces().includes(`${blue}-2`), agent.output());
      run("ip", "link", "del", tap);
      await service.remove(id);
    });

    it("prints JSON lines, and destroys all at the end with --cleanup", async () => {
      write(topology(1400));
      const id = await service.run({ MICROSERVICE_LABEL: web });
      await using agent = start("--json", "--cleanup");
      const pid = await service.pid(id);
      await eventually(() => addresses(pid).includes("192.0.2.2/24"), agent.output);
      process.kill(agent.child.pid ?? 0, "SIGINT");
      assertEquals(await once(agent.child, "exit"), [0, null], agent.output());
      const lines = agent.output().trim().split("\n").map((line) => JSON.parse(line) as Record<string, string>);
      for (const { time, level, category, message } of lines) assert(time && level && category && message);
      assertStringIncludes(lines.map(({ kind }) => kind).join(), "create-link");
      assert(!existsSync(`/run/netns/${blue}`) && !addresses(pid).includes("eth0"));
      await service.remove(id);
    });
  }, formWith(name));
});
