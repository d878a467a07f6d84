/** A cluster of three, on three hosts. It takes minutes: with WHOLE=1, which `deno task etcd` sets. */
import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describeEtcd, EtcdMember, patiently } from "./etcd.ts";
import { RunningAgent } from "./running_agent.ts";
import { describeForms, Sandbox } from "./support.ts";

const HOSTS = [1, 2, 3] as const;
const addressOf = (host: number): string => `192.0.2.${host}`;
const keysOf = (host: number): string => `/vnf-agent/host${host}/config/netns/v1/`;

/** What is put for a host: a namespace on a bridge, and a VXLAN to the others. */
function topologyOf(host: number): Readonly<Record<string, unknown>> {
  const others = HOSTS.filter((one) => one !== host);
  const entries = others.map((one) => ({ mac: "00:00:00:00:00:00", remote: addressOf(one) }));
  return {
    "links/blue": { bridge: "PID:0 br0", ends: [`blue eth0 10.9.0.${host}/24`] },
    "interfaces/vx0": { type: "VXLAN", master: "br0", vxlan: { id: 42, local: addressOf(host), entries } },
  };
}

if (process.env["WHOLE"] === "1") {
  describeEtcd("a cluster of three", () => {
    describeForms("netns agent --etcd on three hosts", (command) => {
      let hub: Sandbox;
      const hosts = new Map<number, Sandbox>();
      const members = new Map<number, EtcdMember>();
      const agents = new Map<number, RunningAgent>();
      const folder = mkdtempSync(join(tmpdir(), "netns-cluster-"));

      const hostOf = (host: number): Sandbox => hosts.get(host) ?? hub;
      const memberOf = (host: number): EtcdMember => {
        const member = members.get(host);
        assert(member !== undefined);
        return member;
      };
      const outputOf = (host: number): string => agents.get(host)?.output ?? "";
      const outputs = (): unknown => HOSTS.map(outputOf);
      const cut = (host: number, state: "up" | "down"): void => {
        hub.output("ip", "link", "set", `up${host}`, state);
      };
      const addressesOf = (host: number): string =>
        hostOf(host).run(["ip", "-n", "blue", "-4", "-br", "address", "show", "dev", "eth0"]).stdout;
      const pings = (from: number, address: string): boolean =>
        hostOf(from).run(["ip", "netns", "exec", "blue", "ping", "-c", "1", "-W", "1", address]).status === 0;
      const has = async (host: number, address: string): Promise<void> => {
        await patiently(() => addressesOf(host).includes(address), outputs);
      };
      /** Puts, as soon as the members that are left have a leader. */
      const put = async (by: number, key: string, value: unknown): Promise<void> => {
        await patiently(() => memberOf(by).try("put", key, JSON.stringify(value)).status === 0, outputs);
      };
      const changed = (address: string): unknown => ({
        bridge: "PID:0 br0",
        ends: [`blue eth0 ${address}/24`],
      });

      before(async () => {
        hub = await Sandbox.open();
        hub.output("ip", "link", "add", "hub", "type", "bridge");
        hub.output("ip", "link", "set", "hub", "up");
        const cluster = HOSTS.map((host) => `m${host}=http://${addressOf(host)}:2380`).join(",");
        for (const host of HOSTS) {
          const sandbox = await Sandbox.open();
          hosts.set(host, sandbox);
          const [, pid = ""] = sandbox.enter([])[1];
          hub.output("ip", "link", "add", `up${host}`, "type", "veth", "peer", "name", "up0", "netns", pid);
          hub.output("ip", "link", "set", `up${host}`, "up", "master", "hub");
          sandbox.output("ip", "address", "add", `${addressOf(host)}/24`, "dev", "up0");
          sandbox.output("ip", "link", "set", "up0", "up");
          sandbox.output("ip", "link", "set", "lo", "up");
          const enter = (words: readonly string[]): readonly [string, readonly string[]] => sandbox.enter(words);
          members.set(host, new EtcdMember({ enter, host: addressOf(host), name: `m${host}`, cluster }));
        }
        for (const member of members.values()) member.spawn();
        for (const member of members.values()) await member.answers();
        for (const host of HOSTS) {
          // The first of each is the member beside it.
          const endpoints = [0, 1, 2].map((step) => `${addressOf((host - 1 + step) % 3 + 1)}:2379`);
          const path = join(folder, `${host}.conf`);
          writeFileSync(path, `insecure-transport: true\nendpoints: ${JSON.stringify(endpoints)}\n`);
          const words = [...command, "agent", "--etcd", path, "--label", `host${host}`, "--status"];
          agents.set(host, new RunningAgent(hostOf(host).enter(words).flat()));
        }
      });
      after(async () => {
        for (const one of [...agents.values(), ...members.values(), ...hosts.values(), hub]) {
          await one?.[Symbol.asyncDispose]();
        }
        rmSync(folder, { recursive: true, force: true });
      });

      it("one topology spans three hosts", async () => {
        for (const host of HOSTS) memberOf(1).put(keysOf(host), topologyOf(host));
        for (const host of HOSTS) await has(host, `10.9.0.${host}/24`);
        await patiently(() => pings(1, "10.9.0.2") && pings(2, "10.9.0.3") && pings(3, "10.9.0.1"), outputs);
      });

      it("a host that is cut off keeps what it has, mends it, and catches up", async () => {
        cut(1, "down");
        await put(2, `${keysOf(1)}links/blue`, changed("10.9.0.11"));
        await put(2, `${keysOf(2)}links/blue`, changed("10.9.0.12"));
        await has(2, "10.9.0.12/24");
        await patiently(() => /error: etcd: .*(no leader|no answer|timed out)/.test(outputOf(1)), outputs);
        hostOf(1).output("ip", "-n", "blue", "link", "delete", "dev", "eth0");
        await has(1, "10.9.0.1/24");
        cut(1, "up");
        await has(1, "10.9.0.11/24");
        await patiently(() => pings(1, "10.9.0.12"), outputs);
      });

      it("lists again what was compacted while it was cut off", async () => {
        cut(1, "down");
        await put(2, `${keysOf(1)}links/blue`, changed("10.9.0.21"));
        for (let i = 0; i < 20; i++) await put(2, "/filler", i);
        const [{ Status: { header: { revision } } }] = JSON.parse(memberOf(2).ctl("endpoint", "status", "-w", "json"));
        memberOf(2).ctl("compact", `${revision}`);
        cut(1, "up");
        await has(1, "10.9.0.21/24");
      });

      it("goes to another member within 20 s when its own is killed or silent", async () => {
        await memberOf(3).kill();
        const since = performance.now();
        await put(1, `${keysOf(3)}links/blue`, changed("10.9.0.33"));
        await has(3, "10.9.0.33/24");
        const killed = performance.now() - since;
        process.kill(memberOf(1).pid, "SIGSTOP"); // with the third one gone, nobody leads
        await memberOf(3).start().catch(() => {});
        const silent = performance.now();
        await put(2, `${keysOf(1)}links/blue`, changed("10.9.0.41"));
        await has(1, "10.9.0.41/24");
        const took = performance.now() - silent;
        process.kill(memberOf(1).pid, "SIGCONT");
        console.log(`fail-over: killed ${Math.round(killed)} ms, silent ${Math.round(took)} ms`);
        assert(took < 20_000, `${took} ms`);
      });

      it("goes to another member when its own ends as a service manager ends it", async () => {
        process.kill(memberOf(1).pid, "SIGTERM");
        await put(2, `${keysOf(1)}links/blue`, changed("10.9.0.44"));
        await has(1, "10.9.0.44/24");
        await memberOf(1).kill();
        await memberOf(1).start().catch(() => {});
      });

      it("goes on when the member that it follows leaves the cluster, and when one joins", async () => {
        const [, id = ""] = /^(\w+), started, m2,/m.exec(memberOf(3).ctl("member", "list")) ?? [];
        await patiently(() => memberOf(3).try("member", "remove", id).status === 0, outputs);
        await put(3, `${keysOf(2)}links/blue`, changed("10.9.0.42"));
        await has(2, "10.9.0.42/24");
        await memberOf(2).kill();
        memberOf(2).wipe();
        const peer = `http://${addressOf(2)}:2380`;
        await patiently(() => memberOf(3).try("member", "add", "m2", `--peer-urls=${peer}`).status === 0, outputs);
        await memberOf(2).start("--initial-cluster-state", "existing");
        await put(2, `${keysOf(2)}links/blue`, changed("10.9.0.12"));
        await has(2, "10.9.0.12/24");
        for (const host of HOSTS) assertEquals(/on hold/.test(outputOf(host)), false, outputOf(host));
      });

      it("goes on after all members were killed", async () => {
        for (const member of members.values()) await member.kill();
        hostOf(2).output("ip", "-n", "blue", "link", "delete", "dev", "eth0");
        await has(2, "10.9.0.12/24");
        for (const member of members.values()) member.spawn();
        await put(1, `${keysOf(2)}links/blue`, changed("10.9.0.52"));
        await has(2, "10.9.0.52/24");
        for (const host of HOSTS) assertEquals(/on hold/.test(outputOf(host)), false, outputOf(host));
      });

      it("what is deleted goes everywhere", async () => {
        memberOf(1).ctl("del", "--prefix", "/vnf-agent/");
        await patiently(() => HOSTS.every((host) => hostOf(host).names().length === 0), outputs);
      });
    });
  });
}
