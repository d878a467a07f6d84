/** Fields that the kernel changes of a link that is there: it keeps its index, and the second apply has nothing to do. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { InterfaceInput, NetworkConfigInput } from "@netns/netns";
import { Scratch } from "../../integration/configurator/scratch.ts";
import { leavesNothing } from "./leaves_nothing.ts";
import { settle } from "./settle.ts";
import { run, shown } from "./shown.ts";

/** The options of a link as `ip -d -j` shows them. */
function optionsOf(scratch: Scratch, short: string, name: string): Readonly<Record<string, unknown>> {
  const { linkinfo } = shown(scratch, short, name);
  return { ...linkinfo?.info_data };
}

/** A link on others that have an address of each family. */
const on = (names: readonly string[], link: InterfaceInput): NetworkConfigInput => ({
  interfaces: [
    ...names.map((name, i): InterfaceInput => ({
      ...{ name, type: "DUMMY", namespace: "a" },
      mtu: 1500 - 50 * i,
      ipAddresses: [`10.${i + 1}.0.1/24`, `fd0${i + 1}::1/64`],
    })),
    link,
  ],
});

/** The file with an address that the kernel refuses; nothing says so before. */
const withFault = (file: NetworkConfigInput): NetworkConfigInput => ({
  ...file,
  interfaces: [
    ...file.interfaces ?? [],
    { name: "d8", type: "DUMMY", namespace: "a", ipAddresses: ["::1/128"] },
  ],
});

