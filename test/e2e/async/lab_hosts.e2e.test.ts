/** What a host of a lab can do, in each runtime, and how the end of the lab ends it. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Lab } from "@netns/netns/lab";
import { assertSameTraces, describeAsRoot, traces } from "../../integration/support/traces.ts";
import { said } from "../../integration/netns/sockets/network.ts";
import { withFiles } from "./with_files.ts";

const PAIR = { links: [{ ends: ["client eth0 10.0.0.2/24", "server eth0 10.0.0.1/24"] }] } as const;

/** A module for a worker. In base64: Bun takes what follows a dot for the kind of a file. */
const WORK = `data:text/javascript;base64,${
  btoa(`
  export const twice = (x) => 2 * x;
  export const never = () => new Promise(() => setTimeout(() => undefined, 60_000));
`)
}`;
interface Work {
  twice(x: number): number;
  never(): Promise<never>;
}

/** All that a lab and the runtime open for the first time. */
async function useAll(): Promise<void> {
  await using lab = await Lab.up(PAIR);
  const [server, client] = [lab.host("server"), lab.host("client")];
  await server.listen(createHttpServer((_, response) => response.end("hello")), { host: "10.0.0.1", port: 80 });
  await (await client.fetch("http://10.0.0.1/")).text();
  await client.exec("true");
  await (await client.worker<Work>(WORK)).call("twice", 1);
  await client.datagram();
}

