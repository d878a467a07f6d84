import { assertEquals, assertStringIncludes } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { describeEtcd, EtcdMember, patiently } from "./etcd.ts";
import { RunningAgent } from "./running_agent.ts";
import { describeForms, Sandbox } from "./support.ts";

const ONE = "/vnf-agent/one/linux/config/v1/";
const TWO = "/vnf-agent/two/config/linux/";

/** One end of a pair, as Ligato's agents of version 1 read it. */
const v1 = (name: string, peer: string, address: string, more: object = {}): object => ({
  name,
  enabled: true,
  ip_addresses: [address],
  namespace: { type: 2, name: `ns-${name}` },
  veth: { peer_if_name: peer },
  ...more,
});
/** The same for those of version 2. */
const v2 = (name: string, peer: string, address: string, more: object = {}): object => ({
  name,
  type: "VETH",
  enabled: true,
  ip_addresses: [address],
  namespace: { type: "NSID", reference: `ns-${name}` },
  veth: { peer_if_name: peer },
  ...more,
});

/** What `ip` says of a link. */
interface Link {
  readonly mtu: number;
  readonly ifindex: number;
  readonly operstate: string;
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number; readonly family: string }[];
}

describeEtcd("a day of two agents that follow a cluster", () => {
  describeForms("netns agent --etcd", (command, form) => {
    let sandbox: Sandbox;
    let etcd: EtcdMember;
    const agents = new Map<string, RunningAgent>();

    before(async () => {
      sandbox = await Sandbox.open();
      sandbox.output("ip", "link", "set", "lo", "up");
      etcd = new EtcdMember({ enter: (words) => sandbox.enter(words) });
      await etcd.start();
      start("one");
      start("two");
    });
    after(async () => {
      for (const agent of agents.values()) await agent[Symbol.asyncDispose]();
      await etcd[Symbol.asyncDispose]();
      await sandbox[Symbol.asyncDispose]();
    });

    function start(label: string, ...options: string[]): void {
      const words = [...command, "agent", "--etcd", "--label", label, "--status", ...options];
      agents.set(label, new RunningAgent(sandbox.enter(words).flat()));
    }
    async function end(label: string): Promise<void> {
      assertEquals(await agents.get(label)?.end(), 0, agents.get(label)?.output);
    }
    const output = (label: string): string => agents.get(label)?.output ?? "";
    /** The addresses and the MTU of a link in the namespace that is called after it; undefined if it is not there. */
    function look(name: string): string | undefined {
      const { status, stdout } = sandbox.run(["ip", "-n", `ns-${name}`, "-j", "address", "show", "dev", name]);
      if (status !== 0) return undefined;
      const [link] = JSON.parse(stdout) as Link[];
      const addresses = link?.addr_info.filter(({ family }) => family === "inet");
      return `${addresses?.map(({ local, prefixlen }) => `${local}/${prefixlen}`)} ${link?.mtu} ${link?.operstate}`;
    }
    const becomes = async (value: () => unknown, expected: unknown): Promise<void> => {
      const same = (): boolean => JSON.stringify(value()) === JSON.stringify(expected);
      await patiently(same, () => [value(), expected, output("one"), output("two")]);
    };
    const says = async (label: string, text: string): Promise<void> => {
      await patiently(() => output(label).includes(text), () => output(label));
    };
    const looks = async (name: string, expected: string | undefined): Promise<void> => {
      await patiently(() => look(name) === expected, () => [look(name), expected, output("one"), output("two")]);
    };
    const state = async (key: string, expected: string | undefined): Promise<void> => {
      const key2 = key.replace("config/", "config-status/");
      await becomes(() => etcd.value(key2)?.["state"], expected);
    };

    it("wires what is put, for each label its own", async () => {
      etcd.put(ONE, { "interface/a": v1("a", "b", "192.0.2.1/24"), "interface/b": v1("b", "a", "192.0.2.2/24") });
      etcd.put(TWO, { "interfaces/v2/interface/c": v2("c", "d", "198.51.100.1/24") });
      await looks("a", "192.0.2.1/24 1500 UP");
      await looks("b", "192.0.2.2/24 1500 UP");
      await state(`${TWO}interfaces/v2/interface/c`, "PENDING");
      etcd.put(TWO, { "interfaces/v2/interface/d": v2("d", "c", "198.51.100.2/24") });
      await looks("d", "198.51.100.2/24 1500 UP");
      await state(`${TWO}interfaces/v2/interface/c`, "CONFIGURED");
      assertEquals(etcd.value("/vnf-agent/one/check/status/v1/agent")?.["state"], 1);
    });

    it("adds routes and neighbours of both versions, and items of the topology file", async () => {
      etcd.put(ONE, {
        "route/r": { name: "r", interface: "a", dst_ip_addr: "10.1.2.3/8", gw_addr: "192.0.2.2" },
        "arp/e": { name: "e", interface: "a", ip_addr: "192.0.2.9", hw_address: "02:00:00:00:00:09" },
      });
      etcd.put("/vnf-agent/two/config/netns/v1/", { "routes/r": "ns-c 10.0.0.0/8 via 198.51.100.2" });
      const routes = (ns: string): string[] =>
        sandbox.ip<{ dst: string; gateway?: string }[]>("-n", ns, "route").flatMap(({ dst, gateway }) => (
          gateway === undefined ? [] : `${dst} ${gateway}`
        ));
      await becomes(() => routes("ns-a"), ["10.0.0.0/8 192.0.2.2"]);
      await becomes(() => routes("ns-c"), ["10.0.0.0/8 198.51.100.2"]);
      const neighbours = (): string[] =>
        sandbox.ip<{ dst: string; lladdr?: string }[]>("-n", "ns-a", "neigh").map(({ dst }) => dst);
      await patiently(() => neighbours().includes("192.0.2.9"), neighbours);
      await state(`${ONE}route/r`, "CONFIGURED");
      await says("one", "dst_ip_addr has bits beyond its prefix, which are ignored: 10.0.0.0/8");
    });

    it("changes what is put anew, in place", async () => {
      const index = (): number | undefined => sandbox.ip<Link[]>("-n", "ns-a", "link", "show", "dev", "a")[0]?.ifindex;
      const before = index();
      etcd.put(ONE, { "interface/a": v1("a", "b", "192.0.2.5/24", { mtu: 1400 }) });
      await looks("a", "192.0.2.5/24 1400 UP");
      assertEquals(index(), before);
    });

    it("keeps the last good value of a key with a fault, and goes on with the others", async () => {
      etcd.put(ONE, { "interface/a": v1("a", "b", "192.0.2.5/64"), "interface/b": v1("b", "a", "192.0.2.6/24") });
      await looks("b", "192.0.2.6/24 1500 UP");
      assertEquals(look("a"), "192.0.2.5/24 1400 UP");
      await state(`${ONE}interface/a`, "INVALID");
      assertEquals(etcd.value("/vnf-agent/one/check/status/v1/agent")?.["state"], 2, "with the status of the key");
      await says("one", `${ONE}interface/a: ipAddresses.0: "192.0.2.5/64", expected the IP address`);
    });

    it("says FAILED of a kind that the kernel lacks, and UNIMPLEMENTED of what is VPP's", async () => {
      const isThere = sandbox.run(["ip", "link", "add", "probe", "type", "dummy"]).status === 0;
      if (isThere) sandbox.output("ip", "link", "delete", "dev", "probe");
      const namespace = { type: "NSID", reference: "ns-dummy" };
      etcd.put(TWO, {
        "interfaces/v2/interface/dummy": { name: "dummy", type: "DUMMY", namespace },
        "interfaces/v2/interface/vpp": { name: "vpp", type: "UNDEFINED" },
      });
      await state(`${TWO}interfaces/v2/interface/dummy`, isThere ? "CONFIGURED" : "FAILED");
      await state(`${TWO}interfaces/v2/interface/vpp`, "UNIMPLEMENTED");
      for (const name of ["dummy", "vpp"]) etcd.ctl("del", `${TWO}interfaces/v2/interface/${name}`);
      await state(`${TWO}interfaces/v2/interface/dummy`, undefined);
      await becomes(() => sandbox.names().includes("ns-dummy"), false);
    });

    it("mends what somebody changes while the cluster is away, also after a restart", async () => {
      await etcd.kill();
      await says("one", "error: etcd: 127.0.0.1:2379");
      sandbox.output("ip", "-n", "ns-a", "link", "delete", "dev", "a");
      await looks("a", "192.0.2.5/24 1400 UP");
      await end("one");
      sandbox.output("ip", "-n", "ns-a", "link", "delete", "dev", "a");
      start("one");
      await looks("a", "192.0.2.5/24 1400 UP");
    });

    it("goes on when the cluster is back, with the bad value still bad", async () => {
      await etcd.start();
      etcd.put(ONE, { "interface/b": v1("b", "a", "192.0.2.7/24") });
      await looks("b", "192.0.2.7/24 1500 UP");
      assertEquals(look("a"), "192.0.2.5/24 1400 UP");
      etcd.put(ONE, { "interface/a": v1("a", "b", "192.0.2.8/24", { mtu: 1500 }) });
      await looks("a", "192.0.2.8/24 1500 UP");
    });

    it("takes nothing away because a data directory was wiped, also after a restart", async () => {
      await etcd.kill();
      etcd.wipe();
      await etcd.start();
      await patiently(
        () => /error: etcd: on hold: the cluster is at revision \d, and was at/.test(output("two")), // it has statuses, too
        () => output("two"),
      );
      await end("two");
      start("two");
      await says("two", "etcd: 0 keys");
      assertEquals([look("c"), look("a")], ["198.51.100.1/24 1500 UP", "192.0.2.8/24 1500 UP"]);
      etcd.put(TWO, { "interfaces/v2/interface/d": v2("d", "c", "198.51.100.3/24") });
      await looks("d", "198.51.100.3/24 1500 UP");
    });

    it("takes it away at a start with --accept-empty, and what is deleted after that", async () => {
      await end("two");
      start("two", "--accept-empty");
      await looks("c", undefined);
      etcd.put(TWO, { "interfaces/v2/interface/c": v2("c", "d", "198.51.100.1/24") });
      await looks("c", "198.51.100.1/24 1500 UP");
      etcd.ctl("del", "--prefix", TWO);
      await looks("c", undefined);
      await becomes(() => sandbox.names().filter((name) => /-[cd]$/.test(name)), []);
      await becomes(() => etcd.ctl("get", "--prefix", "--keys-only", "/vnf-agent/two/config-status/"), "");
    });

    if (form === "Deno") return;
    it("refuses what is no cluster and no label, with status 2", () => {
      const env: Record<string, string> = { MICROSERVICE_LABEL: "" };
      const refuses = (expected: string, ...options: string[]): void => {
        const { status, stderr } = sandbox.run([...command, "agent", ...options], { env });
        assertStringIncludes(stderr, expected);
        assertEquals(status, 2, stderr);
      };
      refuses("with --label, or MICROSERVICE_LABEL", "--etcd");
      refuses('Cannot use "a/b" as a label', "--etcd", "--label", "a/b");
      refuses("Give a FILE or --etcd, not both", "topology.yaml", "--etcd", "--label", "a");
      env["ETCD_CONFIG"] = "/proc/self/none";
      refuses("/proc/self/none", "--etcd", "--label", "a");
    });
  });
});
