import { assert, assertEquals, assertRejects } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { type LookupFailure, NsHandle, SyscallError } from "@netns/netns";
import { assertSameTraces, describeAsRoot, traces } from "../../integration/support/traces.ts";
import { closed, firstConnection, portOf, said, saying } from "../../integration/netns/sockets/network.ts";
import { nameServer } from "./name_server.ts";
import { withFiles } from "./with_files.ts";

const codeOf = async (work: () => Promise<unknown>): Promise<string> =>
  (await assertRejects(work, Error) as LookupFailure).code;

describeAsRoot("NsHandle.resolve()", () => {
  let start: unknown;
  before(async () => {
    await firstConnection();
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("asks the servers of the namespace's own resolv.conf, each in its own namespace", async () => {
    const resolvConf = "nameserver 127.0.0.1\n";
    using one = withFiles({ "resolv.conf": resolvConf });
    using other = withFiles({ "resolv.conf": resolvConf });
    await using _one = await nameServer(one.ns, "127.0.0.1", { "db.example A": { addresses: ["10.0.0.1"] } });
    await using _other = await nameServer(other.ns, "127.0.0.1", { "db.example A": { addresses: ["10.0.0.2"] } });
    const found = await Promise.all(
      Array.from({ length: 100 }, (_, i) => [one, other][i % 2]?.ns.resolve("db.example", { family: 4 })),
    );
    assertEquals(found, Array.from({ length: 100 }, (_, i) => [`10.0.0.${i % 2 + 1}`]));
  });

  it("gives the addresses of both families, of aliases too", async () => {
    using scene = withFiles({ "resolv.conf": "nameserver 127.0.0.1\n" });
    await using server = await nameServer(scene.ns, "127.0.0.1", {
      "www.example A": { alias: "host.example", addresses: ["10.0.0.1", "10.0.0.2"] },
      "www.example AAAA": { alias: "host.example", addresses: ["2001:db8:0:0:0:0:0:1"] },
      "four.example A": { addresses: ["10.0.0.4"] },
    });
    assertEquals(await scene.ns.resolve("WWW.example."), ["10.0.0.1", "10.0.0.2", "2001:db8::1"]);
    assertEquals(await scene.ns.resolve("www.example", { family: 6 }), ["2001:db8::1"]);
    assertEquals(await scene.ns.resolve("four.example"), ["10.0.0.4"]);
    assertEquals(await scene.ns.resolve("192.0.2.7"), ["192.0.2.7"]);
    assert(server.asked.includes("udp four.example AAAA"));
  });

  it("takes hosts first, with its aliases", async () => {
    using scene = withFiles({
      "hosts": "# comment\n10.9.0.1 db db.example # primary\n10.9.0.2 db\n2001:db8::9\tdb\n",
      "resolv.conf": "nameserver 127.0.0.1\n",
    });
    await using server = await nameServer(scene.ns, "127.0.0.1", {});
    assertEquals(await scene.ns.resolve("DB"), ["10.9.0.1", "10.9.0.2", "2001:db8::9"]);
    assertEquals(await scene.ns.resolve("db.example", { family: 4 }), ["10.9.0.1"]);
    assertEquals(server.asked, []);
    using other = NsHandle.fromPath(`/proc/self/fd/${scene.ns.fd}`);
    await assertRejects(() => other.resolve("db.example"), Error, undefined, "another handle sees /etc");
  });

  it("asks again by TCP for what does not fit", async () => {
    using scene = withFiles({ "resolv.conf": "nameserver 127.0.0.1\n" });
    const many = Array.from({ length: 200 }, (_, i) => `10.0.1.${i}`);
    await using server = await nameServer(scene.ns, "127.0.0.1", { "many.example A": { addresses: many } }, true);
    assertEquals(await scene.ns.resolve("many.example", { family: 4 }), many);
    assertEquals(server.asked, ["udp many.example A", "tcp many.example A"]);
  });

  it("heeds search, ndots, attempts, timeout and the order of the servers", async () => {
    using scene = withFiles({
      "resolv.conf": "nameserver 127.0.0.1\nnameserver 127.0.0.2\nnameserver 127.0.0.3\n" +
        "search one.example two.example\noptions ndots:2 timeout:1 attempts:1\n",
    });
    // nobody listens at the first; the second refuses
    await using refusing = await nameServer(scene.ns, "127.0.0.2", {
      "db.two.example A": { rcode: 5 },
      "db.one.example A": { rcode: 2 },
      "a.b.c A": { rcode: 2 },
    });
    await using server = await nameServer(scene.ns, "127.0.0.3", {
      "db.two.example A": { addresses: ["10.0.0.2"] },
      "a.b.c A": { addresses: ["10.0.0.3"] },
    });
    assertEquals(await scene.ns.resolve("db", { family: 4 }), ["10.0.0.2"]);
    assertEquals(
      server.asked,
      ["udp db.one.example A", "udp db.two.example A"].filter((one) => server.asked.includes(one)),
    );
    assertEquals(await scene.ns.resolve("a.b.c", { family: 4 }), ["10.0.0.3"]);
    assertEquals(refusing.asked.at(-1), "udp a.b.c A");
  });

  it("fails as node:dns does", async () => {
    using scene = withFiles({ "resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n" });
    await using _server = await nameServer(scene.ns, "127.0.0.1", {
      "four.example A": { addresses: ["10.0.0.4"] },
      "refused.example A": { rcode: 5 },
      "broken.example A": { rcode: 2 },
      "silent.example A": "silent",
    });
    const error = await assertRejects(() => scene.ns.resolve("none.example", { family: 4 }), Error) as LookupFailure;
    assertEquals([error.code, error.syscall, error.hostname, error.message], [
      ...["ENOTFOUND", "queryA", "none.example", "queryA ENOTFOUND none.example"],
    ]);
    assertEquals(await codeOf(() => scene.ns.resolve("four.example", { family: 6 })), "ENODATA");
    assertEquals(await codeOf(() => scene.ns.resolve("refused.example", { family: 4 })), "EREFUSED");
    assertEquals(await codeOf(() => scene.ns.resolve("broken.example", { family: 4 })), "ESERVFAIL");
    assertEquals(await codeOf(() => scene.ns.resolve("silent.example", { family: 4 })), "ETIMEOUT");
    assertEquals(await codeOf(() => scene.ns.resolve(`${"a".repeat(64)}.example`)), "ENOTFOUND");
    assertEquals(await codeOf(() => scene.ns.resolve("")), "ENOTFOUND");
    const aborted = scene.ns.resolve("silent.example", { signal: AbortSignal.timeout(20) });
    assertEquals((await assertRejects(() => aborted, Error)).name, "TimeoutError");
    const handle = NsHandle.create();
    handle.close();
    await assertRejects(() => handle.resolve("localhost"), SyscallError, "this handle is closed");
  });

  it("says at once that nobody listens at the server", async () => {
    using scene = withFiles({ "resolv.conf": "nameserver 127.0.0.1\noptions timeout:30\n" });
    const began = performance.now();
    assertEquals(await codeOf(() => scene.ns.resolve("any.example")), "ECONNREFUSED");
    assert(performance.now() - began < 30_000);
  });

  it("lets connect() try the next address of a name", async () => {
    using scene = withFiles({ "resolv.conf": "nameserver 127.0.0.1\n" });
    await using _server = await nameServer(scene.ns, "127.0.0.1", {
      "db.example A": { addresses: ["192.0.2.1", "127.0.0.1"] },
      "none.example A": { addresses: ["192.0.2.1", "192.0.2.2"] },
    });
    const server = await scene.ns.listen(saying("reached"), { host: "127.0.0.1", port: 0 });
    assertEquals(await said(await scene.ns.connect({ host: "db.example", port: portOf(server) })), "reached");
    const failure = await assertRejects(() => scene.ns.connect({ host: "none.example", port: 1 }), AggregateError);
    assertEquals([Reflect.get(failure, "code"), failure.errors.length], ["ENETUNREACH", 2]);
    await closed(server);
  });

  it("finds the reply behind many that are none to its question", async () => {
    using scene = withFiles({ "resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n" });
    const server = await scene.ns.datagram({ host: "127.0.0.1", port: 53 });
    server.on("message", (question, { port, address }) => {
      const answer = [...question.subarray(12), 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 0, 0, 9];
      const [high = 0, low = 0] = question;
      for (let lie = 150; lie >= 0; lie--) { // the last one is the reply
        server.send(new Uint8Array([high ^ lie, low, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, ...answer]), port, address);
      }
    });
    assertEquals(await scene.ns.resolve("far.example.", { family: 4 }), ["10.0.0.9"]);
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });
});
