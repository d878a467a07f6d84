import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { constants } from "node:os";
import { deleteNamedNamespace, inspectNamedNamespaces, NsHandle } from "@netns/netns";
import { close, type Functions, interceptLibc, O_CREAT, O_RDONLY, open } from "../../../ffi/mod.ts";
import { assertSameTraces, describeAsRoot, descriptors, traces } from "../support/traces.ts";
import { leftEnd, PAIR, rightEnd } from "../../support/topologies.ts";
import { Scratch } from "./scratch.ts";

const { EMFILE, ENOBUFS, EIO, ENOMEM } = constants.errno;

/** What each call may fail with in the middle of an apply; that of setns is the business of the switches. */
const ERRNO: { readonly [K in keyof Functions]?: number } = {
  open: EMFILE,
  socket: EMFILE,
  bind: ENOMEM,
  setsockopt: ENOMEM,
  send: ENOBUFS,
  recvfrom: ENOBUFS,
  unshare: ENOMEM,
  mount: ENOMEM,
  umount2: EIO,
  unlink: EIO,
  statx: ENOMEM,
};

const FILE = {
  ...PAIR,
  interfaces: [leftEnd({ hostIfName: "left" }), rightEnd({ hostIfName: "right" })],
  routes: [{ name: "r", interface: "left", dstIpAddr: "10.2.0.0/16", gwAddr: "10.1.0.2" }],
  arpEntries: [{ name: "a", interface: "left", ipAddr: "10.1.0.9", hwAddress: "02:00:00:00:00:09" }],
};

/** The calls that `work` makes, in order. */
async function record(work: () => Promise<unknown>): Promise<(keyof Functions)[]> {
  const calls: (keyof Functions)[] = [];
  using _door = interceptLibc((name, _args, proceed) => {
    calls.push(name);
    return proceed();
  });
  await work();
  return calls;
}

/** Lets the call at `index` fail; true if `work` said so, by an error or in its report. */
async function failAt(index: number, work: () => Promise<{ readonly failed: readonly unknown[] }>): Promise<boolean> {
  let count = 0;
  using _door = interceptLibc((name, _args, proceed) => {
    const errno = ERRNO[name];
    return count++ === index && errno !== undefined ? { errno } : proceed();
  });
  try {
    return (await work()).failed.length > 0;
  } catch (error) {
    assert(error instanceof Error);
    return true;
  }
}

/** A thread that could not return tries again with its next switch. */
function comeBack(): void {
  using home = NsHandle.home();
  home.run(() => undefined);
}

/** Whether it is a request that makes a link, and not one that sets the loopback link up. */
function makesLink(message: unknown): boolean {
  const RTM_NEWLINK = 16;
  return message instanceof Uint8Array && message[4] === RTM_NEWLINK && message.length > 100;
}

/** Makes a pair as somebody else would, with `index` and one that is 8 larger. */
function takeIndex(scratch: Scratch, ns: string, index: number, name = "other"): void {
  const peer = { name: `${name}-peer`, index: index + 8 };
  scratch.in(ns, (netlink) => netlink.addLink({ kind: "veth", name, index, peer }));
}

