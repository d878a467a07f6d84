import { assert, assertEquals, assertInstanceOf, assertNotEquals, assertRejects } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setImmediate } from "node:timers";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { NsHandle, SyscallError } from "@netns/netns";
import { firstConnection, type LookAlikes, lookAlikes } from "../../integration/netns/sockets/network.ts";
import { assertSameTraces, describeAsRoot, traces } from "../../integration/support/traces.ts";
import { type Echo, type Special, type WebServer, webServer } from "./web_server.ts";

const echo = async (response: Response): Promise<Echo> => await response.json() as Echo;

/** Two namespaces, and a server in the first. */
async function served(special?: Special): Promise<LookAlikes & WebServer> {
  const networks = lookAlikes();
  const server = await webServer(networks.blue, { name: "blue", ...special === undefined ? {} : { special } });
  return {
    ...networks,
    ...server,
    async [Symbol.asyncDispose](): Promise<void> {
      await server[Symbol.asyncDispose]();
      networks[Symbol.dispose]();
    },
  };
}

/** Redirects `/redirect/STATUS?to=URL`. */
const redirecting: Special = ({ url = "" }, response) => {
  const [, status, to] = url.match(/^\/redirect\/(\d+)\?to=(.*)$/) ?? [];
  if (status === undefined) return false;
  response.writeHead(Number(status), { location: decodeURIComponent(to ?? "") }).end();
  return true;
};

const causeOf = async (work: () => Promise<unknown>): Promise<Error & { code?: string }> => {
  const error = await assertRejects(work, TypeError, "fetch failed");
  assertInstanceOf(error.cause, Error);
  return error.cause;
};

