/** `destroy --adopt` where nothing is remembered: what is exactly as the file has it goes; all else stays, and is named. */
import { spawnSync } from "node:child_process";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Configurator, type InterfaceInput, MemoryStateStore, type NetworkConfigInput, NsHandle } from "@netns/netns";
import { Scratch } from "../../integration/configurator/scratch.ts";
import { leavesNothing } from "./leaves_nothing.ts";

/** Runs lines in the namespace `a`, and gives what they write. */
function run(scratch: Scratch, ...lines: readonly string[]): string {
  using ns = NsHandle.fromName(scratch.name("a"));
  const { status, stdout, stderr } = ns.run(() => spawnSync("sh", ["-ec", lines.join("\n")], { encoding: "utf8" }));
  assertEquals(status, 0, `${lines.join("\n")}: ${stdout}${stderr}`);
  return stdout;
}

/** What somebody has beside it. */
const BESIDE = [
  "ip link set lo up",
  "ip link add x0 type dummy",
  "ip link set x0 up mtu 1444 alias beside",
  "ip addr add 10.50.0.1/24 dev x0",
  "ip route add 10.51.0.0/16 via 10.50.0.9 dev x0 proto static",
  "ip rule add from 10.50.0.0/24 table 77 priority 770",
  "ip neigh add 10.50.0.7 lladdr 02:00:00:00:00:07 dev x0 nud permanent",
  "tc qdisc add dev x0 root handle 7: tbf rate 1mbit burst 10kb latency 50ms",
  "ip link add x2 up type dummy",
  "ip link add br9 type bridge",
  "ip link add x1 type dummy",
  "ip link set x1 master br9",
];

/** All that is there; a line each. */
function listed(scratch: Scratch): readonly string[] {
  const text = run(
    scratch,
    ...[
      "ip -d -j addr show",
      "ip -d -j route show table all",
      "ip -d -j rule show",
      "ip -d -j neigh show nud permanent",
    ],
    ...["tc -j qdisc show", "bridge -j fdb show", "bridge -j vlan show"],
  );
  return text.split("\n").filter((line) => line !== "").flatMap((line): string[] => {
    const all: Readonly<Record<string, unknown>>[] = JSON.parse(line);
    return all.map((one) =>
      JSON.stringify(
        one,
        (key, value) => /timer|operstate|_life_time|^flags$|promiscuity|tentative/.test(key) ? undefined : value,
      )
    );
  }).sort();
}

const inA = (one: InterfaceInput): InterfaceInput => ({ namespace: "a", ...one });

const FILE: NetworkConfigInput = {
  namespaces: [{ name: "a", sysctls: { "net.ipv4.ip_forward": "1" } }],
  interfaces: [
    inA({ name: "br0", type: "BRIDGE", bridge: { vlanFiltering: true }, ipAddresses: ["10.1.0.1/24"] }),
    inA({ name: "d0", type: "DUMMY", master: "br0", bridgePort: { cost: 9, vlans: [{ id: 30, pvid: true }] } }),
    inA({ name: "d1", type: "DUMMY", impair: { delay: "10ms" }, ipAddresses: ["10.2.0.1/24"] }),
    inA({ name: "v5", type: "VLAN", vlan: { parent: "d1", id: 5 } }),
    inA({
      name: "vx0",
      type: "VXLAN",
      vxlan: { id: 42, entries: [{ mac: "02:00:00:00:00:43", remote: "10.2.0.68" }] },
    }),
    inA({ name: "b0", type: "BOND", bond: { mode: "active-backup", miimon: 100 } }),
    inA({ name: "m0", type: "DUMMY", master: "b0" }),
    inA({ name: "m1", type: "DUMMY", master: "b0" }),
    inA({ name: "x2", type: "EXISTING", impair: { loss: "1%" } }),
  ],
  routes: [{ name: "r", namespace: "a", interface: "d1", dstIpAddr: "10.3.0.0/16", gwAddr: "10.2.0.9" }],
  arpEntries: [{ name: "n", namespace: "a", interface: "d1", ipAddr: "10.2.0.8", hwAddress: "02:00:00:00:00:08" }],
  rules: [{ name: "ru", namespace: "a", from: "10.2.0.0/24", table: 88, priority: 880 }],
};

/** The items of a report, with the short name of the namespace. */
const items = (report: readonly { readonly item: string }[]): string[] =>
  report.map(({ item }) => item.replace(/netns-test-\w+-/, ""));

describe("destroy --adopt of what nobody remembers", () => {
  leavesNothing();

  it("takes away what is exactly as described, and nothing beside it", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    run(scratch, ...BESIDE);
    const initial = listed(scratch);
    const { failed, pending } = await scratch.apply(FILE);
    assertEquals([failed, pending], [[], []]);
    const alone = new Configurator(scratch.handler, { store: new MemoryStateStore() });
    const report = await alone.destroy(scratch.config(FILE), { adopt: true });
    assertEquals([report.failed, items(report.pending)], [[], ["namespace a", "namespace a"]]);
    assertEquals(report.pending[1]?.reason, "net.ipv4.ip_forward is left: what it was before is not known");
    assertEquals(listed(scratch), initial);
  });

  it("leaves and names what is not", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    run(scratch, ...BESIDE);
    await scratch.apply(FILE);
    run(
      scratch,
      "ip link set br0 mtu 1400",
      "ip addr add 10.1.0.7/24 dev br0",
      "tc qdisc change dev d1 root netem delay 20ms",
      "bridge fdb append 02:00:00:00:00:44 dev vx0 dst 10.2.0.69",
      "ip link set m1 nomaster",
      "ip rule del priority 880",
      "ip rule add from 10.2.0.0/24 table 89 priority 880",
      "ip neigh replace 10.2.0.8 lladdr 02:00:00:00:00:09 dev d1 nud permanent",
      "ip route replace 10.3.0.0/16 via 10.2.0.10",
    );
    const changed = listed(scratch);
    const alone = new Configurator(scratch.handler, { store: new MemoryStateStore() });
    const { done, failed, pending } = await alone.destroy(scratch.config(FILE), { adopt: true });
    assertEquals([items(done), failed], [["interface x2", "interface b0", "interface m0", "interface v5"], []]);
    const left = ["br0", "d0", "d1", "vx0", "m1"].map((name) => `interface ${name}`);
    assertEquals(items(pending), ["namespace a", ...left, "route r", "ARP entry n", "namespace a"]);
    const lines = listed(scratch);
    const isOfLinks = (line: string): boolean => /"(ifname|dev|master)":"(b0|m0|v5|x2)"|"mac":"01:80:c2/.test(line);
    assertEquals(changed.filter((line) => !lines.includes(line) && !isOfLinks(line)), []);
  });
});
