/** Namespaces that other processes hold: found, opened, and in the picture of what exists. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { discoverNamespaces, NsHandle, NsHandler } from "@netns/netns";
import { pictureOfSystem } from "../../src/graph/sources/live.ts";
import { drawTree } from "../../src/graph/formats/tree.ts";
import { describeAsRoot, traces } from "../integration/support/traces.ts";

/** A process that runs a script with the namespace open as descriptor 9, in it `$NS`, and then sleeps. */
async function holder(ns: NsHandle, command: string, script: string): Promise<ChildProcess> {
  const path = `/proc/${process.pid}/fd/${ns.fd}`;
  const child = spawn("sh", ["-c", command, "sh", script.replaceAll("$NS", path)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

describeAsRoot("a namespace that another process holds", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("is found by a descriptor alone, and is in the picture with who holds it", async () => {
    const ns = NsHandle.create();
    const { inode } = ns;
    const child = await holder(ns, 'exec sh -c "$1"', "exec 9<$NS; echo ready; exec sleep 60");
    ns.close();
    try {
      const pid = child.pid ?? 0;
      const found = discoverNamespaces().find((one) => one.inode === inode);
      assertEquals([found?.processes, found?.descriptors], [[], [{ pid, fd: 9 }]]);
      {
        using opened = found?.open();
        using netlink = opened?.netlink();
        netlink?.addLink({ kind: "bridge", name: "held0" });
      }
      const { picture } = pictureOfSystem(new NsHandler({ docker: false }));
      const shown = picture.namespaces.find(({ name }) => name === `FILE:/proc/${pid}/fd/9`);
      assertEquals([shown?.holders, shown?.links.map(({ name }) => name)], [[{ pid, command: "sleep" }], ["held0"]]);
      assert(drawTree(picture).includes(`held by process ${pid} sleep`));
    } finally {
      await ended(child);
    }
    assertEquals(discoverNamespaces().find((one) => one.inode === inode), undefined);
  });

  it("is found by a mount in a mount namespace of its own", async () => {
    const ns = NsHandle.create();
    const { inode } = ns;
    const script = "mount -t tmpfs t /mnt; touch /mnt/ns; mount --bind $NS /mnt/ns; echo ready; exec sleep 60";
    const child = await holder(ns, 'exec unshare --mount --propagation private sh -c "$1"', script);
    ns.close();
    try {
      const found = discoverNamespaces({ descriptors: false }).find((one) => one.inode === inode);
      assertEquals(found?.mounts, [{ path: "/mnt/ns", pid: child.pid ?? 0 }]);
      using opened = found?.open();
      assertEquals(opened?.inode, inode);
    } finally {
      await ended(child);
    }
  });
});
