import { assertEquals, assertRejects } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { NsHandle, type SocketFailure, SyscallError } from "@netns/netns";
import { assertSameTraces, describeAsRoot, traces } from "../../support/traces.ts";
import { closed, firstConnection, lookAlikes, portOf, said, saying, serversIn } from "./network.ts";

/** The parts of an error that programs go by. */
const parts = ({ code, errno, syscall, address, port, message }: SocketFailure): unknown => ({
  ...{ code, errno, syscall, address, port, message },
});

describeAsRoot("NsHandle.connect()", () => {
  let start: unknown;
  before(async () => {
    await firstConnection();
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("reaches the server of its own namespace, also where home has the same address", async () => {
    using networks = lookAlikes();
    await using servers = await serversIn(networks);
    for (const [name, ns] of networks.all) {
      const socket = await ns.connect({ host: "127.0.0.1", port: servers.port });
      assertEquals([socket.connecting, socket.remoteAddress, socket.remotePort], [false, "127.0.0.1", servers.port]);
      assertEquals(await said(socket), name);
    }
  });

  it("is never answered by another namespace, 200 at once", async () => {
    using networks = lookAlikes();
    await using servers = await serversIn(networks);
    const wanted = Array.from(
      { length: 200 },
      (_, i) => networks.all[i % networks.all.length] ?? ["", networks.home] as const,
    );
    const answers = await Promise.all(wanted.map(async ([, ns]) => (
      await said(await ns.connect({ host: "127.0.0.1", port: servers.port }))
    )));
    assertEquals(answers, wanted.map(([name]) => name));
  });

  it("carries what both sides send, whatever its size", async () => {
    using networks = lookAlikes();
    const server = saying("");
    server.removeAllListeners("connection").on("connection", (socket) => {
      socket.on("data", (data) => socket.write(data)); // not by pipe(), for which Bun opens standard output once more
    });
    await networks.blue.listen(server, { host: "::1", port: 0 });
    const socket = await networks.blue.connect({ host: "::1", port: portOf(server) });
    const text = "0123456789".repeat(50_000);
    socket.end(text);
    assertEquals((await said(socket)) === text, true);
    await closed(server);
  });

  it("comes from the local address that is asked for", async () => {
    using networks = lookAlikes();
    await using servers = await serversIn(networks);
    const socket = await networks.blue.connect({ host: "127.0.0.1", port: servers.port, localAddress: "127.0.0.9" });
    assertEquals([socket.localAddress, await said(socket)], ["127.0.0.9", "blue"]);
  });

  it("finds a name in the namespace, and tries each of its addresses", async () => {
    using networks = lookAlikes();
    const server = await networks.green.listen(saying("green"), { host: "127.0.0.1", port: 0 });
    assertEquals(await said(await networks.green.connect({ host: "localhost", port: portOf(server) })), "green");
    await closed(server);
  });

  it("finds a link-local address by the link of the namespace", async () => {
    using networks = lookAlikes();
    const { blue, green } = networks;
    using netlink = blue.netlink();
    netlink.addLink({ kind: "veth", name: "left", peer: { name: "right", netns: green } });
    using other = green.netlink();
    for (const [one, name, cidr] of [[netlink, "left", "fe80::1/64"], [other, "right", "fe80::2/64"]] as const) {
      one.addAddress({ name }, cidr, { noDad: true });
      one.setLink({ name }, { up: true });
    }
    const server = await green.listen(saying("green"), { host: "fe80::2%right", port: 4000 });
    assertEquals(await said(await blue.connect({ host: "fe80::2%left", port: 4000 })), "green");
    await assertRejects(() => blue.connect({ host: "fe80::2%none", port: 1 }), Error, "ENODEV");
    await closed(server);
  });

  it("fails as node:net does", async () => {
    using networks = lookAlikes();
    const { blue } = networks;
    const failure = async (options: Parameters<NsHandle["connect"]>[0]): Promise<unknown> =>
      parts(await assertRejects(() => blue.connect(options), Error) as SocketFailure);
    assertEquals(await failure({ host: "127.0.0.1", port: 1 }), {
      ...{ code: "ECONNREFUSED", errno: -111, syscall: "connect", address: "127.0.0.1", port: 1 },
      message: "connect ECONNREFUSED 127.0.0.1:1",
    });
    assertEquals(await failure({ host: "192.0.2.1", port: 1 }), {
      ...{ code: "ENETUNREACH", errno: -101, syscall: "connect", address: "192.0.2.1", port: 1 },
      message: "connect ENETUNREACH 192.0.2.1:1",
    });
    assertEquals(await failure({ host: "127.0.0.1", port: 1, localAddress: "192.0.2.1" }), {
      ...{ code: "EADDRNOTAVAIL", errno: -99, syscall: "bind", address: "192.0.2.1", port: undefined },
      message: "bind EADDRNOTAVAIL 192.0.2.1",
    });
    for (const port of [-1, 65536, 1.5, NaN]) {
      const error = await assertRejects(() => blue.connect({ host: "127.0.0.1", port }), RangeError);
      assertEquals(Reflect.get(error, "code"), "ERR_SOCKET_BAD_PORT");
    }
    for (const timeout of [-1, NaN]) {
      const error = await assertRejects(() => blue.connect({ host: "127.0.0.1", port: 1, timeout }), RangeError);
      assertEquals(Reflect.get(error, "code"), "ERR_OUT_OF_RANGE");
    }
    await assertRejects(
      () => blue.connect({ host: "127.0.0.1", port: 1, localAddress: "here" }),
      TypeError,
      "Invalid IP",
    );
  });

  it("ends when its time is over, and with the reason of its signal", async () => {
    using networks = lookAlikes();
    const { blue } = networks;
    using netlink = blue.netlink();
    netlink.addLink({ kind: "veth", name: "left", peer: { name: "right" } }); // nobody answers there
    netlink.addAddress({ name: "left" }, "10.77.0.1/24");
    for (const name of ["left", "right"]) netlink.setLink({ name }, { up: true });
    const target = { host: "10.77.0.2", port: 80 };
    const late = await assertRejects(() => blue.connect({ ...target, timeout: 30 }), Error) as SocketFailure;
    assertEquals([late.code, late.errno, late.syscall], ["ETIMEDOUT", -110, "connect"]);
    const controller = new AbortController();
    const aborted = blue.connect({ ...target, timeout: Infinity, signal: controller.signal });
    setTimeout(() => controller.abort(new EvalError("enough")), 20); // no timer is as long as that
    await assertRejects(() => aborted, EvalError, "enough");
    const signal = AbortSignal.abort(new EvalError("before"));
    await assertRejects(() => blue.connect({ ...target, signal }), EvalError, "before");
  });

  it("refuses a closed handle, and leaves a connection whose handle is closed", async () => {
    using networks = lookAlikes();
    await using servers = await serversIn(networks);
    const socket = await networks.blue.connect({ host: "127.0.0.1", port: servers.port });
    const handle = NsHandle.create();
    handle.close();
    for (const host of ["127.0.0.1", "localhost"]) {
      const error = await assertRejects(() => handle.connect({ host, port: 1 }), SyscallError, "this handle is closed");
      assertEquals(error.code, "EBADF");
    }
    networks.blue.close();
    assertEquals(await said(socket), "blue");
  });
});
