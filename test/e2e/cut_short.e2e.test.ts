/** An apply of a changed file that is killed: whatever comes next, all is as the next file has it, and then as at first. */
import { spawnSync } from "node:child_process";
import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { type NetworkConfigInput, NsHandle } from "@netns/netns";
import { Scratch } from "../integration/configurator/scratch.ts";
import { assertSameTraces, describeAsRoot, traces } from "../integration/support/traces.ts";

/** What each kind of object changes in, of those that a state file names by a key that stays. */
const file = (n: 1 | 2): NetworkConfigInput => ({
  namespaces: [{ name: "a", sysctls: { "net.ipv4.conf.e0.rp_filter": n, "net.ipv4.ip_forward": n - 1 } }],
  interfaces: [{
    ...{ name: "e0", type: "EXISTING", namespace: "a" },
    ...{ mtu: 1300 + n, description: `by file ${n}`, txQueueLength: 500 + n, ipAddresses: [`10.${n + 2}.0.1/24`] },
  }],
  routes: [{ name: "r", namespace: "a", interface: "e0", dstIpAddr: "10.30.0.0/16", gwAddr: `10.1.0.${n + 8}` }],
  arpEntries: [
    { name: "n", namespace: "a", interface: "e0", ipAddr: "10.1.0.77", hwAddress: `02:00:00:00:00:0${n}` },
  ],
  rules: [{ name: "ru", namespace: "a", from: `10.${n}.0.0/16`, table: 77, priority: 700 + n }],
  firewall: [{ name: "f", namespace: "a", in: "drop", except: [{ protocol: "tcp", port: n }] }],
  uplinks: [{ namespace: "a", addresses: "10.77.0.0/30", dns: [`9.9.9.${n}`] }],
});

/** Runs lines in a namespace, and gives what they write. */
function run(name: string, ...lines: readonly string[]): string {
  using ns = NsHandle.fromName(name);
  const { status, stdout, stderr } = ns.run(() => spawnSync("sh", ["-ec", lines.join("\n")], { encoding: "utf8" }));
  assertEquals(status, 0, `${lines.join("\n")}: ${stdout}${stderr}`);
  return stdout;
}

describeAsRoot("A changed file whose apply is killed", () => {
  let start: unknown;
  before(() => {
    NsHandle.home().close();
    start = traces();
  });
  after(() => assertSameTraces(start));

  for (const when of ["intended", "done"] as const) {
    for (const next of [undefined, 1, 2] as const) {
      const what = next === undefined ? "destroyed" : next === 1 ? "the former one applied" : "applied again";
      it(`when all is ${when}, and is then ${what}`, async () => {
        using scratch = new Scratch();
        scratch.make("a");
        const name = scratch.name("a");
        run(
          name,
          "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1", // which comes some time later
          "ip link set lo up",
          "ip link add e0 type veth peer name e1",
          "ip link set e1 up",
          "ip link set e0 up",
          "ip addr add 10.1.0.1/24 dev e0",
        );
        const look = (): string =>
          run(
            name,
            "ip -d link show e0; ip addr show e0; ip route show table all; ip rule; ip neigh show nud permanent",
            "nft list ruleset; sysctl net.ipv4.conf.e0.rp_filter net.ipv4.ip_forward; cat /etc/netns/$0/resolv.conf || :"
              .replace("$0", name),
          ).replaceAll(/ state \w+/g, "");
        const initial = look();
        const first = await scratch.apply(file(1));
        assertEquals([first.failed, first.pending], [[], []]);
        await scratch.applyCutShort(file(2), when);
        if (next !== undefined) {
          const { failed, pending } = await scratch.apply(file(next));
          assertEquals([failed, pending], [[], []]);
          assertEquals((await scratch.apply(file(next))).lines, []);
        }
        const { failed, pending } = await scratch.destroy(file(2));
        assertEquals([failed, pending], [[], []]);
        assertEquals(look(), initial);
      });
    }
  }
});
