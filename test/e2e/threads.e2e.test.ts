/** The hazards of switching a thread of a JavaScript runtime: each is shown without the library's care, and with it. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import process from "node:process";
import { auditThreads, createWorker, NsHandle, runInNamespace, type Worker } from "@netns/netns";
import { assertSameTraces, describeAsRoot, traces } from "../integration/support/traces.ts";
import { root } from "./support.ts";

/** Runs a program, which prints how many threads are away from home. */
function away(command: readonly string[]): number {
  const [program = "", ...args] = command;
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: "utf8", cwd: root });
  assertEquals(status, 0, stderr);
  return Number(stdout.trim());
}

/** How Node counts: its own view, not the library's. */
const NODE_COUNT = `
  const home = fs.readlinkSync("/proc/self/ns/net");
  const count = () => fs.readdirSync("/proc/self/task")
    .filter((tid) => fs.readlinkSync("/proc/self/task/" + tid + "/ns/net") !== home).length;
`;

const inNode = (code: string): string[] => ["node", "--input-type=commonjs", "-e", `const fs = require("fs");${code}`];
const inDeno = (code: string): string[] => [process.execPath, "eval", "--node-modules-dir=manual", code];

describeAsRoot("the pool of threads", () => {
  it("of Node would be born in a section that first uses it, and is not", () => {
    const hazard = inNode(`
      const koffi = require("koffi").load("libc.so.6");
      const [setns, unshare] = [koffi.func("int setns(int, int)"), koffi.func("int unshare(int)")];
      ${NODE_COUNT}
      const back = fs.openSync("/proc/self/ns/net");
      unshare(0x40000000);
      fs.readFile("/etc/hostname", () => console.log(count()));
      setns(back, 0x40000000);
    `);
    assertEquals(away(hazard), 4, "without care, all four threads serve the process from there");
    assert(existsSync(`${root}dist/mod.cjs`), "npm run build makes the module for Node");
    const careful = inNode(`
      const { NsHandle } = require("./dist/mod.cjs");
      ${NODE_COUNT}
      NsHandle.create().run(() => fs.readFile("/etc/hostname", () => console.log(count())));
    `);
    assertEquals(away(careful), 0);
  });

  it("of Deno would grow in a section, and does not", () => {
    const calls = (count: number): string => `for (let i = 0; i < ${count}; i++) void Deno.stat("/etc/hostname")`;
    const count = `
      await new Promise((resolve) => setTimeout(resolve, 100));
      console.log(auditThreads().filter(({ home }) => !home).length);
    `;
    const hazard = inDeno(`
      import { auditThreads, NsHandle } from "./mod.ts";
      import { setNamespace, within } from "./src/switch/switch.ts";
      within(NsHandle.create().descriptor, setNamespace, () => { ${calls(64)} });
      ${count}
    `);
    let grown = 0;
    for (let i = 0; i < 20 && grown === 0; i++) grown = away(hazard); // not in every run, as threads are quick
    assert(grown > 0, "without care, the pool grows by threads that are born there");
    const careful = inDeno(`
      import { auditThreads, NsHandle } from "./mod.ts";
      NsHandle.create().run(() => { ${calls(64)} });
      ${count}
    `);
    assertEquals(away(careful), 0);
  });

  it("of Deno is filled again when its threads have ended", () => {
    const careful = inDeno(`
      import { auditThreads, namedNs, NsHandle, NsHandler } from "./mod.ts";
      const handler = new NsHandler();
      await handler.init();
      await new Promise((resolve) => setTimeout(resolve, 15_000)); // after ten, the threads of the pool end
      const before = auditThreads().length;
      NsHandle.create().run(() => { void Deno.readFile("/dev/null"); });
      await new Promise((resolve) => setTimeout(resolve, 100));
      if (before > 20) throw new Error("the pool has " + before + " threads: is it kept?");
      console.log(auditThreads().filter(({ home }) => !home).length);
      await handler.close();
    `);
    assertEquals(away(careful), 0);
  });
});

