/** The client of the container API against a server that answers anything: every wait, reply and descriptor is bounded. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Socket } from "node:net";
import process from "node:process";
import { gzipSync } from "node:zlib";
import { clientOf, type ContainerRuntime, type RuntimeEvent } from "../../../src/microservices/client/client.ts";
import { descriptors } from "../../integration/support/traces.ts";
import { eventually } from "../following.ts";
import { beginStream, chunk, HostileRuntime, reply, type Script, type Way, writeForEver } from "../hostile_runtime.ts";

const MIB = 1024 * 1024;
const ID = "d0d59508f903aa";
const never = new AbortController().signal;
const sockets = (): number => descriptors().filter((one) => one.includes("socket:[")).length;

/** What a script says, and what the client says of it when it asks for one container. */
const REFUSED: readonly [what: string, script: Script, reason: RegExp][] = [
  ...["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"].map((
    status,
  ): [string, Script, RegExp] => [
    `a redirect, ${status}`,
    (_, socket) =>
      void socket.write(`HTTP/1.1 ${status}\r\nLocation: http://127.0.0.1:1/elsewhere\r\nContent-Length: 0\r\n\r\n`),
    /^it answered 30\d, a redirect, and none is followed$/,
  ]),
  [
    "an error with its reason",
    (_, socket) => reply(socket, { message: "no \x1b[31mway" }, "500 Oops"),
    /^it answered 500: no \\u\{1b\}\[31mway$/,
  ],
  [
    "an error whose reason has no end",
    (_, socket) => {
      socket.write("HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n");
      writeForEver(socket, chunk("x".repeat(60_000)));
    },
    /^it answered 400$/,
  ],
  ["an empty reply", (_, socket) => void socket.end("HTTP/1.1 204 No Content\r\n\r\n"), /^it answered 204$/],
  [
    "a long reason",
    (_, socket) => reply(socket, { message: "x".repeat(9999) }, "409 Conflict"),
    /^it answered 409: x{300}…$/,
  ],
  ["no HTTP", (_, socket) => void socket.end("SSH-2.0-OpenSSH_9.2\r\n"), /./],
  ["nothing", (_, socket) => void socket.end(), /./],
  ["half a head", (_, socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-"), /./],
  ["half a body", (_, socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"Id":'), /./],
  [
    "another protocol",
    (_, socket) => void socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
    /./,
  ],
  ["a head without end", (_, socket) => {
    socket.write("HTTP/1.1 200 OK\r\n");
    writeForEver(socket, new TextEncoder().encode(`X-Header: ${"x".repeat(4000)}\r\n`));
  }, /./],
  ["informational replies without end", (_, socket) => {
    writeForEver(socket, new TextEncoder().encode("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n".repeat(500)));
  }, /./],
  ...["zz", "-1", "", "ffffffffffffffffff", "1;".repeat(40_000)].map((size): [string, Script, RegExp] => [
    `a chunk of the size ${JSON.stringify(size.slice(0, 20))}`,
    (_, socket) => void socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\n{}\r\n`),
    /./,
  ]),
  ["trailers without end", (_, socket) => {
    beginStream(socket);
    socket.write(Buffer.concat([chunk("{}"), Buffer.from("0\r\n")]));
    writeForEver(socket, new TextEncoder().encode(`X-Trailer: ${"x".repeat(4000)}\r\n`));
  }, /./],
  ["two lengths", (_, socket) => {
    socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\n{}");
  }, /./],
  ["a body that is packed", (_, socket) => {
    const body = gzipSync(JSON.stringify({ Id: ID }));
    socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`);
    socket.write(body);
  }, /a container that cannot be used: expected a JSON document/],
  ["no JSON", (_, socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<h1>");
  }, /a container that cannot be used: expected a JSON document; it sent "<h1>"/],
  ["a body that is said to be too long", (_, socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n");
  }, /^its answer is longer than 4194304 bytes$/],
  ["a body without end", (_, socket) => {
    beginStream(socket);
    writeForEver(socket, chunk(" ".repeat(60_000)));
  }, /^its answer is longer than 4194304 bytes$/],
  ["too many values", (_, socket) => {
    beginStream(socket);
    for (let i = 0; i < 30; i++) socket.write(chunk("[],".repeat(20_000)));
    socket.end(chunk("0") + "0\r\n\r\n");
  }, /expected at most 100000 values/],
  ["values within values", (_, socket) => {
    beginStream(socket);
    socket.end(Buffer.concat([chunk(`{"Id":${"[".repeat(90_000)}${"]".repeat(90_000)}}`), Buffer.from("0\r\n\r\n")]));
  }, /Id: expected/],
];

for (const way of ["unix", "tcp"] satisfies Way[]) {
  describe(`the client of a container runtime, by ${way}`, () => {
    /** A client of a server with a script for all but the version. */
    async function against(
      script: Script,
    ): Promise<{ api: HostileRuntime; client: ContainerRuntime } & AsyncDisposable> {
      const api = await HostileRuntime.open(way);
      api.script = (path, socket) => path === "/_ping" ? "usual" : script(path, socket);
      return { api, client: await clientOf(api.endpoint), [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
    }

    it("asks /version where /_ping does not say the version", async () => {
      for (const ping of ["404 Not Found", "200 OK"]) {
        await using it = await against(() => "usual");
        it.api.script = (path, socket) => path === "/_ping" ? reply(socket, {}, ping) : "usual";
        assertEquals(await it.client.running(never), []);
        assertEquals([it.client.product, it.api.asked[1]], ["Podman", "/version"]);
        assertMatch(it.api.asked[2] ?? "", /^\/v1\.40\/containers/);
      }
      {
        await using it = await against(() => "usual");
        it.api.script = (path, socket) =>
          /^\/(_ping|version)$/.test(path) ? reply(socket, {}, "403 Forbidden") : "usual";
        assertEquals(await it.client.running(never), []);
        assertMatch(it.api.asked[2] ?? "", /^\/containers\/json/, "a proxy allows neither");
      }
      await using it = await against(() => "usual");
      it.api.script = (path, socket) => path === "/_ping" ? reply(socket, {}, "302 Found") : "usual";
      await assertRejects(() => it.client.running(never), Error, "it answered 302, a redirect");
    });

    it("asks in the runtime's own version of the API, which it asks for once", async () => {
      await using it = await against(() => "usual");
      assertEquals([it.client.product, it.client.endpoint], ["the container runtime", it.api.endpoint.name]);
      assertEquals(await it.client.running(never), []);
      assertEquals(await it.client.inspect(ID, never), undefined);
      assertEquals(it.client.product, "Docker");
      const filters = encodeURIComponent('{"status":["running","paused"]}');
      assertEquals(it.api.asked, [
        "/_ping",
        `/v1.41/containers/json?all=true&filters=${filters}`,
        `/v1.41/containers/${ID}/json`,
      ]);
    });

    for (const [what, script, reason] of REFUSED) {
      it(`refuses ${what}`, async () => {
        await using it = await against(script);
        const error = await assertRejects(() => it.client.inspect(ID, never), Error);
        assert(reason.test(error.message), error.message);
        assert(error.message !== "" && error.message.length < 500 && !/\p{Cc}/u.test(error.message), error.message);
        assertEquals(it.api.asked.length, 2, "nothing else was asked for");
        await eventually(() => it.api.connections === 0, () => it.api.connections);
      });
    }

    it("waits 10 s for a head and for a whole body, and not longer", async () => {
      const bytes = new TextEncoder().encode("1\r\n \r\n".repeat(1000));
      await using it = await against((path, socket) => {
        if (/head|events/.test(path)) return;
        if (path.includes("/slow/")) return void trickle(socket);
        socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        if (path.includes("/bytes/")) writeForEver(socket, bytes); // each byte a chunk of its own
      });
      const start = performance.now();
      const asked = ["head", "body", "bytes", "slow"].map((id) => it.client.inspect(id, never));
      const reasons = await Promise.all(
        [...asked, it.client.subscribe(never)].map((one) => assertRejects(() => one, Error)),
      );
      const expected = /^(no answer in 10 s|its answer is longer than 4194304 bytes)$/;
      for (const { message } of reasons) assert(expected.test(message), message);
      const waited = performance.now() - start;
      assert(waited > 9900 && waited < 60_000, `${waited} ms`);
      await eventually(() => it.api.connections === 0);
    });

    it("ends each request with its signal, and leaves no connection", async () => {
      const before = sockets();
      {
        await using it = await against((path, socket) => {
          if (path.includes("/events")) beginStream(socket);
        });
        const ended = new AbortController();
        const asked = [it.client.inspect("a", ended.signal), it.client.running(ended.signal)];
        await it.client.subscribe(ended.signal); // and nobody reads it
        const read = it.client.subscribe(ended.signal).then(async (events) => {
          for await (const _ of events);
        });
        await eventually(() => it.api.connections === 4);
        await new Promise((resolve) => setTimeout(resolve, 50));
        ended.abort(new RangeError("enough"));
        for (const one of asked) await assertRejects(() => one, RangeError, "enough");
        await assertRejects(() => read, Error);
        await eventually(() => it.api.connections === 0);
      }
      await eventually(() => sockets() <= before, descriptors);
    });

    it("reads at most 32 MiB of a list, in little more memory", async () => {
      await using it = await against((_, socket) => {
        beginStream(socket);
        writeForEver(socket, chunk(`{"Id":"${ID}"},`.repeat(4000)));
      });
      const before = process.memoryUsage().rss;
      const { message } = await assertRejects(() => it.client.running(never), Error);
      // A machine that is slow enough does not read so much in that time.
      assertMatch(message, /^(its answer is longer than 33554432 bytes|no answer in 10 s)$/);
      const grown = (process.memoryUsage().rss - before) / MIB;
      assert(grown < 250, `${grown} MiB`);
    });

    it("reads events whatever comes between them, and skips lines of more than 1 MiB", async () => {
      await using it = await against((path, socket) => {
        if (!path.includes("/events")) return "usual";
        beginStream(socket);
        socket.write(chunk('garbage\n[]\n{"Action":"start"}\n\n'));
        for (let i = 0; i < 40; i++) socket.write(chunk("x".repeat(60_000)));
        socket.write(chunk(`\n{"Action":"die","Actor":{"ID":"${ID}"}}\n{"Action":"start"`));
        return undefined;
      });
      const ended = new AbortController();
      const seen: RuntimeEvent[] = [];
      for await (const event of await it.client.subscribe(ended.signal)) {
        seen.push(event);
        if ("id" in event) break;
      }
      assertEquals(seen.map((event) => "id" in event ? event.id : event.unreadable.name), [
        ...Array<string>(4).fill("MalformedReplyError"),
        ID,
      ]);
      await eventually(() => it.api.connections === 0, () => it.api.connections);
    });
  });
}

/** Writes a head that has no end, a byte now and then. */
function trickle(socket: Socket): void {
  socket.write("HTTP/1.1 200 OK\r\nX: ");
  const timer = setInterval(() => socket.write("x"), 100);
  socket.once("close", () => clearInterval(timer));
}
