import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { readFileSync } from "node:fs";
import { commandsOf, documents } from "./documents/blocks.ts";
import { describeEtcd, EtcdMember, patiently } from "./etcd.ts";
import { bun } from "../../scripts/runtimes.ts";
import { RunningAgent } from "./running_agent.ts";
import { BUILT, describeBuilt, type Outcome, root, Sandbox } from "./support.ts";

/** The commands of the guide, in their order. */
const COMMANDS = documents().filter(({ path }) => path === "src/etcd/README.md")
  .flatMap(({ blocks }) => blocks.filter(({ language }) => language === "sh").flatMap(commandsOf));

describeEtcd("the guide to the agent on a cluster", () => {
  describeBuilt("its commands, on two hosts", (netns) => {
    const hosts: Sandbox[] = [];
    const agents: RunningAgent[] = [];
    let etcd: EtcdMember;

    before(async () => {
      hosts.push(await Sandbox.open(), await Sandbox.open());
      const [first, second] = hosts;
      const [, pid = ""] = second?.enter([])[1] ?? [];
      first?.output("ip", "link", "add", "up0", "type", "veth", "peer", "name", "up0", "netns", pid);
      hosts.forEach((host, index) => {
        host.output("ip", "address", "add", `192.0.2.${index + 1}/24`, "dev", "up0");
        host.output("ip", "link", "set", "up0", "up");
        host.output("ip", "link", "set", "lo", "up");
      });
      etcd = new EtcdMember({ enter: (words) => hosts[0]?.enter(words) ?? ["false", []], host: "192.0.2.1" });
      await etcd.start();
    });
    after(async () => {
      for (const agent of agents) await agent[Symbol.asyncDispose]();
      await etcd?.[Symbol.asyncDispose]();
      for (const host of hosts) await host[Symbol.asyncDispose]();
    });

    const deletes = COMMANDS.findIndex((line) => line.startsWith("etcdctl del"));
    const step = (line: string): void =>
      it(`${line} succeeds`, async () => {
        // The second host's agent runs in Bun.
        const command = line.includes("agent") && line.includes("host2") ? [await bun(), BUILT] : netns;
        const words = line.replace(/^sudo /, "").replace(/^netns/, command.join(" ")).replace(
          "etcd.conf",
          `${root}test/examples/etcd.conf`,
        );
        const host = hosts[line.includes("--label host2") ? 1 : 0];
        if (host === undefined) throw new Error("there is no such host");
        if (line.includes(" agent ")) {
          const agent = new RunningAgent(host.enter(["sh", "-c", `exec ${words}`]).flat());
          agents.push(agent);
          await patiently(() => agent.output.includes("etcd: 192.0.2.1:2379 answers"), () => agent.output);
          return;
        }
        if (line.includes("ping")) {
          await patiently(
            () => hosts.every((one) => one.run(["ip", "-n", "blue", "link", "show", "dev", "eth0"]).status === 0),
            () => (
              agents.map(({ output }) => output)
            ),
          );
        }
        const env = { ETCDCTL_API: "3", ETCDCTL_ENDPOINTS: "192.0.2.1:2379" };
        const run = (): Outcome => host.run(["sh", "-c", words], { env });
        if (line.includes("config-status")) {
          const shown = '{"key":"config/netns/v1/interfaces/vx0","state":"CONFIGURED","last_operation":"CREATE"}';
          await patiently(() => run().stdout.includes(shown), () => [run(), ...agents.map(({ output }) => output)]);
        }
        const { status, stdout, stderr } = run();
        assertEquals(status, 0, `${stderr}${stdout}${agents.map(({ output }) => output)}`);
      });
    COMMANDS.slice(0, deletes).forEach(step);

    it("mend, while the cluster is away, what somebody removes, and go on when it is back", async () => {
      const address = (): string => hosts[1]?.run(["ip", "-n", "blue", "-br", "address", "show", "eth0"]).stdout ?? "";
      const has = async (wanted: string): Promise<void> => (
        await patiently(() => address().includes(wanted), () => [address(), agents[1]?.output])
      );
      await etcd.kill();
      await patiently(
        () => agents[1]?.output.includes("error: etcd: 192.0.2.1:2379") ?? false,
        () => agents[1]?.output,
      );
      hosts[1]?.output("ip", "-n", "blue", "link", "delete", "dev", "eth0");
      await has("10.9.0.2/24");
      await etcd.start();
      const key = "/vnf-agent/host2/config/netns/v1/links/blue";
      etcd.ctl("put", key, '{ bridge: "PID:0 br0", ends: ["blue eth0 10.9.0.3/24"] }');
      await has("10.9.0.3/24");
    });
    COMMANDS.slice(deletes).forEach(step);

    it("alone load the client: the library, as it is imported, has no HTTP/2 in it", () => {
      const loaded = new Set(["./mod.js"]);
      for (const name of loaded) {
        const text = readFileSync(`${root}dist/${name}`, "utf8");
        assertEquals(/from\s*"node:http2"/.test(text), false, name);
        for (const [, next = ""] of text.matchAll(/(?:from|import)\s*"(\.\/[^"]+)"/g)) loaded.add(next);
      }
      assert(loaded.size > 5, `${[...loaded]}`);
    });

    it("leave nothing on the hosts", async () => {
      const left = (): string[] =>
        hosts.flatMap((host) => [
          ...host.ip<{ ifname: string }[]>("link").map(({ ifname }) => ifname),
          ...host.names(),
        ]).sort();
      await patiently(() => left().join() === "lo,lo,up0,up0", () => [left(), ...agents.map(({ output }) => output)]);
    });
  });
});