describeAsRoot("Configurator, when a call fails,", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("says so, leaks nothing, and can be called again", async () => {
    using first = new Scratch();
    const calls = await record(() => first.apply(FILE));
    await first.destroy(FILE);
    let said = 0;
    for (const [index, name] of calls.entries()) {
      if (ERRNO[name] === undefined) continue;
      using scratch = new Scratch();
      scratch.config(FILE); // so that it knows its names, also if nothing is made
      const open = descriptors();
      const label = `${name} (call ${index + 1} of ${calls.length})`;
      // Where the links of a pair cannot be asked for, the pair is made all the same.
      if (await failAt(index, () => scratch.apply(FILE))) said++;
      comeBack();
      assertEquals(descriptors(), open, label);
      const report = await scratch.apply(FILE);
      assertEquals([report.failed, report.pending], [[], []], label);
      assertEquals((await scratch.apply(FILE)).unchanged, 6, label);
      const gone = await scratch.destroy(FILE);
      const failed = gone.failed.filter(({ owner }) => owner === undefined); // or nothing is remembered any more
      assertEquals([failed, scratch.exists("blue"), scratch.exists("green")], [[], false, false], label);
    }
    // Not all: one receive more or less in a run, and another call fails than the one that was meant.
    assert(said > 20, `${said} failures were reported`);
  });

  it("says what an atomic apply could not take back", async () => {
    using scratch = new Scratch();
    // The kernel refuses ::1 on a link that is not the loopback link; nothing says so before.
    const file = { namespaces: ["blue"], interfaces: [leftEnd({ ipAddresses: ["::1/128"] }), rightEnd()] };
    {
      using _door = interceptLibc((name, _args, proceed) => name === "umount2" ? { errno: EIO } : proceed());
      const { done, failed } = await scratch.apply(file, { atomic: true });
      assertEquals(done, []);
      assertEquals(failed.map(({ item, code }) => [item, code]), [
        ["interface left", "EADDRNOTAVAIL"],
        ["interface right", "EIO"], // the namespace green, which is not listed by itself
        ["namespace blue", "EIO"],
      ]);
      for (const { reason } of failed.slice(1)) {
        assertMatch(reason, /^it is not as before: umount2 /);
      }
    }
    assertEquals([scratch.exists("blue"), Object.keys(scratch.look("blue"))], [true, []]);
    assertEquals((await scratch.destroy(file)).failed, []);
    assertEquals([scratch.exists("blue"), scratch.exists("green")], [false, false]);
  });

  it("gives a namespace its name when its loopback link is up, or not at all", async () => {
    using scratch = new Scratch();
    const file = { namespaces: ["blue"] };
    let sends = 0;
    {
      using _door = interceptLibc((name, _args, proceed) => (
        name === "send" && sends++ === 0 ? { errno: ENOBUFS } : proceed()
      ));
      assertEquals((await scratch.apply(file)).failed.map(({ code }) => code), ["ENOBUFS"]);
    }
    assert(!scratch.exists("blue"));
    assertEquals((await scratch.apply(file)).failed, []);
    using blue = NsHandle.fromName(scratch.name("blue"));
    using netlink = blue.netlink();
    assertEquals(netlink.getLink({ name: "lo" }).up, true);
    await scratch.destroy(file);
  });

  it("says what went wrong, and not that a link is there, when the answer is lost", async () => {
    using scratch = new Scratch();
    const file = { interfaces: FILE.interfaces };
    let asked = false;
    {
      using _door = interceptLibc((name, [, message], proceed) => {
        if (name === "recvfrom" && asked) {
          asked = false;
          proceed();
          return { errno: ENOMEM };
        }
        if (name === "send") asked = makesLink(message);
        return proceed();
      });
      const { failed } = await scratch.apply(file);
      assertEquals(failed[0]?.code, "ENOMEM", JSON.stringify(failed));
    }
    assertEquals((await scratch.apply(file)).failed, []);
    await scratch.destroy(file);
  });

  // The indices are such that the kernel, left to choose, would give both ends the same.
  for (
    const { end, taken, meanwhile } of [
      { end: "near", taken: { green: 2 }, meanwhile: { blue: 2 } },
      { end: "far", taken: {}, meanwhile: { green: 3 } },
    ]
  ) {
    it(`gives the ends of a pair different indices when somebody takes that of the ${end} end`, async () => {
      using scratch = new Scratch();
      const take = (indices: Readonly<Record<string, number>>): void => {
        for (const [ns, index] of Object.entries(indices)) takeIndex(scratch, ns, index);
      };
      for (const ns of FILE.namespaces) scratch.make(ns);
      take(taken);
      let taking = false;
      {
        using _door = interceptLibc((name, [, message], proceed) => {
          if (name === "send" && !taking && makesLink(message)) {
            taking = true;
            take(meanwhile);
          }
          return proceed();
        });
        assertEquals((await scratch.apply({ interfaces: FILE.interfaces })).failed, []);
      }
      assert(taking);
      const indexOf = (ns: string, name: string): number =>
        scratch.in(ns, (netlink) => netlink.getLink({ name }).index);
      assertNotEquals(indexOf("blue", "left"), indexOf("green", "right"));
    });
  }

  it("lets the kernel choose where the index is taken twice, and leaves the link alone that has it", async () => {
    for (const again of ["taken", "failed"]) {
      using scratch = new Scratch();
      for (const ns of FILE.namespaces) scratch.make(ns);
      let [sends, taking] = [0, false];
      {
        using _door = interceptLibc((name, [, message], proceed) => {
          if (name !== "send" || !makesLink(message) || taking) return proceed();
          sends++;
          taking = true;
          if (sends <= 2) takeIndex(scratch, "blue", sends === 1 ? 2 : 11, `other${sends}`);
          taking = false;
          return sends === 2 && again === "failed" ? { errno: ENOBUFS } : proceed();
        });
        const { failed } = await scratch.apply({ interfaces: FILE.interfaces });
        assertEquals(failed.map(({ code }) => code).slice(0, 1), again === "taken" ? [] : ["ENOBUFS"]);
      }
      assertEquals(sends, again === "taken" ? 3 : 2);
      const { other1, other2, left } = scratch.look("blue");
      for (const other of [other1, other2]) assertEquals([other?.addresses, other?.up], [[], false]);
      assertEquals(left?.addresses, again === "taken" ? ["10.1.0.1/24", "fd00::1/64"] : undefined);
    }
  });

  it("takes away the file that was left where the namespace was not yet named", async () => {
    using scratch = new Scratch();
    const path = `/var/run/netns/${scratch.name("blue")}`;
    await scratch.apply({ namespaces: ["blue"] });
    deleteNamedNamespace(scratch.name("blue"));
    close(open(path, O_RDONLY | O_CREAT, 0));
    const { done, failed } = await scratch.destroy({ namespaces: ["blue"] });
    assertEquals([done.map(({ kind }) => kind), failed], [["delete-namespace"], []]);
    assert(inspectNamedNamespaces().every(({ name }) => name !== scratch.name("blue")));
  });

  it("destroys what is left when a destroy was cut short", async () => {
    using first = new Scratch();
    await first.apply(FILE);
    const calls = await record(() => first.destroy(FILE));
    for (const [index, name] of calls.entries()) {
      if (ERRNO[name] === undefined) continue;
      using scratch = new Scratch();
      await scratch.apply(FILE);
      const open = descriptors();
      const label = `${name} (call ${index + 1} of ${calls.length})`;
      await failAt(index, () => scratch.destroy(FILE));
      comeBack();
      assertEquals(descriptors(), open, label);
      const gone = await scratch.destroy(FILE);
      const failed = gone.failed.filter(({ owner }) => owner === undefined); // or nothing is remembered any more
      assertEquals([failed, scratch.exists("blue"), scratch.exists("green")], [[], false, false], label);
    }
  });
});
