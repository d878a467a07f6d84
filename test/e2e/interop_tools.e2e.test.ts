/** `ip netns`, `nsenter` and `unshare` use what is made here, and the other way round. */
import { assert, assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { writeFileSync } from "node:fs";
import { createNamedNamespace, identifyNamespace, Netlink, NsHandle } from "@netns/netns";
import { scratchName, scratchNamespace } from "../integration/support/traces.ts";
import { assertUsable, describeWith, idle, ip, output } from "./interop.ts";

describeWith("ip netns", ["ip", "-V"], () => {
  it("lists, enters, identifies and deletes what is made here", async () => {
    const name = scratchName();
    {
      using made = createNamedNamespace(name);
      using netlink = made.netlink();
      netlink.addLink({ kind: "veth", name: "a", peer: { name: "b" } });
      assertEquals(ip<{ name: string }[]>("netns", "list").filter((one) => one.name === name).length, 1);
      const seen = ip<{ ifname: string }[]>("-n", name, "link").map(({ ifname }) => ifname).sort();
      assertEquals(seen, ["a", "b", "lo"]);
      assertEquals(output(["ip", "netns", "exec", name, "readlink", "/proc/self/ns/net"]), `net:[${made.inode}]`);
      await using process = await idle(made);
      assertEquals(output(["ip", "netns", "identify", String(process.pid)]), name);
      assertEquals(output(["ip", "netns", "pids", name]), String(process.pid));
    }
    output(["ip", "netns", "delete", name]);
    assertEquals(output(["ip", "netns", "list"]).includes(name), false);
  });

  it("makes what is listed, identified, entered and deleted here", async () => {
    const name = scratchName();
    output(["ip", "netns", "add", name]);
    await assertUsable(name);
  });

  it("gives a name to what has none here, and takes the ids that are given here", async () => {
    const name = scratchName();
    using made = NsHandle.create();
    {
      await using process = await idle(made);
      output(["ip", "netns", "attach", name, String(process.pid)]);
    }
    using netlink = Netlink.open();
    netlink.addNamespaceId(made);
    const id = netlink.getNamespaceId(made);
    assertEquals(identifyNamespace(made).names, [name]);
    assertEquals(ip<{ name: string; id?: number }[]>("netns", "list").find((one) => one.name === name)?.id, id);
    await assertUsable(name);
  });
});

describeWith("nsenter and unshare", ["nsenter", "--version"], () => {
  it("enter by file and by process what is made here", async () => {
    using blue = scratchNamespace();
    using ns = NsHandle.fromName(blue.name);
    const where = ["readlink", "/proc/self/ns/net"];
    assertEquals(output(["nsenter", `--net=/run/netns/${blue.name}`, ...where]), `net:[${ns.inode}]`);
    await using process = await idle(ns);
    assertEquals(output(["nsenter", "-n", "-t", String(process.pid), ...where]), `net:[${ns.inode}]`);
    const listed = output(["lsns", "-t", "net", "-n", "-o", "NS,PID"]).split("\n").map((line) =>
      line.trim().split(/\s+/)
    );
    assert(listed.some(([inode, pid]) => inode === String(ns.inode) && pid === String(process.pid)), "lsns lists it");
  });

  it("keep by a mount what is listed, identified, entered and deleted here", async () => {
    const name = scratchName();
    writeFileSync(`/run/netns/${name}`, "");
    output(["unshare", `--net=/run/netns/${name}`, "true"]);
    await assertUsable(name);
  });
});

describeWith("pyroute2", ["/usr/bin/python3", "-c", "import pyroute2"], () => {
  const python = (code: string, ...args: string[]): string =>
    output(["/usr/bin/python3", "-c", `import sys\nfrom pyroute2 import netns, NetNS\n${code}`, ...args]);

  it("lists, enters, configures and deletes what is made here", () => {
    const name = scratchName();
    using made = createNamedNamespace(name);
    const seen = python(
      `
assert sys.argv[1] in netns.listnetns()
with NetNS(sys.argv[1]) as ns:
    ns.link("add", ifname="a", kind="veth", peer={"ifname": "b"})
    index = ns.link_lookup(ifname="a")[0]
    ns.addr("add", index=index, address="192.0.2.1", prefixlen=24)
    ns.link("set", index=index, state="up")
    ns.route("add", dst="198.51.100.0/24", gateway="192.0.2.9")
    print(index)
netns.pushns(sys.argv[1])
import os
print(os.readlink("/proc/self/ns/net"))
netns.popns()
netns.remove(sys.argv[1])
`,
      name,
    );
    using netlink = made.netlink();
    const index = netlink.getLink({ name: "a" }).index;
    assertEquals(seen, `${index}\nnet:[${made.inode}]`);
    assertEquals(netlink.listAddresses({ linkIndex: index, family: 2 }).map(({ cidr }) => cidr), ["192.0.2.1/24"]);
    const route = netlink.listRoutes().find(({ dst }) => dst === "198.51.100.0/24");
    assertEquals(route?.nextHops.map(({ gateway, linkIndex }) => [gateway, linkIndex]), [["192.0.2.9", index]]);
    assertEquals(identifyNamespace(made).names, []);
  });

  it("makes what is listed, identified, entered and deleted here", async () => {
    const name = scratchName();
    python("netns.create(sys.argv[1])", name);
    await assertUsable(name);
  });

  it("sees what is configured here", () => {
    using blue = scratchNamespace();
    using ns = NsHandle.fromName(blue.name);
    using netlink = ns.netlink();
    netlink.addLink({ kind: "veth", name: "a", peer: { name: "b" }, mtu: 1400 });
    netlink.addAddress({ name: "a" }, "2001:db8::1/64");
    const seen = python(
      `
with NetNS(sys.argv[1]) as ns:
    link = ns.get_links(ifname="a")[0]
    print(link.get_attr("IFLA_MTU"))
    print([a.get_attr("IFA_ADDRESS") for a in ns.get_addr(index=link["index"])])
`,
      blue.name,
    );
    assertEquals(seen, `1400\n['2001:db8::1']`);
  });
});