describeAsRoot("NsHandle.fetch()", () => {
  let start: unknown;
  before(async () => {
    await firstConnection();
    {
      await using at = await served();
      await (await at.blue.fetch(at.origin)).text();
    }
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("is never answered by another namespace, 200 at once over kept connections", async () => {
    using networks = lookAlikes();
    const servers: WebServer[] = [];
    let port = 0;
    for (const [name, ns] of networks.all) {
      servers.push(await webServer(ns, { name, port }));
      port = servers[0]?.port ?? 0;
    }
    const wanted = Array.from({ length: 200 }, (_, i) => networks.all[i % 3] ?? ["", networks.home] as const);
    for (let round = 0; round < 2; round++) {
      const answers = await Promise.all(wanted.map(async ([, ns], i) => (
        await echo(await ns.fetch(`http://127.0.0.1:${port}/${i}`))
      )));
      assertEquals(answers.map(({ from, url }) => [from, url]), wanted.map(([name], i) => [name, `/${i}`]));
    }
    for (const server of servers) await server[Symbol.asyncDispose]();
  });

  it("gives a Response as the global fetch does", async () => {
    await using at = await served((_, response) => {
      response.writeHead(201, "Made", [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-one", "1"]].flat()).end(
        "made",
      );
      return true;
    });
    const response = await at.blue.fetch(new URL("/a?b#c", at.origin));
    assertInstanceOf(response, Response);
    const { status, statusText, ok, url, redirected, headers } = response;
    assertEquals([status, statusText, ok, url, redirected], [201, "Made", true, `${at.origin}/a?b`, false]);
    assertEquals([headers.get("x-one"), headers.getSetCookie()], ["1", ["a=1", "b=2"]]);
    const clone = response.clone();
    assertEquals([clone.url, await clone.text(), await response.text()], [url, "made", "made"]);
  });

  it("keeps a connection, and ends it with the handle", async () => {
    await using at = await served();
    const first = await echo(await at.blue.fetch(at.origin));
    const second = await echo(await at.blue.fetch(at.origin, { method: "DELETE" }));
    assertEquals(first.client, second.client);
    const closed = new Promise<void>((resolve) =>
      at.server.getConnections((_, count) => {
        assertEquals(count, 1);
        resolve();
      })
    );
    await closed;
    at.blue.close();
    const connections = (): Promise<number> =>
      new Promise((resolve) => at.server.getConnections((_, count) => resolve(count)));
    for (let i = 0; i < 3000 && await connections() > 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    assertEquals(await connections(), 0);
    await assertRejects(() => at.blue.fetch(at.origin), SyscallError, "this handle is closed");
  });

  it("sends every kind of body", async () => {
    await using at = await served();
    const post = async (body: BodyInit, headers = {}): Promise<Echo> =>
      await echo(await at.blue.fetch(at.origin, { method: "POST", body, headers }));
    const plain = await post("text");
    assertEquals([plain.method, plain.body, plain.headers["content-length"]], ["POST", "text", "4"]);
    assertEquals(plain.headers["content-type"]?.toLowerCase(), "text/plain;charset=utf-8");
    assertEquals((await post(new Uint8Array([65, 66]))).body, "AB");
    const form = await post(new URLSearchParams({ a: "b c" }));
    assertEquals([form.body, form.headers["content-type"]?.split(";")[0]], [
      "a=b+c",
      "application/x-www-form-urlencoded",
    ]);
    const data = new FormData();
    data.set("name", "value");
    assert((await post(data)).body.includes('name="name"\r\n\r\nvalue'));
    assertEquals((await post(new Blob(["blob"]), { "content-type": "x/y" })).headers["content-type"], "x/y");
    const stream = new ReadableStream({
      start(controller): void {
        for (const piece of ["one ", "two ", "three"]) controller.enqueue(new TextEncoder().encode(piece));
        controller.close();
      },
    });
    const streamed = await post(stream);
    assertEquals([streamed.body, streamed.headers["transfer-encoding"]], ["one two three", "chunked"]);
    const large = "x".repeat(2_000_000);
    assertEquals((await post(large)).body.length, large.length);
  });

  it("follows redirects, and leaves credentials with their origin", async () => {
    await using at = await served(redirecting);
    await using other = await webServer(at.blue, { name: "other" });
    const to = (status: number, url: string): string => `${at.origin}/redirect/${status}?to=${encodeURIComponent(url)}`;
    const headers = { authorization: "secret", cookie: "a=1", "x-own": "kept" };
    const near = await at.blue.fetch(to(302, "/end"), { headers });
    assertEquals([near.url, near.redirected], [`${at.origin}/end`, true]);
    assertEquals((await echo(near)).headers["authorization"], "secret");
    const far = await echo(
      await at.blue.fetch(to(307, `${other.origin}/end`), { headers, method: "POST", body: "again" }),
    );
    assertEquals([far.from, far.method, far.body, far.headers["x-own"]], ["other", "POST", "again", "kept"]);
    assertEquals([far.headers["authorization"], far.headers["cookie"]], [undefined, undefined]);
    for (const status of [301, 302, 303]) {
      const posted = await echo(await at.blue.fetch(to(status, "/end"), { method: "POST", body: "once" }));
      assertEquals([posted.method, posted.body, posted.headers["content-type"]], ["GET", "", undefined]);
    }
    const manual = await at.blue.fetch(to(302, "/end"), { redirect: "manual" });
    assertEquals([manual.status, manual.headers.get("location")], [302, "/end"]);
    await manual.text();
    assertEquals(
      (await causeOf(() => at.blue.fetch(to(302, "/end"), { redirect: "error" }))).message,
      "unexpected redirect",
    );
    assertEquals((await causeOf(() => at.blue.fetch(to(302, "ftp://x/")))).message, "unknown scheme ftp:");
  });

  it("ends after twenty redirects", async () => {
    await using at = await served((_, response) => {
      response.writeHead(302, { location: "/again" }).end();
      return true;
    });
    assertEquals((await causeOf(() => at.blue.fetch(at.origin))).message, "redirect count exceeded");
  });

  it("streams what comes, and decompresses it", async () => {
    const large = new TextEncoder().encode("0123456789".repeat(100_000));
    await using at = await served(({ url }, response) => {
      if (url === "/slow") {
        response.write("first");
        setTimeout(() => response.end("second"), 50);
      } else if (url === "/gzip") response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(large));
      else if (url === "/br") response.writeHead(200, { "content-encoding": "br" }).end(brotliCompressSync(large));
      else if (url === "/broken") response.writeHead(200, { "content-encoding": "gzip" }).end("no gzip");
      else if (url === "/empty") response.writeHead(204).end();
      else response.end(large);
      return true;
    });
    const reader = (await at.blue.fetch(`${at.origin}/slow`)).body?.getReader();
    assertEquals(new TextDecoder().decode((await reader?.read())?.value), "first");
    assertEquals(new TextDecoder().decode((await reader?.read())?.value), "second");
    assertEquals((await reader?.read())?.done, true);
    for (const path of ["/plain", "/gzip", "/br"]) {
      const bytes = await (await at.blue.fetch(at.origin + path)).arrayBuffer();
      assertEquals([path, bytes.byteLength], [path, large.length]);
    }
    assertEquals((await at.blue.fetch(`${at.origin}/empty`)).body, null);
    assertEquals((await at.blue.fetch(`${at.origin}/plain`, { method: "HEAD" })).body, null);
    const broken = await at.blue.fetch(`${at.origin}/broken`);
    await assertRejects(() => broken.text(), TypeError);
  });

  it("ends with the reason of the signal, before and within the body", async () => {
    await using at = await served(({ url }, response) => {
      if (url === "/body") response.write("first");
      return true; // and never ends
    });
    const reason = new EvalError("enough");
    await assertRejects(() => at.blue.fetch(at.origin, { signal: AbortSignal.abort(reason) }), EvalError, "enough");
    const controller = new AbortController();
    const waiting = at.blue.fetch(at.origin, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    await assertRejects(() => waiting, EvalError, "enough");
    const late = new AbortController();
    const response = await at.blue.fetch(`${at.origin}/body`, { signal: late.signal });
    setTimeout(() => late.abort(reason), 20);
    await assertRejects(() => response.text(), EvalError, "enough");
    const ofRequest = new AbortController();
    const asked = at.blue.fetch(new Request(at.origin, { signal: ofRequest.signal }));
    setTimeout(() => ofRequest.abort(reason), 20);
    await assertRejects(() => asked, EvalError, "enough");
    const cancelled = await at.blue.fetch(`${at.origin}/body`);
    await cancelled.body?.cancel();
  });

  it("repeats once what can be repeated, when a kept connection is gone", async () => {
    const seen: string[] = [];
    await using at = await served((request, response) => {
      seen.push(`${request.method}`);
      if (seen.length === 2 || seen.length === 5) request.socket.destroy(); // instead of an answer, on a kept connection
      else request.resume().on("end", () => response.end("answer"));
      return true;
    });
    const fetched = async (method: string, body?: string): Promise<string> =>
      await (await at.blue.fetch(at.origin, { method, ...body === undefined ? {} : { body } })).text();
    assertEquals(await fetched("GET"), "answer");
    assertEquals(await fetched("GET"), "answer");
    assertEquals(seen, ["GET", "GET", "GET"]);
    assertEquals(await fetched("GET"), "answer");
    await causeOf(() => fetched("POST", "once"));
    assertEquals(seen, ["GET", "GET", "GET", "GET", "POST"]);
  });

  it("says why it failed", async () => {
    await using at = await served((_, response) => {
      response.writeHead(200, { "content-length": "100" }).write("short");
      setTimeout(() => response.destroy(), 20);
      return true;
    });
    const refused = await causeOf(() => at.green.fetch(at.origin));
    assertEquals([refused.code, refused.message], ["ECONNREFUSED", `connect ECONNREFUSED 127.0.0.1:${at.port}`]);
    const short = await at.blue.fetch(at.origin);
    await assertRejects(() => short.text(), TypeError, "terminated");
    await assertRejects(() => at.blue.fetch(at.origin, { body: "of a GET" }), TypeError, "cannot have body");
    await assertRejects(() => at.blue.fetch("http://"), TypeError);
    assertEquals((await causeOf(() => at.blue.fetch("ftp://127.0.0.1/"))).message, "unknown scheme ftp:");
  });

  it("takes a little of a body that nobody reads, and ends its connection", async () => {
    const sent = new Set<string>();
    const open = new Set<string>();
    await using at = await served(({ url = "" }, response) => {
      const [, kind, status] = url.match(/^\/(endless|hanging)\/(\d+)$/) ?? [];
      if (kind === undefined) return false;
      sent.add(url);
      open.add(url);
      response.once("close", () => open.delete(url));
      response.writeHead(Number(status), { location: "/there", "content-length": "1000000000" });
      response.flushHeaders();
      const more = (): void => {
        if (!response.destroyed) response.write(new Uint8Array(65536), () => setImmediate(more));
      };
      if (kind === "endless") more();
      return true;
    });
    for (const kind of ["endless", "hanging"]) {
      const followed = await at.blue.fetch(`${at.origin}/${kind}/302`);
      assertEquals((await echo(followed)).url, "/there");
      await causeOf(() => at.blue.fetch(`${at.origin}/${kind}/307`, { redirect: "error" }));
      assertEquals((await at.blue.fetch(`${at.origin}/${kind}/205`)).body, null);
    }
    assertEquals(sent.size, 6);
    const end = performance.now() + 30_000;
    while (open.size > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    assertEquals([...open], []);
  });

  it("takes deflate with and without the head of zlib", async () => {
    const large = new TextEncoder().encode("0123456789".repeat(100_000));
    const bodies: Readonly<Record<string, Uint8Array>> = {
      "/zlib": deflateSync(large),
      "/raw": deflateRawSync(large),
      "/stored": deflateRawSync(large, { level: 0 }),
      "/empty": new Uint8Array(),
      "/short": deflateRawSync(large).subarray(0, 500),
      "/other": gzipSync(large),
    };
    await using at = await served(({ url = "" }, response) => {
      const [, path = "", encodings = "deflate"] = url.match(/^([^?]*)[?]?(.+)?$/) ?? [];
      const body = bodies[path];
      if (body === undefined) return false;
      response.writeHead(200, { "content-encoding": encodings });
      for (let i = 0; i < body.length; i += 10_000) response.write(body.subarray(i, i + 10_000));
      response.end();
      return true;
    });
    const lengthOf = async (path: string): Promise<number> =>
      (await (await at.blue.fetch(at.origin + path)).arrayBuffer()).byteLength;
    for (const path of ["/zlib", "/raw", "/stored"]) assertEquals([path, await lengthOf(path)], [path, large.length]);
    assertEquals(await lengthOf("/empty"), 0);
    for (const path of ["/short", "/other"]) await assertRejects(() => lengthOf(path), TypeError, "terminated");
    const unknown = bodies["/raw"]?.length ?? 0;
    for (const name of ["zstd", "constructor"]) assertEquals(await lengthOf(`/raw?${name}`), unknown);
    const cancelled = await at.blue.fetch(`${at.origin}/raw`);
    await cancelled.body?.cancel();
  });

  it("undoes an encoding of nothing, and at most five of anything", async () => {
    await using at = await served(({ url = "" }, response) => {
      const [, count] = url.match(/^\/encoded\/(\d+)$/) ?? [];
      if (count === undefined) return false;
      response.setHeader("content-encoding", Array(Math.max(1, Number(count))).fill("gzip").join(", "));
      let body: Uint8Array = new TextEncoder().encode(count === "0" ? "" : "text");
      for (let i = 0; i < Number(count); i++) body = gzipSync(body);
      response.end(body);
      return true;
    });
    const textOf = async (count: number): Promise<string> =>
      await (await at.blue.fetch(`${at.origin}/encoded/${count}`)).text();
    assertEquals([await textOf(0), await textOf(1), await textOf(5)], ["", "text", "text"]);
    assertEquals(
      (await causeOf(() => textOf(6))).message,
      "the body is encoded 6 times, of which at most 5 are undone",
    );
  });
});

describeAsRoot("NsHandle.httpAgent()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("connects what is built on node:http", async () => {
    await using at = await served();
    const agent = at.blue.httpAgent();
    const asked = async (): Promise<Echo> =>
      JSON.parse(
        await new Promise<string>((resolve, reject) => {
          get(at.origin, { agent }, (response) => text(response).then(resolve, reject)).on("error", reject);
        }),
      );
    const [first, second] = [await asked(), await asked()];
    assertEquals([first.from, second.client], ["blue", first.client]);
    agent.destroy();
    assertNotEquals((await asked()).client, first.client);
    agent.destroy();
  });

  it("leaves sockets of the file system to the runtime, and refuses abstract ones", async () => {
    await using at = await served();
    const folder = mkdtempSync(join(tmpdir(), "netns-agent-"));
    const agent = at.blue.httpAgent();
    const server = createServer((_, response) => response.end("by a path")).listen(join(folder, "socket"));
    try {
      await once(server, "listening");
      const answer = (socketPath: string): Promise<string> =>
        new Promise((resolve, reject) => {
          get({ socketPath, agent }, (response) => text(response).then(resolve, reject)).on("error", reject);
        });
      assertEquals(await answer(join(folder, "socket")), "by a path");
      await assertRejects(() => answer("\0abstract"), TypeError, "is of a namespace");
    } finally {
      agent.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
      rmSync(folder, { recursive: true });
    }
  });

  it("gives its error to the request", async () => {
    using ns = NsHandle.create();
    const agent = ns.httpAgent();
    const error = await new Promise<Error>((resolve) => get("http://127.0.0.1:1/", { agent }).on("error", resolve));
    assertEquals(Reflect.get(error, "code"), "ENETUNREACH");
  });

  it("stops connecting when the request is destroyed", async () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    netlink.addLink({ kind: "veth", name: "left", peer: { name: "right" } }); // nobody answers there
    netlink.addAddress({ name: "left" }, "10.77.0.1/24");
    for (const name of ["left", "right"]) netlink.setLink({ name }, { up: true });
    using sockets = ns.sockets();
    const attempts = (): number => sockets.list({ protocol: "tcp" }).length;
    const agent = ns.httpAgent();
    for (
      const [given, code] of [[undefined, "ECONNRESET"], [Object.assign(new Error(), { code: "E" }), "E"]] as const
    ) {
      const request = get("http://10.77.0.2/", { agent });
      const failed = once(request, "error");
      while (attempts() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      request.destroy(given);
      const [error] = await failed;
      assertEquals([error.code, attempts()], [code, 0]);
    }
  });
});
