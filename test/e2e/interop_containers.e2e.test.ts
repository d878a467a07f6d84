/** Containers run in namespaces that are made here, and theirs are used here. */
import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { fileNs, identifyNamespace, NsHandle, NsHandler } from "@netns/netns";
import { linkNames, scratchNamespace, traces } from "../integration/support/traces.ts";
import { describeServices, type Service } from "./docker.ts";

describeServices("the network of a container", (open, name) => {
  let service: Service;
  let start: unknown;
  before(async () => {
    scratchNamespace()[Symbol.dispose](); // the shared mount of the directory stays
    NsHandle.home().close(); // and so does the home of the thread
    start = kept();
    service = await open();
  });
  after(async () => {
    await service[Symbol.asyncDispose]();
    assertEquals(kept(), start);
  });
  const kept = () => ({ names: traces()["names"], mounts: traces()["mounts"], away: traces()["away"] });

  if (name === "Podman") {
    it("is a namespace that is made and wired here", async () => {
      using blue = scratchNamespace();
      using ns = NsHandle.fromName(blue.name);
      using netlink = ns.netlink();
      netlink.addLink({ kind: "veth", name: "eth0", up: true, peer: { name: "other" } });
      netlink.addAddress({ name: "eth0" }, "192.0.2.1/24");
      const id = await service.run({}, ["--network", `ns:/var/run/netns/${blue.name}`]);
      try {
        const pid = await service.pid(id);
        const { inode, names, pids } = identifyNamespace(pid);
        assertEquals([inode, names], [ns.inode, [blue.name]]);
        assert(pids.includes(pid));
        const seen = await service.cli("exec", id, "ip", "-4", "address", "show", "eth0");
        assert(seen.includes("inet 192.0.2.1/24"), seen);
      } finally {
        await service.remove(id);
      }
      assertEquals(linkNames(ns).sort(), ["eth0", "lo", "other"], "it outlives the container");
    });
  }

  it("is entered by its file and by its process, and is what both see", async () => {
    const id = await service.run({});
    try {
      const pid = await service.pid(id);
      using ofProcess = NsHandle.fromPid(pid);
      const key = await service.cli("inspect", "-f", "{{.NetworkSettings.SandboxKey}}", id); // Podman keeps none here
      const path = key === "" ? `/proc/${pid}/ns/net` : key;
      const inode = new NsHandler().withNamespace(fileNs(path), () => {
        using here = NsHandle.current();
        return here.inode;
      });
      assertEquals(inode, ofProcess.inode);
      assert(identifyNamespace(pid).pids.includes(pid));
      using netlink = ofProcess.netlink();
      netlink.addLink({ kind: "veth", name: "eth7", peer: { name: "other" } });
      const seen = await service.cli("exec", id, "ip", "link", "show", "eth7");
      assert(seen.includes("eth7"), seen);
    } finally {
      await service.remove(id);
    }
  });
});
