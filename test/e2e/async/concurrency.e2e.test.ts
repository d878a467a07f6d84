/**
 * Every asynchronous call, many at once, in two namespaces and at home beside them, which have the same addresses and ports:
 * each answer says where it comes from.
 */
import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { once } from "node:events";
import { get } from "node:http";
import { createServer } from "node:net";
import { type NamespaceWorker, NsHandle } from "@netns/netns";
import { closed, firstConnection, portOf, said, saying } from "../../integration/netns/sockets/network.ts";
import { assertSameTraces, describeAsRoot, traces } from "../../integration/support/traces.ts";
import { nameServer } from "./name_server.ts";
import { webServer } from "./web_server.ts";
import { withFiles } from "./with_files.ts";

const HOST = "127.0.0.1";
/** How often each call is made in each namespace. */
const TIMES = 20;

/** What each worker does, with the means of the runtime. */
interface Work {
  ask(port: number): Promise<string>;
  get(port: number): Promise<string>;
}

// In base64: Bun takes what follows a dot for the kind of a file.
const WORK = `data:text/javascript;base64,${
  btoa(`
  import { connect } from "node:net";
  export const ask = (port) => new Promise((resolve, reject) => {
    let answer = "";
    connect(port, "${HOST}").on("data", (data) => answer += data).on("close", () => resolve(answer)).on("error", reject);
  });
  export const get = async (port) => (await (await fetch("http://${HOST}:" + port + "/")).json()).from;
`)
}`;

/** Where the servers listen: the same in each namespace. */
interface Ports {
  readonly tcp: number;
  readonly http: number;
  readonly udp: number;
}

/** Servers in a namespace that say its name, at the ports or at free ones, and a thread there. */
async function inhabited(name: string, ns: NsHandle, { tcp, http, udp }: Ports) {
  const echo = await ns.datagram({ host: HOST, port: udp });
  echo.on("message", (_message, from) => echo.send(name, from.port, from.address));
  const server = await ns.listen(saying(name), { host: HOST, port: tcp });
  const web = await webServer(ns, { name, port: http });
  const worker = await ns.worker<Work>(WORK);
  return {
    ...{ name, ns, worker },
    ports: { tcp: portOf(server), http: web.port, udp: echo.address().port },
    async [Symbol.asyncDispose](): Promise<void> {
      await worker[Symbol.asyncDispose]();
      await web[Symbol.asyncDispose]();
      await closed(server);
      await new Promise<void>((resolve) => void echo.close(() => resolve()));
    },
  };
}

/** The calls, each of which gives the name of the namespace that answered. */
const CALLS: Readonly<Record<string, (ns: NsHandle, ports: Ports, worker: NamespaceWorker<Work>) => Promise<string>>> =
  {
    connect: async (ns, { tcp }) => await said(await ns.connect({ host: HOST, port: tcp })),
    "connect to a name": async (ns, { tcp }) => await said(await ns.connect({ host: "localhost", port: tcp })),
    fetch: async (ns, { http }) => (await (await ns.fetch(`http://${HOST}:${http}/`)).json()).from,
    httpAgent: (ns, { http }) =>
      new Promise((resolve, reject) => {
        const agent = ns.httpAgent();
        get({ host: HOST, port: http, agent }, (response) => {
          let text = "";
          response.on("data", (data) => text += data).on("end", () => {
            agent.destroy();
            resolve(JSON.parse(text).from);
          });
        }).on("error", reject);
      }),
    async datagram(ns, { udp }) {
      const socket = await ns.datagram();
      const answered = once(socket, "message");
      socket.send("who?", udp, HOST);
      const [message] = await answered;
      await new Promise<void>((resolve) => void socket.close(() => resolve()));
      return String(message);
    },
    /** The other namespaces have a server at the same address and port at the same time. */
    async listen(ns, { udp }) {
      const mark = String(ns.inode);
      const server = createServer((socket) => socket.on("error", () => undefined).end(mark));
      await ns.listen(server, { host: `127.0.1.${Math.floor(used.listen++ / 3) + 1}`, port: udp });
      const { address } = server.address() as { readonly address: string }; // it is bound to no path
      const answer = await said(await ns.connect({ host: address, port: udp }));
      await closed(server);
      return answer === mark ? "own" : answer;
    },
    resolve: async (ns) => (await ns.resolve("who.example", { family: 4 })).join(),
    "a worker's net.connect": (_ns, { tcp }, worker) => worker.call("ask", tcp),
    "a worker's fetch": (_ns, { http }, worker) => worker.call("get", http),
  };

/** How many servers were made by `listen`. */
const used = { listen: 0 };

/** What `call` must give in a namespace. */
const expected = (call: string, name: string): string =>
  call === "listen" ? "own" : call === "resolve" ? ADDRESSES[name] ?? "" : name;

/** What the name server of each namespace says; that of home is asked nothing. */
const ADDRESSES: Readonly<Record<string, string>> = { blue: "10.0.0.1", green: "10.0.0.2" };

describeAsRoot("asynchronous calls", () => {
  let start: unknown;
  before(async () => {
    await firstConnection();
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("are answered by their own namespace, many at once, while sections come and go", async () => {
    const files = { "resolv.conf": "nameserver 127.0.0.77\n" };
    using home = NsHandle.home();
    using scene = withFiles(files);
    using other = withFiles(files);
    await using first = await inhabited("home", home, { tcp: 0, http: 0, udp: 0 });
    const { ports } = first;
    await using blue = await inhabited("blue", scene.ns, ports);
    await using green = await inhabited("green", other.ns, ports);
    await using _blue = await nameServer(scene.ns, "127.0.0.77", { "who.example A": { addresses: ["10.0.0.1"] } });
    await using _green = await nameServer(other.ns, "127.0.0.77", { "who.example A": { addresses: ["10.0.0.2"] } });
    await using asked = await nameServer(home, "127.0.0.77", { "who.example A": { addresses: ["10.0.0.3"] } });

    const jobs = Array.from({ length: TIMES }, () => [first, blue, green]).flat().flatMap((place) =>
      Object.entries(CALLS)
        .filter(([call]) => call !== "resolve" || place !== first)
        .map(([call, make]) => ({ call, make, ...place }))
    );
    let isOver = false;
    const sections = (async () => {
      while (!isOver) {
        for (const { ns } of [blue, green]) ns.run(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    try {
      const answers = await Promise.all(jobs.map(({ make, ns, worker }) => make(ns, ports, worker)));
      const wrong = jobs.flatMap(({ call, name }, i) =>
        answers[i] === expected(call, name) ? [] : `${call} in ${name}: ${answers[i]}`
      );
      assertEquals(wrong, []);
      assertEquals(asked.asked, []);
    } finally {
      isOver = true;
      await sections;
    }
  });
});