describeAsRoot("LabHost", () => {
  let start: unknown;
  before(async () => {
    await useAll();
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("listens, connects, fetches, resolves, sends, runs programs, workers and sections, captures", async () => {
    await using lab = await Lab.up(PAIR);
    const [server, client] = [lab.host("server"), lab.host("client")];
    await using capture = await client.capture({ link: "eth0", filter: "udp" });

    await server.listen(createServer((socket) => socket.end("by TCP")), { host: "10.0.0.1", port: 7000 });
    assertEquals(await said(await client.connect({ host: "10.0.0.1", port: 7000 })), "by TCP");

    await server.listen(createHttpServer((request, response) => response.end(request.url)), {
      host: "10.0.0.1",
      port: 80,
    });
    assertEquals(await (await client.fetch("http://10.0.0.1/fetched")).text(), "/fetched");
    const [response] = await once(get("http://10.0.0.1/got", { agent: client.httpAgent() }), "response");
    let body = "";
    for await (const text of response.setEncoding("utf8")) body += text;
    assertEquals(body, "/got");

    const [asking, answering] = [await client.datagram(), await server.datagram({ host: "10.0.0.1", port: 7000 })];
    answering.on("message", (message, { port, address }) => answering.send(`${message}, too`, port, address));
    const answered = once(asking, "message");
    asking.send("by UDP", 7000, "10.0.0.1");
    assertEquals(String((await answered)[0]), "by UDP, too");
    for await (const { direction } of capture) {
      assertEquals(direction, "out");
      break;
    }

    assertEquals(await client.resolve("localhost", { family: 4 }), ["127.0.0.1"]);
    assertEquals(await (await client.worker<Work>(WORK)).call("twice", 21), 42);
    const { status, stdout } = await client.exec("readlink", ["/proc/self/ns/net"]);
    assertEquals([status, stdout], [0, `net:[${client.handle.inode}]\n`]);
    const [code] = await once(client.spawn("sh", ["-c", "exit 7"]), "exit");
    assertEquals(code, 7);
    assertEquals(client.run(() => client.handle.inode), client.handle.inode);
    assertEquals(client.netlink().listLinks().map(({ name }) => name).sort(), ["eth0", "lo"]);
  });

  it("waits while the cable is unplugged, and is answered when it is plugged in", async () => {
    const folder = mkdtempSync(join(tmpdir(), "netns-lab-"));
    try {
      const file = join(folder, "lab.yaml");
      writeFileSync(file, `links:\n  - ends: [${PAIR.links[0].ends.map((end) => `"${end}"`).join(", ")}]\n`);
      await using lab = await Lab.up(pathToFileURL(file));
      const [server, client] = [lab.host("server"), lab.host("client")];
      await server.listen(createHttpServer((_, response) => response.end("hello")), { host: "10.0.0.1", port: 8080 });
      await lab.link("server eth0").down();
      let isAnswered = false;
      const reply = client.fetch("http://10.0.0.1:8080/", { signal: AbortSignal.timeout(60_000) });
      reply.then(() => isAnswered = true, () => undefined);
      const { tx } = await lab.link("server eth0").stats();
      await lab.link("server eth0").up();
      assertEquals([isAnswered, await (await reply).text()], [false, "hello"]);
      await lab.until(async () => (await lab.link("server eth0").stats()).tx.packets > tx.packets);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("ends with its lab: what is open is closed, what is pending rejects, what was spawned is killed", async () => {
    const lab = await Lab.up(PAIR);
    const [server, client] = [lab.host("server"), lab.host("client")];
    const listening = await server.listen(createHttpServer(() => undefined), { host: "10.0.0.1", port: 80 });
    const socket = await client.connect({ host: "10.0.0.1", port: 80 });
    const datagram = await client.datagram();
    const closed = Promise.all([socket, datagram].map((one) => once(one, "close")));
    const worker = await client.worker<Work>(WORK);
    const child = client.spawn("sleep", ["600"]);
    const ended = once(child, "exit");
    const pending = Promise.allSettled([
      client.fetch("http://10.0.0.1/"),
      client.exec("sleep", ["600"]),
      worker.call("never"),
      client.worker("data:text/javascript,await new Promise((resolve) => setTimeout(resolve, 600_000))"),
      client.connect({ host: "10.0.0.9", port: 1 }), // nobody is there
      lab.until(() => false, { within: 600_000 }),
    ]);
    await lab[Symbol.asyncDispose]();
    assertEquals((await pending).map(({ status }) => status), Array.from({ length: 6 }, () => "rejected"));
    await closed;
    assertEquals([listening.listening, await ended], [false, [null, "SIGKILL"]]);
    await assertRejects(() => client.connect({ host: "10.0.0.1", port: 80 }), Error, "has ended");
    await assertRejects(() => client.fetch("http://10.0.0.1/"), Error, "has ended");
    for (const call of [() => client.run(() => 1), () => lab.host("client"), () => lab.link("client eth0")]) {
      assertThrows(call, Error, "has ended");
    }
    await lab[Symbol.asyncDispose](); // a second time does nothing
  });

  it("ends what waits for an answer about a name", async () => {
    using files = withFiles({ "resolv.conf": "nameserver 10.0.0.1\noptions timeout:30 attempts:5\n" });
    const lab = await Lab.up(PAIR);
    const client = lab.host("client");
    client.handle.descriptor.name = files.ns.descriptor.name;
    let asked = 0;
    (await lab.host("server").datagram({ host: "10.0.0.1", port: 53 })).on("message", () => asked++);
    const server = createServer();
    const pending = Promise.allSettled([
      client.listen(server, { host: "who.example", port: 80 }),
      client.datagram({ host: "who.example" }),
      client.connect({ host: "who.example", port: 80 }),
      client.resolve("who.example"),
      client.fetch("http://who.example/"),
      once(get("http://who.example/", { agent: client.httpAgent() }), "response"),
    ]);
    await lab.until(() => asked === 6 * 2, { within: 60_000 }); // for both families
    await lab[Symbol.asyncDispose]();
    const reasons = (await pending).map((one) => one.status === "rejected" && String(one.reason));
    assertEquals([reasons, server.listening], [Array.from({ length: 6 }, () => "Error: The lab has ended"), false]);
  });

  it("keeps a file of what it captured, without a reader", async () => {
    const folder = mkdtempSync(join(tmpdir(), "netns-lab-"));
    try {
      const file = join(folder, "client.pcapng");
      {
        await using lab = await Lab.up(PAIR);
        await lab.host("client").capture({ file, filter: "icmp" });
        assertEquals((await lab.host("client").exec("ping", ["-c", "1", "10.0.0.1"])).status, 0);
      }
      assert(statSync(file).size > 2 * 98);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
