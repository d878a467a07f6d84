import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { NsHandle } from "@netns/netns";
import { KernelWatch } from "../../../../src/configurator/agent/kernel_watch.ts";
import { describeAsRoot, descriptors } from "../../support/traces.ts";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describeAsRoot("KernelWatch", () => {
  let start: string[];
  before(() => {
    NsHandle.home().close();
    new KernelWatch(() => undefined)[Symbol.dispose](); // Deno keeps what it hears signals with
    start = descriptors();
  });
  after(() => assertEquals(descriptors(), start));

  /** How often a watch of `heard` calls while something happens in `changed`; at least `least` is waited for. */
  async function calls(
    heard: NsHandle,
    changed: NsHandle,
    act: (ns: NsHandle) => void,
    least = 0,
    tables = false,
  ): Promise<number> {
    let count = 0;
    using watch = new KernelWatch(() => count++);
    watch.follow([heard], { tables });
    act(changed);
    for (let i = 0; i < 3000 && count < least; i++) await pause(10);
    await pause(400);
    return count;
  }

  const addLink = (ns: NsHandle): void => {
    using netlink = ns.netlink();
    netlink.addLink({ kind: "veth", name: "a", peer: { name: "b" } });
    netlink.addAddress({ name: "a" }, "192.0.2.1/24");
  };

  it("calls once for many changes, and not for those elsewhere", async () => {
    using one = NsHandle.create();
    using other = NsHandle.create();
    assertEquals(await calls(one, one, addLink, 1), 1);
    assertEquals(await calls(one, other, addLink), 0);
  });

  it("hears of tables of nf_tables if it is to", async () => {
    using ns = NsHandle.create();
    const addTable = (one: NsHandle): void => {
      using nftables = one.nftables();
      nftables.apply([{ add: { table: { family: "inet", name: "t" } } }]);
    };
    assertEquals(await calls(ns, ns, addTable, 1, true), 1);
    assertEquals(await calls(ns, ns, addTable, 0, false), 0);
  });

  it("does not hear its own look, nor what happened before", async () => {
    using ns = NsHandle.create();
    addLink(ns);
    assertEquals(await calls(ns, ns, (one) => one.netlink().close()), 0);
  });

  it("lets go of a namespace that is followed no longer", () => {
    using ns = NsHandle.create();
    const before = descriptors().length;
    using watch = new KernelWatch(() => undefined);
    watch.follow([ns, ns]);
    assertEquals(descriptors().length, before + 1);
    watch.follow([ns], { neighbours: true });
    assertEquals(descriptors().length, before + 1);
    watch.follow([ns], { tables: true });
    assertEquals(descriptors().length, before + 2);
    watch.follow([], { tables: true });
    assertEquals(descriptors().length, before);
    assert(ns.isOpen);
  });
});
