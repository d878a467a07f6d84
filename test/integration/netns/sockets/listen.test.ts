import { assertEquals, assertRejects } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { NsHandle, type SocketFailure, SyscallError } from "@netns/netns";
import { assertSameTraces, describeAsRoot, traces } from "../../support/traces.ts";
import { closed, firstConnection, lookAlikes, portOf, said, saying } from "./network.ts";

describeAsRoot("NsHandle.listen()", () => {
  let start: unknown;
  before(async () => {
    await firstConnection();
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("gives the server, which listens at the address and the port", async () => {
    using networks = lookAlikes();
    const server = saying("blue");
    assertEquals(await networks.blue.listen(server, { host: "127.0.0.1", port: 4000 }) === server, true);
    assertEquals(server.address(), { address: "127.0.0.1", family: "IPv4", port: 4000 });
    await closed(server);
  });

  it("has servers of HTTP answer in their own namespaces", async () => {
    using networks = lookAlikes();
    const servers = new Map<string, ReturnType<typeof createHttpServer>>();
    let port = 0;
    for (const [name, ns] of networks.all) {
      const server = createHttpServer((_request, response) => response.end(name));
      servers.set(name, await ns.listen(server, { host: "127.0.0.1", port }));
      port = portOf(server);
    }
    for (const [name, ns] of networks.all) {
      const socket = await ns.connect({ host: "127.0.0.1", port });
      socket.write("GET / HTTP/1.0\r\n\r\n");
      assertEquals((await said(socket)).split("\r\n\r\n")[1], name);
    }
    for (const server of servers.values()) await closed(server);
  });

  it("takes all addresses of both families without a host, and a free port for 0", async () => {
    using networks = lookAlikes();
    const server = await networks.blue.listen(saying("blue"), { port: 0 });
    for (const host of ["127.0.0.1", "::1", "127.0.0.7"]) {
      assertEquals(await said(await networks.blue.connect({ host, port: portOf(server) })), "blue");
    }
    await assertRejects(
      () => networks.green.connect({ host: "127.0.0.1", port: portOf(server) }),
      Error,
      "ECONNREFUSED",
    );
    await closed(server);
  });

  it("goes on when its handle is closed", async () => {
    using networks = lookAlikes();
    using again = NsHandle.fromPath(`/proc/self/fd/${networks.blue.fd}`);
    const server = await networks.blue.listen(saying("blue"), { host: "127.0.0.1", port: 0 });
    networks.blue.close();
    assertEquals(await said(await again.connect({ host: "127.0.0.1", port: portOf(server) })), "blue");
    await closed(server);
  });

  it("fails as node:net does", async () => {
    using networks = lookAlikes();
    const server = await networks.blue.listen(saying("blue"), { host: "127.0.0.1", port: 4000 });
    const taken = await assertRejects(
      () => networks.blue.listen(createServer(), { host: "127.0.0.1", port: 4000 }),
      Error,
    ) as SocketFailure;
    assertEquals(
      [taken.code, taken.errno, taken.syscall, taken.address, taken.port, taken.message],
      ["EADDRINUSE", -98, "listen", "127.0.0.1", 4000, "listen EADDRINUSE: address already in use 127.0.0.1:4000"],
    );
    await closed(await networks.green.listen(saying("green"), { host: "127.0.0.1", port: 4000 }));
    const none = await assertRejects(() => networks.blue.listen(createServer(), { host: "192.0.2.1", port: 1 }), Error);
    assertEquals(none.message, "listen EADDRNOTAVAIL: address not available 192.0.2.1:1");
    await assertRejects(() => networks.blue.listen(createServer(), { port: 99999 }), RangeError, "Port should be");
    const twice = await assertRejects(() => networks.blue.listen(server, { port: 0 }), Error);
    assertEquals(Reflect.get(twice, "code"), "ERR_SERVER_ALREADY_LISTEN");
    await closed(server);
  });

  it("refuses a closed handle", async () => {
    const handle = NsHandle.create();
    handle.close();
    await assertRejects(() => handle.listen(createServer(), { port: 0 }), SyscallError, "this handle is closed");
  });

  it("says that the server was closed before it listened, and leaves the port free", async () => {
    using networks = lookAlikes();
    for (const server of [createServer(), createHttpServer()]) {
      const listening = networks.blue.listen(server, { host: "127.0.0.1", port: 4001 });
      const ended = once(server, "close");
      server.close();
      const error = await listening.then(() => undefined, (error) => error);
      // Bun's own HTTP listens at once
      if (error !== undefined) assertEquals(error.code, "ERR_SERVER_NOT_RUNNING");
      await ended;
      assertEquals(server.listening, false);
      await closed(await networks.blue.listen(createServer(), { host: "127.0.0.1", port: 4001 }));
    }
  });
});