describe("a link that changes in place", () => {
  leavesNothing();

  it("gets a time that is one hundredth of a second longer than the one that it has", async () => {
    using scratch = new Scratch();
    const file = (forwardDelay: number, ageingTime: number): NetworkConfigInput => ({
      interfaces: [{ name: "br0", type: "BRIDGE", namespace: "a", bridge: { forwardDelay, ageingTime } }],
    });
    await settle(scratch, file(1500, 30000));
    assertEquals(await settle(scratch, file(1501, 30001)), [
      "interface br0: set br0 in a: ageingTime 30001, forwardDelay 1501",
    ]);
    run(scratch, "a", "ip", "link", "set", "br0", "type", "bridge", "forward_delay", "1500");
    await settle(scratch, file(1501, 30001));
    const { forward_delay, ageing_time } = optionsOf(scratch, "a", "br0");
    assertEquals([forward_delay, ageing_time], [1501, 30001]); // this kernel has 100 ticks a second, and rounds nothing
    await scratch.destroy(file(1501, 30001));
  });

  for (const mode of ["gre", "gretap", "ipip", "sit", "ip6gre", "ip6gretap", "ip6tnl"] as const) {
    it(`goes by another parent, with its MTU: a tunnel of mode ${mode}`, async () => {
      using scratch = new Scratch();
      const [local, remote] = mode.startsWith("ip6") ? ["fd01::1", "fd01::2"] : ["10.1.0.1", "10.1.0.2"];
      const file = (parent: string | undefined, more: Partial<InterfaceInput["tunnel"]> = {}): NetworkConfigInput =>
        on(parent === "d3" ? ["d1", "d2", "d3"] : ["d1", "d2"], {
          name: "t0",
          type: "TUNNEL",
          namespace: "a",
          mtu: 1300,
          tunnel: { mode, local, remote, parent, ...more },
        });
      await settle(scratch, file("d1"));
      const { ifindex, linkinfo } = shown(scratch, "a", "t0");
      const look = (): unknown => {
        const { linkinfo, mtu, ifindex, link } = shown(scratch, "a", "t0");
        const { local, remote, ttl } = linkinfo?.info_data ?? {};
        return [ifindex, mtu, link, local, remote, ttl];
      };
      assertEquals(await settle(scratch, file("d2")), ["interface t0: set t0 in a: parent d2"]);
      assertEquals(look(), [ifindex, 1300, "d2", local, remote, linkinfo?.info_data?.["ttl"]]);
      await settle(scratch, file("d3", { ttl: 9 }));
      assertEquals(look(), [ifindex, 1300, "d3", local, remote, 9]);
      await settle(scratch, file("d1", { ttl: 10 })); // and d3 goes
      assertEquals(look(), [ifindex, 1300, "d1", local, remote, 10]);
      await settle(scratch, file(undefined, { ttl: 10 })); // which leaves it
      assertEquals(look(), [ifindex, 1300, "d1", local, remote, 10]);
      const undone = await scratch.apply(withFault(file("d2", { ttl: 12 })), { atomic: true });
      assertEquals(undone.failed.map(({ item }) => item), ["interface d8"]);
      assertEquals(look(), [ifindex, 1300, "d1", local, remote, 10]);
      await scratch.destroy(file("d1"));
    });
  }

  for (const end of [{ remote: "10.1.0.2" }, { group: "239.1.1.1" }, { remote: "fd01::2" }, { group: "ff05::9" }, {}]) {
    it(`goes by another parent: a VXLAN with ${JSON.stringify(end)}`, async () => {
      using scratch = new Scratch();
      const file = (parent: string | undefined, more: Partial<InterfaceInput["vxlan"]> = {}): NetworkConfigInput =>
        on(parent === "d3" ? ["d1", "d2", "d3"] : ["d1", "d2"], {
          name: "x0",
          type: "VXLAN",
          namespace: "a",
          mtu: 1300,
          ipAddresses: ["10.9.0.1/24", "fd09::1/64"],
          vxlan: { id: 5, parent, ...end, ...more },
        });
      const [other = "none"] = Object.values(end);
      const isGroup = "group" in end;
      const look = (): unknown => {
        const { linkinfo, mtu, ifindex } = shown(scratch, "a", "x0");
        const { link, ttl } = linkinfo?.info_data ?? {};
        const entries = run(scratch, "a", "bridge", "fdb", "show", "dev", "x0").split("\n").filter((line) =>
          line !== ""
        );
        const groups = ["d1", "d2", "d3"].filter((name) =>
          run(scratch, "a", "ip", "maddr").split(/^\d+:\s+/m)
            .some((of) => of.startsWith(name) && of.includes(other))
        );
        return { ifindex, mtu, link, ttl, entries, groups };
      };
      await settle(scratch, file("d1"));
      const { ifindex } = shown(scratch, "a", "x0");
      const by = (link: string, ttl: number): unknown => ({
        ...{ ifindex, mtu: 1300, link, ttl },
        entries: other === "none" ? [] : [`00:00:00:00:00:00 dst ${other} via ${link} self permanent`],
        groups: isGroup ? [link] : [],
      });
      assertEquals(look(), by("d1", 0));
      await settle(scratch, file("d2"));
      assertEquals(look(), by("d2", 0));
      await settle(scratch, file("d3", { ttl: 9 }));
      assertEquals(look(), by("d3", 9));
      await settle(scratch, file("d2", { ttl: 9 })); // d3 goes, and the kernel takes a VXLAN with it
      const now = shown(scratch, "a", "x0");
      assertEquals(now.linkinfo?.info_data?.["link"], "d2");
      const before = look();
      const undone = await scratch.apply(withFault(file("d1", { ttl: 12 })), { atomic: true });
      assertEquals(undone.failed.map(({ item }) => item), ["interface d8"]);
      assertEquals(look(), before);
      assertEquals((await scratch.apply(file("d2", { ttl: 9 }))).lines, []);
      await scratch.destroy(file("d1"));
    });
  }

  it("sends as often as its lacpRate says: a bond, with members and what stands on it", async () => {
    using scratch = new Scratch();
    const file = (lacpRate: "slow" | "fast" | undefined): NetworkConfigInput => ({
      interfaces: [
        {
          ...{ name: "bond0", type: "BOND", namespace: "a", ipAddresses: ["10.1.0.1/24", "fd01::1/64"] },
          bond: { mode: "802.3ad", lacpRate },
        },
        { name: "d1", type: "DUMMY", namespace: "a", master: "bond0" },
        {
          name: "v5",
          type: "VLAN",
          namespace: "a",
          ipAddresses: ["10.2.0.1/24", "fd02::1/64"],
          vlan: { parent: "bond0", id: 5 },
        },
      ],
      routes: [
        { name: "r", namespace: "a", dstIpAddr: "10.8.0.0/16", gwAddr: "10.1.0.9" },
        { name: "r6", namespace: "a", dstIpAddr: "fd08::/64", gwAddr: "fd01::9" },
        { name: "v", namespace: "a", dstIpAddr: "10.7.0.0/16", gwAddr: "10.2.0.9" },
      ],
    });
    await settle(scratch, file("slow"));
    for (
      const [network, gateway] of [["10.9.0.0/16", "10.1.0.7"], ["fd09::/64", "fd01::7"], ["10.6.0.0/16", "10.2.0.7"]]
    ) {
      run(scratch, "a", "ip", "route", "add", network ?? "", "via", gateway ?? "");
    }
    const look = (): unknown => {
      const { ifindex, flags } = shown(scratch, "a", "bond0");
      return [ifindex, flags, optionsOf(scratch, "a", "bond0")["ad_lacp_rate"], scratch.state("a")];
    };
    const [ifindex, flags, , state] = look() as unknown[];
    await settle(scratch, file("fast"));
    assertEquals(look(), [ifindex, flags, "fast", state]);
    await settle(scratch, file(undefined));
    const undone = await scratch.apply(withFault(file("slow")), { atomic: true });
    assertEquals(undone.failed.map(({ item }) => item), ["interface d8"]);
    assertEquals(look(), [ifindex, flags, "fast", state]);
    assertEquals((await scratch.apply(file("fast"))).lines, []);
    await scratch.destroy(file("slow"));
  });

  it("comes back as it was when it was adopted: a VXLAN with its group, a tunnel, a bond", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    const ip = (...args: readonly string[]): void => void run(scratch, "a", "ip", ...args);
    ip("link", "set", "lo", "up"); // as it stays
    for (const [name, address] of [["d1", "10.1.0.1/24"], ["d2", "10.2.0.1/24"]] as const) {
      ip("link", "add", name, "type", "dummy");
      ip("addr", "add", address, "dev", name);
      ip("link", "set", name, "up");
    }
    ip("link", "add", "x0", "type", "vxlan", "id", "5", "group", "239.1.1.1", "dev", "d1", "dstport", "4789");
    for (const name of ["y0", "y1"]) ip("link", "add", name, "type", "vxlan", "id", name === "y0" ? "6" : "7");
    ip("link", "add", "t0", "type", "gre", "local", "10.1.0.1", "remote", "10.1.0.2", "dev", "d1");
    ip("link", "set", "t0", "mtu", "1400");
    ip("link", "add", "b0", "type", "bond", "mode", "802.3ad", "lacp_rate", "slow");
    for (const name of ["x0", "y0", "y1", "t0", "b0"]) {
      ip("link", "set", name, "up");
      ip("addr", "add", `2001:db8:${name.charCodeAt(0)}:${name.charCodeAt(1)}::1/64`, "nodad", "dev", name);
    }
    const own = (name: string): unknown => {
      const { flags: _, operstate: __, ...link } = shown(scratch, "a", name); // which come later
      return link;
    };
    const look = (): unknown => [
      ...["x0", "y0", "y1", "t0", "b0"].map(own),
      ...["y0", "y1"].map((name) => run(scratch, "a", "bridge", "fdb", "show", "dev", name)),
      run(scratch, "a", "bridge", "fdb", "show", "dev", "x0"),
      run(scratch, "a", "ip", "maddr", "show", "dev", "d1"),
      { ...Object(scratch.state("a")), neighbours: [] }, // which the kernel makes and forgets
    ];
    const before = look();
    const file: NetworkConfigInput = {
      interfaces: [
        { name: "x0", type: "VXLAN", namespace: "a", vxlan: { id: 5, group: "239.1.1.1", parent: "d2", port: 4789 } },
        { name: "y0", type: "VXLAN", namespace: "a", vxlan: { id: 6, local: "10.1.0.1", remote: "10.1.0.2" } },
        { name: "y1", type: "VXLAN", namespace: "a", vxlan: { id: 7, remote: "10.1.0.3" } },
        {
          ...{ name: "t0", type: "TUNNEL", namespace: "a", mtu: 1300 },
          tunnel: { mode: "gre", local: "10.1.0.1", remote: "10.1.0.2", parent: "d2" },
        },
        { name: "b0", type: "BOND", namespace: "a", bond: { mode: "802.3ad", lacpRate: "fast" } },
      ],
    };
    const refused = await scratch.apply(file);
    assertEquals(refused.failed.map(({ item }) => item), [
      "interface x0",
      "interface y0",
      "interface y1",
      "interface t0",
      "interface b0",
    ]);
    assertEquals(look(), before);
    const adopted = await scratch.apply(file, { adopt: true });
    assertEquals([adopted.failed, adopted.pending], [[], []]);
    assertEquals((await scratch.apply(file)).lines, []);
    const [x0, t0] = ["x0", "t0"].map((name) =>
      optionsOf(scratch, "a", name)["link"] ?? shown(scratch, "a", name)["link"]
    );
    assertEquals([x0, t0, optionsOf(scratch, "a", "b0")["ad_lacp_rate"]], ["d2", "d2", "fast"]);
    assertEquals((await scratch.destroy(file)).failed, []);
    assertEquals(look(), before);
  });
});
