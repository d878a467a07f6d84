/** A process in a namespace that forges messages of the kernel, and programs that use netlink there. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { once } from "node:events";
import process from "node:process";
import {
  Configurator,
  MemoryStateStore,
  type Netlink,
  NetlinkError,
  type NetlinkEvent,
  NsHandle,
  NsHandler,
  SyscallError,
} from "@netns/netns";
import { assertSameTraces, traces } from "../integration/support/traces.ts";

const isRoot = process.geteuid?.() === 0;

/** Sends to every netlink socket of its namespace, and to the multicast groups, again and again. */
const FORGER = `
import socket, struct, sys, time
own = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
own.bind((0, 0))
own.setblocking(False)
def message(kind, seq, body):
    return struct.pack("=IHHII", 16 + len(body), kind, 0, seq, 0) + body
name = b"spoofed0\\0"
attribute = struct.pack("=HH", 4 + len(name), 3) + name + b"\\0" * (-len(name) % 4)
link = message(16, 0, struct.pack("=BxHiII", 0, 1, 4711, 1, 0xffffffff) + attribute)
def acknowledgement(seq):
    return message(2, seq, struct.pack("=i", 0) + struct.pack("=IHHII", 16, 16, 5, seq, 0))
batches = [link, b"\\x05\\0\\0\\0\\x10"] + [b"".join(acknowledgement(s + i) for i in range(64)) for s in range(0, 640, 64)]
rounds = 0
while True:
    ports = []
    for line in open("/proc/net/netlink").read().splitlines()[1:]:
        fields = line.split()
        if fields[1] == "0" and fields[2] not in ("0", str(own.getsockname()[0])):
            ports.append(int(fields[2]))
    for port in ports:
        for data in batches:
            try: own.sendto(data, (port, 0))
            except OSError: pass
    for group in (1, 4):
        try: own.sendto(link, (0, group))
        except OSError: pass
    try:
        while True: own.recv(65536)
    except OSError: pass
    rounds += 1
    time.sleep(float(sys.argv[1]))
    if rounds == 2:
        print("forging", flush=True)
`;

/**
 * Starts the forger, and ends it with the block.
 *
 * @param pause How long it rests between its rounds, in seconds.
 */
async function forging(ns: NsHandle, pause = 0.001): Promise<AsyncDisposable> {
  const child = ns.spawn("python3", ["-c", FORGER, String(pause)], { stdio: ["ignore", "pipe", "inherit"] });
  assert(child.stdout !== null);
  await once(child.stdout, "data");
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      const ended = once(child, "close");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Calls `work` until the forger reached the socket, and at least 200 times. */
function whileForged(netlink: Netlink, work: () => void): void {
  const before = netlink.dropped;
  const end = Date.now() + 60_000;
  for (let i = 0; i < 200 || (netlink.dropped === before && Date.now() < end); i++) work();
  assert(netlink.dropped > before, "the forger reached the socket");
}

describe("a process that forges netlink messages", { skip: !isRoot && process.env["CI"] !== "true" }, () => {
  let start: unknown;
  before(async () => {
    {
      using ns = NsHandle.create(); // a runtime keeps some descriptors for its first child
      await using _forger = await forging(ns);
    }
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("changes no list, and hides no refusal", async () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    netlink.listLinks(); // it has a port from now on
    await using _forger = await forging(ns);
    whileForged(netlink, () => {
      assertEquals(netlink.listLinks().map(({ name }) => name), ["lo"]);
      assertEquals(netlink.getLink({ name: "lo" }).index, 1);
      assertThrows(() => netlink.setLink({ index: 1 }, { master: 4711 }), NetlinkError);
      const results = netlink.tryBatch((batch) => {
        batch.deleteLink({ name: "absent" });
        batch.setLink({ index: 1 }, { up: true });
      });
      assertEquals(results.map((result) => result?.code), ["ENODEV", undefined]);
    });
    const { dropped } = netlink;
    for (let i = 0; i < 200; i++) netlink.listLinks();
    assertEquals(netlink.dropped, dropped, "the kernel lets no more of them in");
  });

  it("ends no events, and is in none", async () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    const events = netlink.events({ groups: ["links"], initial: true });
    try {
      assertEquals((await events.next()).done, false);
      await using _forger = await forging(ns);
      const end = Date.now() + 60_000;
      while (netlink.dropped < 100 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
      assert(netlink.dropped >= 100, `only ${netlink.dropped} messages reached the events`);
      let made = false;
      const seen: NetlinkEvent[] = [];
      for (;;) {
        const { value, done } = await events.next();
        assert(!done, "the events ended");
        seen.push(value);
        if (value.kind === "synchronised" && !made) {
          netlink.listLinks(); // it finds what the forger has queued; from then on no more comes
          netlink.addLink({ kind: "bridge", name: "br0" });
          made = true;
        }
        if (value.kind === "link" && value.link.name === "br0") break;
      }
      assert(seen.every((event) => event.kind !== "link" || event.link.name !== "spoofed0"));
    } finally {
      await events.return();
    }
  });

  it("makes no answer wrong that it floods, and ends no process", async () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    netlink.listLinks();
    await using _forger = await forging(ns, 0);
    let answered = 0;
    whileForged(netlink, () => {
      try {
        assertEquals(netlink.listLinks().map(({ name }) => name), ["lo"]);
        assertThrows(() => netlink.getLink({ name: "absent" }), NetlinkError, "ENODEV");
        answered++;
      } catch (error) {
        if (!(error instanceof SyscallError) || error.code !== "ENOBUFS") throw error;
      }
    });
    assert(answered > 0);
  });

  it("fails nothing of a plan, there and elsewhere", async () => {
    using ns = NsHandle.create();
    using other = NsHandle.create();
    await using _forger = await forging(ns);
    await using handler = new NsHandler({ docker: false });
    await handler.init();
    const ends = [ns, other].map(({ fd }, i) => ({
      name: `end${i}`,
      type: "VETH" as const,
      enabled: true,
      hostIfName: "eth0",
      namespace: { type: 3 as const, filepath: `/proc/${process.pid}/fd/${fd}` },
      veth: { peerIfName: `end${1 - i}` },
    }));
    const file = { namespaces: [], interfaces: ends, routes: [], arpEntries: [] };
    const plan = await new Configurator(handler, { store: new MemoryStateStore() }).plan(file);
    assertEquals([plan.failed, plan.pending], [[], []]);
    assert(plan.steps.length > 0);
  });
});
