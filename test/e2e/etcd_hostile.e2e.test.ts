/** A member that lies, floods or says nothing: it is given up, within bounds, and what is known stays. */
import { FileStateStore } from "@netns/netns";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { authenticateResponse, watchResponse } from "../../src/etcd/messages.ts";
import { type Call, empty, FakeMember, framed, headerAt, kv, listing, watching } from "./etcd_fake.ts";
import { EtcdFollowing } from "./etcd_following.ts";
import { root } from "./support.ts";

const V1 = "/vnf-agent/l/linux/config/v1/interface/";
const veth = (name: string) => ({ name, veth: { peer_if_name: `${name}-peer` } });
const entry = (name: string, revision?: number) => kv(V1 + name, veth(name), revision);
/** A member that answers as one does: the key `a`, and a watch in which nothing happens. */
const sound = ({ method, answer, begin, send }: Call): void => {
  if (method === "KV/Range") answer([listing([entry("a")])]);
  else if (method === "Watch/Watch") {
    begin();
    send(watching([]));
  } else answer([empty]);
};
const status = (code: number, text = "no") => ({ "grpc-status": `${code}`, "grpc-message": text });

describe("a hostile member", () => {
  let member: FakeMember;
  // Each has its own: what the follower of the test before still sends would be answered, and counted, by this one.
  beforeEach(async () => void (member = await FakeMember.open()));
  afterEach(() => member[Symbol.asyncDispose]());

  const following = (more: object = {}): EtcdFollowing =>
    new EtcdFollowing({
      layout: "v1",
      conf: { endpoints: [member.endpoint], operationTimeout: 300, reconnectInterval: 10, ...more },
    });

  /** Each way to answer a list, and what is said of it. */
  const LISTS: readonly (readonly [title: string, reason: RegExp, behave: (call: Call) => void])[] = [
    ["another content", /text\/html: it is not a gRPC server/, ({ stream }) => {
      stream.respond({ ":status": 200, "content-type": "text/html" });
      stream.end("<html>");
    }],
    ["another status of HTTP", /HTTP status 503/, ({ stream }) => {
      stream.respond({ ":status": 503 }, { endStream: true });
    }],
    ["a compressed message", /compressed/, ({ begin, raw }) => {
      begin();
      raw(framed(listing([]), 1));
    }],
    ["a message without an end", /a message of 4294967295 bytes/, ({ begin, raw }) => {
      begin();
      raw(Uint8Array.of(0, 255, 255, 255, 255));
    }],
    ["bytes that are no message", /ends within a field|wire type|ends within a number/, ({ answer }) => {
      answer([Uint8Array.of(0x12, 0x7f, 1, 2, 3)]);
    }],
    ["more objects than bytes should be", /stands more than 200000 times/, ({ answer }) => {
      answer([new Uint8Array(1_000_000).map((_, index) => index % 2 === 0 ? 0x12 : 0)]);
    }],
    ["nothing but trailers", /^no$/, ({ stream }) => {
      const headers = { ":status": 200, "content-type": "application/grpc", ...status(2) };
      stream.respond(headers, { endStream: true });
    }],
    ["that it is too much, whatever is asked", /^no$/, ({ answer }) => answer([], status(8))],
    ["no message", /an answer without a message/, ({ answer }) => answer([])],
    ["the same page again and again", /does not go on/, ({ answer }) => answer([listing([entry("a")], true)])],
    ["more pages without a key", /does not go on/, ({ answer }) => answer([listing([], true)])],
    ["nothing", /no answer to etcdserverpb.KV\/Range within 0.3 s/, () => {}],
    ["messages without an end", /no answer to etcdserverpb.KV\/Range within 0.3 s/, ({ begin, send, stream }) => {
      begin();
      const flood = (): void => {
        if (stream.destroyed || stream.closed) return;
        send(empty);
        setImmediate(flood);
      };
      flood();
    }],
    ["a reset stream", /lost|reset|stream|closed/i, ({ stream }) => stream.close(2)],
    ["the end of the connection", /ended the connection|lost|closed/, ({ stream }) => stream.session?.goaway(0)],
    ["a connection that breaks", /closed|lost|reset|ECONNRESET|end/i, ({ stream }) => stream.session?.destroy()],
  ];
  for (const [title, reason, behave] of LISTS) {
    it(`that answers a list with ${title} is given up, and asked again after a rest`, async () => {
      member.behave = behave;
      await using follower = following();
      await follower.says("lost", reason);
      assertEquals(follower.configs, []);
      member.behave = sound;
      await follower.has("a");
    });
  }

  /** Each thing that a watch can do, and what is said of it. */
  const WATCHES: readonly (readonly [title: string, reason: RegExp, behave: (call: Call) => void])[] = [
    ["is ended at once", /the watch was ended: no leader/, ({ begin, send }) => {
      begin();
      send(watching([], { canceled: true, cancelReason: "no leader" }));
    }],
    ["is compacted again and again", /the revisions before 9 are compacted/, ({ begin, send }) => {
      begin();
      send(watching([], { canceled: true, compactRevision: 9 }));
    }],
    ["speaks of a watch that there is not", /a watch that there is not: 4/, ({ begin, send }) => {
      begin();
      send(watching([], { watchId: 4 }));
    }],
    ["ends with an answer", /it ended the watch/, ({ answer }) => answer([watching([])])],
  ];
  for (const [title, reason, behave] of WATCHES) {
    it(`whose watch ${title} is given up with a rest, and what is known stays`, async () => {
      member.behave = (call) => call.method === "Watch/Watch" ? behave(call) : sound(call);
      member.calls.clear();
      await using follower = following({ reconnectInterval: 200 });
      await follower.says("lost", reason);
      await follower.until(() => (member.calls.get("Watch/Watch") ?? 0) > 3);
      assert((member.calls.get("Watch/Watch") ?? 0) < 10, "it is asked without a rest");
      assertEquals(follower.names, "a");
      member.behave = sound;
    });
  }

  it("whose watch sends fragments without an end is given up, and what is known stays", async () => {
    const event = watchResponse.encode({ events: [{ type: 0, kv: entry("f", 3) }] });
    const fragment = new Uint8Array(event.length * 25_000).map((_, index) => event[index % event.length] ?? 0);
    const head = watchResponse.encode({ header: headerAt(3), watchId: 1, fragment: true });
    const message = new Uint8Array([...head, ...fragment]);
    member.behave = (call) => {
      if (call.method !== "Watch/Watch") return sound(call);
      call.begin();
      for (let i = 0; i < 9; i++) call.send(message);
    };
    await using follower = following({ reconnectInterval: 60_000 });
    await follower.says("lost", /a message of the watch that is too long/);
    assertEquals(follower.names, "a");
  });

  it("that says how far it is before it has sent all events loses none of them", async () => {
    member.behave = (call) => {
      if (call.method !== "Watch/Watch") return sound(call);
      call.begin();
      call.send(watching([]));
      call.send(watching([], { header: headerAt(99) }));
      call.send(watching([{ type: 0, kv: entry("b", 3) }]));
    };
    await using follower = following();
    await follower.has("a b");
    assertEquals(follower.configs.length, 2, "of what changes nothing, no configuration comes");
  });

  it("that has compacted what was missed is asked for all keys, at once", async () => {
    let watches = 0;
    member.behave = (call) => {
      if (call.method !== "Watch/Watch" || watches > 1) return sound(call);
      call.begin();
      const isFirst = watches++ === 0;
      call.send(watching([], isFirst ? {} : { canceled: true, compactRevision: 9 }));
      if (isFirst) setTimeout(() => call.stream.close(2), 50);
    };
    await using follower = following();
    await follower.says("lost", /the revisions before 9 are compacted: all keys are listed again/);
    await follower.until(() => follower.said("listed").length === 2);
    assertEquals(follower.names, "a");
  });

  it("that compacts what is being listed is asked again, and nothing goes", async () => {
    const all = [entry("a"), entry("b")];
    let [watches, isRefused] = [0, false];
    member.behave = (call) => {
      const isSecondPage = (call.range?.revision ?? 0) > 0;
      if (call.method === "Watch/Watch" && watches++ < 2) {
        call.begin();
        call.send(watching([], { canceled: true, compactRevision: 9 }));
      } else if (call.method !== "KV/Range") sound(call);
      else if (isSecondPage) {
        isRefused = true;
        call.answer([], status(11, "required revision has been compacted"));
      } else if (watches === 2 && !isRefused && call.range?.countOnly === false) {
        call.answer([listing(all.slice(0, 1), true)]);
      } else call.answer([listing(all)]);
    };
    await using follower = following();
    await follower.says("lost", /^required revision has been compacted$/);
    await follower.until(() => watches > 2);
    assertEquals([follower.names, follower.configs.length, follower.said("held")], ["a b", 1, []]);
  });

  it("that fails beside another that fails is said to once, however often they are tried", async () => {
    let tries = 0;
    member.behave = ({ answer }) => {
      tries++;
      answer([], status(13, "broken"));
    };
    await using follower = following({ endpoints: ["127.0.0.1:1", member.endpoint] });
    await follower.until(() => tries > 5);
    assertEquals(follower.said("lost").length, 2, `${follower.said("lost")}`);
  });

  it("is read by another layout: what is known of the keys before stays until a start that accepts that", async () => {
    const directory = mkdtempSync(join(tmpdir(), "netns-layout-"));
    const v2 = "/vnf-agent/l/config/netns/v1/interfaces/b";
    try {
      await new FileStateStore(directory).save("etcd-l", { uses: [], namespaces: [], records: [] }); // it was applied
      let asked = 0;
      member.behave = (call) => {
        if (call.method !== "KV/Range") return sound(call);
        const isV1 = asked++ % 3 === 0;
        call.answer([listing(isV1 ? [entry("a")] : asked % 3 === 0 ? [kv(v2, { type: "DUMMY" })] : [])]);
      };
      const conf = { endpoints: [member.endpoint] };
      {
        await using both = new EtcdFollowing({ conf, directory });
        await both.has("b a");
      }
      member.behave = sound;
      {
        await using follower = new EtcdFollowing({ conf, directory, layout: "v1" });
        await follower.says("held", /^1 keys are of another layout than v1, and stay; .* --accept-empty$/);
        await follower.until(() => follower.said("listed").length > 0);
        assertEquals(follower.names, "b a");
      }
      await using accepting = new EtcdFollowing({ conf, directory, layout: "v1", acceptEmpty: true });
      await accepting.until(() => accepting.said("listed").length > 0);
      assertEquals([accepting.names, accepting.said("held")], ["a", []]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it("that floods a watch gives few configurations, of whole revisions", async () => {
    let sent = 0;
    member.behave = (call) => {
      if (call.method !== "Watch/Watch") return sound(call);
      call.begin();
      call.send(watching([]));
      for (; sent < 2000; sent++) {
        const revision = 3 + sent;
        const [one, two] = [entry(`b${sent % 10}`, revision), entry("last", revision)];
        call.send(watching([{ type: 0, kv: one }], { fragment: true }));
        call.send(watching([{ type: 0, kv: two }]));
      }
    };
    await using follower = following();
    await follower.has("a b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 last");
    assert(follower.configs.length < 200, `${follower.configs.length} configurations of ${sent} revisions`);
    assertEquals(follower.said("lost"), []);
  });

  it("that has another name for a key than its label, or a giant value, has faults and no more", async () => {
    member.behave = (call) => {
      if (call.method !== "KV/Range") return sound(call);
      const giant = kv(`${V1}giant`, { ...veth("giant"), description: "x".repeat(2_000_000) });
      call.answer([listing([entry("a"), kv("/other", {}), giant])]);
    };
    await using follower = following({ operationTimeout: 20_000 });
    await follower.has("a");
    const faults = follower.events.filter(({ kind }) => kind === "fault");
    assertEquals(faults.length, 2);
    assert(JSON.stringify(faults).length < 10_000, "a fault does not repeat what it refuses");
  });

  it("that ends the connection, for whatever reason, does not end the process", async () => {
    for (const code of [0, 11]) {
      // node:http2 of Deno cannot send a GOAWAY: what leads the connections on adds it to the answers, between two frames.
      const connections: Socket[] = [];
      await using relay = new Relay(member.endpoint, (socket) => connections.push(socket));
      let isEnded = false;
      member.behave = (call) => {
        sound(call);
        const [first] = connections; // the follower of the test before may still ask, without the relay
        if (call.method !== "Watch/Watch" || first === undefined || isEnded) return;
        isEnded = true;
        setTimeout(() => first.write(goaway(code)), 100);
      };
      const program = [
        "run",
        "-q",
        "-A",
        "--no-check",
        "--node-modules-dir=manual",
        `${root}test/e2e/etcd_follower.ts`,
      ];
      // Memory that is freed is overwritten: see mallopt(3).
      const env = { ...process.env, MALLOC_PERTURB_: "165", NO_COLOR: "1" };
      const follower = spawn(process.execPath, [...program, await relay.endpoint], {
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      for (const stream of [follower.stdout, follower.stderr]) stream.on("data", (data) => said += data);
      const tooLong = setTimeout(() => follower.kill("SIGKILL"), 120_000);
      const [status, signal] = await once(follower, "close");
      clearTimeout(tooLong);
      assertEquals([status, signal], [0, null], said);
      assertMatch(said, /ended the connection|lost|closed/);
    }
  });

  it("that gives no token as a token is given up", async () => {
    for (const token of ["", "a\r\nb", "x".repeat(10_000)]) {
      member.behave = (call) => (
        call.method === "Auth/Authenticate" ? call.answer([authenticateResponse.encode({ token })]) : sound(call)
      );
      await using follower = following({ username: "u", passwordFile: "/dev/null" });
      await follower.says("lost", /its token is none/);
    }
  });
});

/** The frame that ends a connection for `code`; all streams that there are were taken. */
function goaway(code: number): Uint8Array {
  const frame = new DataView(new ArrayBuffer(17));
  frame.setUint8(2, 8); // the length
  frame.setUint8(3, 7); // the type
  frame.setUint32(9, 2 ** 31 - 1);
  frame.setUint32(13, code);
  return new Uint8Array(frame.buffer);
}

/** Leads connections to the member at an address. */
class Relay implements AsyncDisposable {
  /** Where it listens, once it does. */
  readonly endpoint: Promise<string>;
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  constructor(member: string, onConnection: (socket: Socket) => void) {
    const { hostname, port } = new URL(`http://${member}`);
    this.#server = createServer((socket) => {
      const inside = connect(Number(port), hostname);
      for (const one of [socket, inside]) this.#sockets.push(one.on("error", () => {}));
      socket.once("close", () => inside.destroy());
      inside.once("close", () => socket.destroy());
      socket.pipe(inside).pipe(socket);
      onConnection(socket);
    });
    this.endpoint = once(this.#server.listen(0, "127.0.0.1"), "listening").then(() => {
      const address = this.#server.address();
      return `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe("what is no HTTP/2 at all", () => {
  for (
    const [title, behave] of [
      ["says nothing", () => {}],
      ["speaks HTTP/1", (socket: Socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno")],
      ["sends bytes by chance", (socket: Socket) => void socket.write(crypto.getRandomValues(new Uint8Array(4096)))],
      ["sends a frame without an end", (socket: Socket) => void socket.write(Uint8Array.of(255, 255, 255, 0, 0))],
      ["ends the connection", (socket: Socket) => void socket.destroy()],
    ] as const
  ) {
    it(`and ${title} is given up`, async () => {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on("error", () => {});
        behave(socket);
      });
      const port = await new Promise<number>((resolve) => {
        server.listen(0, "127.0.0.1", () => resolve(Object(server.address()).port));
      });
      {
        const conf = {
          endpoints: [`127.0.0.1:${port}`],
          operationTimeout: 300,
          dialTimeout: 300,
          reconnectInterval: 50,
        };
        await using follower = new EtcdFollowing({ conf });
        await follower.says("lost", /./);
        assertEquals(follower.said("connected"), []);
      }
      for (const socket of sockets) socket.destroy();
      server.close();
    });
  }
});
