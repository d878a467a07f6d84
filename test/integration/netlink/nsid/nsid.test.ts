import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { NsHandle, SyscallError } from "@netns/netns";
import { describeAsRoot, traces } from "../../support/traces.ts";
import { refusal, scratch } from "../support.ts";

describeAsRoot("Netlink.addNamespaceId(), getNamespaceId(), listNamespaceIds()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("gives another namespace an id, the one that is asked for or the kernel's choice", () => {
    using here = scratch();
    using one = NsHandle.create();
    using two = NsHandle.create();
    assertEquals([here.netlink.getNamespaceId(one), here.netlink.listNamespaceIds()], [undefined, []]);
    here.netlink.addNamespaceId(one, 42);
    here.netlink.addNamespaceId(two);
    assertEquals(here.netlink.getNamespaceId(one), 42);
    const chosen = here.netlink.getNamespaceId(two);
    assert(chosen !== undefined && chosen >= 0);
    assertEquals(here.netlink.listNamespaceIds().toSorted((a, b) => a - b), [chosen, 42]);
  });

  it("is refused twice, for an id that is taken, and for what is no namespace", () => {
    using here = scratch();
    using one = NsHandle.create();
    using two = NsHandle.create();
    here.netlink.addNamespaceId(one, 42);
    const again = refusal(() => here.netlink.addNamespaceId(one, 43));
    assertEquals(again, { code: "EEXIST", detail: "Peer netns already has a nsid assigned" });
    assertEquals(refusal(() => here.netlink.addNamespaceId(two, 42)).detail, "The specified nsid is already used");
    assertEquals(refusal(() => here.netlink.getNamespaceId({ fd: 100_000 })).detail, "Peer netns reference is invalid");
    two.close();
    assertThrows(() => here.netlink.getNamespaceId(two), SyscallError, "the handle of the namespace is closed");
    assertThrows(() => here.netlink.addNamespaceId(two), SyscallError, "the handle of the namespace is closed");
  });
});
