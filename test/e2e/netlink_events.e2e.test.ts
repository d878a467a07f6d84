/** Events of netlink: a thread is started from a file, which in Deno wants a permission that the other tests lack. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import process from "node:process";
import { type Netlink, type NetlinkEvent, NsHandle, SyscallError } from "@netns/netns";
import { assertSameTraces, traces } from "../integration/support/traces.ts";

const isRoot = process.geteuid?.() === 0;

/** The next event that fits; the loop itself goes on. */
async function next(
  events: AsyncGenerator<NetlinkEvent>,
  fits: (event: NetlinkEvent) => boolean,
): Promise<NetlinkEvent> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error("the events ended");
    if (fits(value)) return value;
  }
}

const isLink = (name: string, action: string) => (event: NetlinkEvent): boolean =>
  event.kind === "link" && event.link.name === name && event.action === action;

/** Starts to follow: a link that changes again and again says when. The kernel sends events only for one that is up. */
async function following(netlink: Netlink, events: AsyncGenerator<NetlinkEvent>): Promise<void> {
  const first = events.next();
  netlink.setLink({ index: 1 }, { up: true });
  const timer = setInterval(() => netlink.setLink({ index: 1 }, { alias: String(Math.random()) }), 5);
  await first;
  clearInterval(timer);
}