describeAsRoot("auditThreads()", () => {
  it("says of threads that only watch files that they use no network", () => {
    const computing = (): string[] => auditThreads().filter(({ computes }) => computes).map(({ name }) => name);
    const watcher = Deno.watchFs(root, { recursive: false });
    try {
      assert(computing().some((name) => name.startsWith("notify-rs")), `${computing()}`);
    } finally {
      watcher.close();
    }
    assert(auditThreads().some(({ computes, home }) => !computes && home));
  });
});

/** A TCP server that says in which namespace it is, and a client; both for a worker. */
const PEER = `data:text/javascript,${
  encodeURIComponent(`
  import { connect, createServer } from "node:net";
  import { parentPort } from "node:worker_threads";
  export const serve = (host) => {
    const server = createServer((socket) => socket.end("served"));
    server.listen(7000, host, () => parentPort.postMessage("listening"));
  };
  export const ask = (host) => new Promise((resolve, reject) => {
    let answer = "";
    connect(7000, host).on("data", (data) => answer += data).on("end", () => resolve(answer)).on("error", reject);
  });
  if (import.meta.url.includes("serve=")) serve("10.77.0.1");
`)
}`;

/** Two namespaces with a link between them, 10.77.0.1 and 10.77.0.2. */
function pair(): { readonly left: NsHandle; readonly right: NsHandle } & Disposable {
  const [left, right] = [NsHandle.create(), NsHandle.create()];
  using netlink = left.netlink();
  netlink.addLink({ kind: "veth", name: "eth0", peer: { name: "eth0", netns: right } });
  for (const [ns, address] of [[left, "10.77.0.1/24"], [right, "10.77.0.2/24"]] as const) {
    using there = ns.netlink();
    there.addAddress({ name: "eth0" }, address);
    there.setLink({ name: "eth0" }, { up: true });
    there.setLink({ name: "lo" }, { up: true });
  }
  return {
    left,
    right,
    [Symbol.dispose](): void {
      left.close();
      right.close();
    },
  };
}

describeAsRoot("asynchronous work in namespaces", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("lets a server and a client on workers of their own talk to each other", async () => {
    using network = pair();
    const server: Worker = createWorker(network.left, `${PEER}//serve=1`);
    try {
      await once(server, "message");
      assertEquals(await runInNamespace(network.right, PEER, "ask", "10.77.0.1"), "served");
    } finally {
      await server.terminate();
    }
  });

  it("keeps a server that listens in a section serving after the revert", async () => {
    using network = pair();
    const server: Server = createServer((socket: Socket) => socket.end("served"));
    network.left.run(() => server.listen(7000));
    const listener = network.left.run(() => Deno.listen({ hostname: "10.77.0.1", port: 7001 }));
    const accepted = (async () => {
      for await (const connection of listener) {
        await connection.write(new TextEncoder().encode("too"));
        connection.close();
      }
    })();
    try {
      assertEquals(await runInNamespace(network.right, PEER, "ask", "10.77.0.1"), "served");
      const client = PEER.replaceAll("7000", "7001");
      assertEquals(await runInNamespace(network.right, client, "ask", "10.77.0.1"), "too");
      assertEquals((server.address() as AddressInfo).port, 7000);
    } finally {
      listener.close();
      server.close();
      await accepted;
    }
  });

  it("connects from home what a section only begins to connect", async () => {
    using network = pair();
    const server = createServer((socket: Socket) => socket.end());
    network.left.run(() => server.listen(7000));
    const client = network.left.run(() => connect(7000, "127.0.0.1"));
    try {
      const [error] = await once(client, "error") as [Error];
      assertMatch(error.message, /ECONNREFUSED/);
    } finally {
      server.close();
    }
  });
});

describeAsRoot("NsHandle.spawn()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("starts a process in the namespace, and is back", async () => {
    using ns = NsHandle.create();
    const child = ns.spawn("readlink", ["/proc/self/ns/net"], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    child.stdout?.on("data", (data) => said += data);
    await once(child, "close");
    assertEquals(said.trim(), `net:[${ns.inode}]`);
    using here = NsHandle.current();
    assert(!here.equals(ns));
  });

  it("says by an error event that a command does not exist", async () => {
    using ns = NsHandle.create();
    const [error] = await once(ns.spawn("netns-test-none"), "error") as [NodeJS.ErrnoException];
    assertEquals(error.code, "ENOENT");
  });
});
