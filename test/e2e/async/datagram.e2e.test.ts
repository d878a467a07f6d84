import { assertEquals, assertRejects } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { SyscallError } from "@netns/netns";
import { firstConnection, lookAlikes } from "../../integration/netns/sockets/network.ts";
import { assertSameTraces, describeAsRoot, traces } from "../../integration/support/traces.ts";

const ended = (socket: Socket): Promise<void> => new Promise((resolve) => void socket.close(() => resolve()));

describeAsRoot("NsHandle.datagram()", () => {
  let start: unknown;
  before(async () => {
    await firstConnection();
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("is never answered by another namespace, 200 at once", async () => {
    using networks = lookAlikes();
    const servers: Socket[] = [];
    let port = 0;
    for (const [name, ns] of networks.all) {
      const server = await ns.datagram({ host: "127.0.0.1", port });
      server.on("message", (message, from) => server.send(`${name} ${message}`, from.port, from.address));
      servers.push(server);
      ({ port } = server.address());
      assertEquals(server.address(), { address: "127.0.0.1", family: "IPv4", port });
    }
    const clients = new Map<string, Socket>();
    const answers = new Map<string, string[]>();
    for (const [name, ns] of networks.all) {
      const client = await ns.datagram();
      clients.set(name, client);
      const got: string[] = [];
      answers.set(name, got);
      client.on("message", (message) => got.push(String(message)));
    }
    for (let i = 0; i < 200; i++) {
      const [name = ""] = networks.all[i % 3] ?? [];
      clients.get(name)?.send(`${i}`, port, i % 2 === 0 ? "127.0.0.1" : "localhost");
    }
    const count = (): number => [...answers.values()].flat().length;
    for (let i = 0; i < 6000 && count() < 200; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    assertEquals(count(), 200);
    for (const [name, got] of answers) assertEquals(got.filter((one) => !one.startsWith(`${name} `)), []);
    for (const socket of [...servers, ...clients.values()]) await ended(socket);
  });

  it("takes IPv6, and stays when its handle is closed", async () => {
    using networks = lookAlikes();
    const server = await networks.blue.datagram({ host: "::1" });
    const client = await networks.blue.datagram({ family: 6 });
    networks.blue.close();
    const message = once(server, "message");
    client.send("six", server.address().port, "::1");
    assertEquals(String((await message)[0]), "six");
    await ended(server);
    await ended(client);
  });

  it("fails as node:dgram does", async () => {
    using networks = lookAlikes();
    const { blue } = networks;
    const first = await blue.datagram({ host: "127.0.0.1", port: 5353 });
    const taken = await assertRejects(() => blue.datagram({ host: "127.0.0.1", port: 5353 }), Error);
    assertEquals([Reflect.get(taken, "code"), Reflect.get(taken, "syscall")], ["EADDRINUSE", "bind"]);
    await ended(await networks.green.datagram({ host: "127.0.0.1", port: 5353 }));
    const none = await assertRejects(() => blue.datagram({ host: "192.0.2.1" }), Error);
    assertEquals(Reflect.get(none, "code"), "EADDRNOTAVAIL");
    await assertRejects(() => blue.datagram({ port: -1 }), RangeError, "Port should be");
    await assertRejects(() => blue.datagram({ host: "::1", family: 4 }), Error, "ENOTFOUND");
    await ended(first);
    blue.close();
    await assertRejects(() => blue.datagram(), SyscallError, "this handle is closed");
  });
});