describe("Netlink.events()", { skip: !isRoot && process.env["CI"] !== "true" }, () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("yields links, addresses, neighbours and routes that come and go, in order", async () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    const events = netlink.events();
    await following(netlink, events);
    netlink.addLink({ kind: "veth", name: "a", index: 10, peer: { name: "b", index: 11 } });
    assert(await next(events, isLink("a", "set")));
    netlink.setLink({ index: 10 }, { up: true });
    netlink.addAddress({ index: 10 }, "10.0.0.1/24");
    netlink.addRoute({ dst: "10.1.0.0/16", gateway: "10.0.0.2" });
    netlink.addNeighbour({ linkIndex: 10, ip: "10.0.0.9", address: "02:00:00:00:00:09" });
    const address = await next(events, (event) => event.kind === "address" && event.address.family === 2);
    assertEquals(address.kind === "address" && [address.action, address.address.cidr], ["set", "10.0.0.1/24"]);
    assert(await next(events, (event) => event.kind === "route" && event.route.dst === "10.1.0.0/16"));
    assert(await next(events, (event) => event.kind === "neighbour" && event.neighbour.ip === "10.0.0.9"));
    netlink.deleteRoute({ dst: "10.1.0.0/16" });
    assert(await next(events, (event) => event.kind === "route" && event.action === "deleted"));
    netlink.deleteLink({ index: 10 });
    assert(await next(events, isLink("a", "deleted")));
    await events.return();
  });

  it("follows what it is asked to alone, in its own namespace", async () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    using other = NsHandle.create();
    using elsewhere = other.netlink();
    const events = netlink.events({ groups: ["links"] });
    await following(netlink, events);
    elsewhere.addLink({ kind: "bridge", name: "far" });
    netlink.addLink({ kind: "bridge", name: "near", index: 10 });
    netlink.setLink({ index: 10 }, { up: true });
    netlink.addAddress({ index: 10 }, "10.0.0.1/24");
    netlink.deleteLink({ index: 10 });
    const last = await next(events, (event) => {
      assertEquals(event.kind, "link");
      assert(!isLink("far", "set")(event));
      return isLink("near", "deleted")(event);
    });
    assert(last);
    await events.return();
  });

  it("says that changes were missed, and then what there is", async () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    netlink.addLink({ kind: "bridge", name: "br0", index: 10 });
    for (const address of ["10.0.0.1/24", "2001:db8::1/64"]) netlink.addAddress({ index: 10 }, address);
    const events = netlink.events({ groups: ["links", "addresses"], receiveBuffer: 1 }); // the least that there is
    await following(netlink, events);
    let missed = false;
    const overrun = next(events, ({ kind }) => kind === "overrun").then(() => missed = true);
    while (!missed) {
      netlink.batch((batch) => {
        for (let i = 0; i < 500; i++) batch.setLink({ index: 1 }, { mtu: 60_000 + i });
      });
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await overrun;
    const found: NetlinkEvent[] = [];
    await next(events, (event) => {
      found.push(event);
      return event.kind === "synchronised";
    });
    assert(found.some(isLink("br0", "set")));
    const cidrs = found.flatMap((event) => event.kind === "address" ? [event.address.cidr] : []);
    assertEquals(cidrs.filter((cidr) => !cidr.includes("::1/128") && !cidr.startsWith("127.")), [
      "10.0.0.1/24",
      "2001:db8::1/64",
    ]);
    await events.return();
  });

  it("begins with what exists, and sees what is made right after a list", async () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    netlink.addLink({ kind: "bridge", name: "old", index: 10 });
    for (const initial of [true, false]) {
      const events = netlink.events({ groups: ["links"], initial });
      const first = events.next();
      const listed = netlink.listLinks().map(({ name }) => name);
      netlink.addLink({ kind: "bridge", name: "new", index: 11 });
      assert(!listed.includes("new"));
      const found: string[] = [];
      for (let event = await first; !event.done; event = await events.next()) {
        found.push(event.value.kind === "link" ? event.value.link.name : event.value.kind);
        if (found.at(-1) === "new" && (!initial || found.includes("synchronised"))) break;
      }
      if (initial) assertEquals(found.filter((name) => name !== "new").slice(0, 3), ["lo", "old", "synchronised"]);
      await events.return();
      netlink.deleteLink({ index: 11 });
    }
  });

  it("holds as many changes as its queue, also while the program's thread is blocked, and reads all again", async () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    netlink.addLink({ kind: "bridge", name: "br0", index: 10 });
    const events = netlink.events({ groups: ["links"], queue: 8 });
    await following(netlink, events);
    // The loop takes nothing meanwhile, and this thread is busy most of the time.
    for (let round = 0; round < 50; round++) {
      netlink.batch((batch) => {
        for (let i = 0; i < 50; i++) batch.setLink({ index: 1 }, { mtu: 60_000 + i + round });
      });
    }
    netlink.addLink({ kind: "bridge", name: "last" });
    let before = 0;
    await next(events, ({ kind }) => {
      before++;
      return kind === "overrun";
    });
    assert(before <= 9, `${before - 1} changes were kept`);
    const found: NetlinkEvent[] = [];
    await next(events, (event) => {
      found.push(event);
      return event.kind === "synchronised";
    });
    for (const name of ["lo", "br0", "last"]) assert(found.some(isLink(name, "set")), name);
    netlink.addLink({ kind: "bridge", name: "later" });
    assert(await next(events, isLink("later", "set")));
    await events.return();
  });

  it("ends at once when it returns, also while it waits", async () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    const events = netlink.events();
    const waiting = [events.next(), events.next()];
    await new Promise((resolve) => setTimeout(resolve, 100));
    await events.return();
    for (const one of waiting) assertEquals(await one, { done: true, value: undefined });
  });

  it("refuses options that it does not have", () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    const wrong: readonly object[] = [{ group: ["links"] }, { groups: ["link"] }];
    for (const options of wrong) {
      assertThrows(() => netlink.events(options), TypeError, "expected");
    }
    for (const queue of [0, 1.5]) assertThrows(() => netlink.events({ queue }), RangeError, "queue");
    for (const receiveBuffer of [-1, 0.5, 2 ** 31, NaN]) {
      assertThrows(() => netlink.events({ receiveBuffer }), RangeError, "receiveBuffer");
    }
  });

  it("ends with its signal, at once and without an error", async () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    const signal = AbortSignal.timeout(300);
    for await (const _ of netlink.events({ signal })); // nothing happens here
    assert(signal.aborted);
    for await (const _ of netlink.events({ signal: AbortSignal.abort() })) throw new Error("it began");
  });

  it("says that its socket is closed", async () => {
    using ns = NsHandle.create();
    const netlink = ns.netlink();
    netlink.close();
    const error = await assertRejects(() => netlink.events().next(), SyscallError, "this socket is closed");
    assertEquals(error.code, "EBADF");
  });

  it("goes on when its socket is closed after the start, and leaves nothing", async () => {
    using ns = NsHandle.create();
    const netlink = ns.netlink();
    const events = netlink.events({ groups: ["links"] });
    await following(netlink, events);
    netlink.close();
    using again = ns.netlink();
    again.addLink({ kind: "bridge", name: "br0" });
    assert(await next(events, isLink("br0", "set")));
    await events.return();
  });
});
