/** Address translation, forwarded ports and packet filters with real traffic, beside the tables of somebody else. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import {
  Configurator,
  type NetworkConfig,
  type NetworkConfigInput,
  type NftObject,
  NsHandle,
  NsHandler,
} from "@netns/netns";
import { closed, firstConnection, portOf, said } from "../integration/netns/sockets/network.ts";
import { Scratch } from "../integration/configurator/scratch.ts";
import { assertSameTraces, describeAsRoot, traces } from "../integration/support/traces.ts";
import { vethEnd } from "../support/topologies.ts";

/** client – router – server; the server knows no way back to the network of the client. */
const ROUTED = {
  namespaces: ["client", "router", "server"],
  interfaces: [
    vethEnd("client-end", "lan", {
      namespace: "client",
      hostIfName: "eth0",
      ipAddresses: ["10.1.0.2/24", "fd01::2/64"],
    }),
    vethEnd("lan", "client-end", { namespace: "router", ipAddresses: ["10.1.0.1/24", "fd01::1/64"] }),
    vethEnd("wan", "server-end", { namespace: "router", ipAddresses: ["192.0.2.1/24", "fd02::1/64"] }),
    vethEnd("server-end", "wan", {
      namespace: "server",
      hostIfName: "eth0",
      ipAddresses: ["192.0.2.2/24", "fd02::2/64"],
    }),
  ],
  routes: [
    { name: "out", interface: "client-end", default: true, gwAddr: "10.1.0.1" },
    { name: "out6", interface: "client-end", default: true, gwAddr: "fd01::1" },
  ],
} satisfies NetworkConfigInput;

const FORWARDING = ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"];

/** A table of somebody else. */
const FOREIGN = `table ip filter {
  chain FORWARD { type filter hook forward priority filter; policy drop;
    ip saddr 10.1.0.0/24 accept
    ip daddr 10.1.0.2 tcp dport 8080 accept
    ct state established,related accept
  }
}
table inet other {
  set s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 } }
  chain c { type filter hook input priority 10; policy accept; ip saddr @s accept; }
}`;

function nft(ns: NsHandle, args: readonly string[], input = ""): string {
  const { status, stdout, stderr } = ns.run(() => spawnSync("nft", args, { input, encoding: "utf8" }));
  assertEquals(status, 0, stderr);
  return stdout;
}

/** Without handles, and without the comment of the table, which `nft` 1.0.6 leaves out of its JSON. */
const comparable = (objects: readonly NftObject[]): unknown =>
  JSON.parse(JSON.stringify(objects, (key, value) => key === "handle" || key === "comment" ? undefined : value));

/** A server that says the address from which somebody came. */
const mirror = (): Server =>
  createServer((socket) => socket.on("error", () => undefined).end(socket.remoteAddress ?? ""));

/** What a server says; undefined if nobody answers. */
async function reached(ns: NsHandle, host: string, port: number): Promise<string | undefined> {
  try {
    const socket = await ns.connect({ host, port, signal: AbortSignal.timeout(LOST) });
    return await said(socket);
  } catch {
    return undefined;
  }
}

/** How long a packet that is dropped is waited for, in milliseconds; one that is not comes long before. */
const LOST = 1500;

describeAsRoot("nat, forwards and firewall", () => {
  let start: unknown;
  before(async () => {
    await firstConnection();
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("translate, forward and drop, as nft lists them, and leave other tables alone", async () => {
    using scratch = new Scratch();
    const report = await scratch.apply(ROUTED);
    assertEquals([report.failed, report.pending], [[], []]);
    using client = NsHandle.fromName(scratch.name("client"));
    using router = NsHandle.fromName(scratch.name("router"));
    using server = NsHandle.fromName(scratch.name("server"));
    router.run(() => FORWARDING.forEach((path) => writeFileSync(`/proc/sys/${path}`, "1")));
    nft(router, ["-f", "-"], FOREIGN);
    const foreign = nft(router, ["list", "ruleset"]);
    const [outside, inside, hidden] = [mirror(), mirror(), mirror()];
    await server.listen(outside, { host: "::", port: 0 });
    await client.listen(inside, { host: "::", port: 8080 });
    await client.listen(hidden, { host: "::", port: 8081 });
    const port = portOf(outside);
    assertEquals(await reached(client, "192.0.2.2", port), undefined);

    const filters: NetworkConfigInput = {
      nat: [{ name: "home", out: "wan", random: true }],
      forwards: [
        { name: "web", in: "wan", protocol: "tcp", port: 80, to: "10.1.0.2:8080" },
        { name: "hidden", in: "wan", protocol: "tcp", port: 81, to: "10.1.0.2:8081" },
        { name: "six", in: "wan", protocol: "tcp", port: "8000-8090", to: "fd01::2" },
        { name: "moved", in: "wan", protocol: "tcp", port: 79, to: "[fd01::2]:8080" },
      ],
      firewall: [{
        name: "kill",
        namespace: "server",
        out: "drop",
        except: [{ state: "established" }, { protocol: "tcp", port: "79-81" }, {
          protocol: "tcp",
          destination: "fd02::1",
        }],
      }],
    };
    const described = { ...ROUTED, ...filters };
    assertEquals((await scratch.apply(described)).failed, []);
    assertEquals(await reached(client, "192.0.2.2", port), "::ffff:192.0.2.1");
    assertEquals(await reached(client, "fd02::2", port), "fd02::1");
    assertEquals(await reached(server, "192.0.2.1", 80), "::ffff:192.0.2.2");
    assertEquals(await reached(server, "fd02::1", 8080), "fd02::2");
    // What only passes through goes where it was sent to, where nobody listens.
    assertEquals(await reached(server, "fd02::1", 79), "fd02::2");
    const wayBack = ["route", "add", "fd01::/64", "via", "fd02::1"];
    assertEquals(server.run(() => spawnSync("ip", wayBack)).status, 0);
    assertEquals(await reached(server, "fd01::2", 79), undefined);
    assertEquals(server.run(() => spawnSync("ip", wayBack.with(1, "del"))).status, 0);
    // Somebody else's policy drops this one: what is forwarded here is no exception there.
    assertEquals(await reached(server, "192.0.2.1", 81), undefined);
    // Neither a ping nor another connection passes the kill switch.
    assertEquals(await reached(server, "192.0.2.1", port), undefined);
    assertEquals((await server.exec("ping", ["-c1", "-W1", "192.0.2.1"])).status, 1);
    assertEquals((await server.exec("ping", ["-c1", "-W5", "127.0.0.1"])).status, 0);
    assertEquals((await router.exec("ping", ["-c1", "-W5", "192.0.2.2"])).status, 0);

    const name = `netns-${scratch.config({}).name}`;
    for (const ns of [router, server]) {
      const { nftables: listed } = JSON.parse(nft(ns, ["-j", "list", "table", "inet", name])) as {
        nftables: NftObject[];
      };
      using socket = ns.nftables();
      const own = socket.list().filter((one) => JSON.stringify(one).includes(`"${name}"`));
      assertEquals(comparable(own), comparable(listed.filter((one) => !("metainfo" in one))));
    }
    const again = await scratch.apply(described);
    assertEquals([again.lines, again.failed], [[], []]);
    assertEquals((await scratch.apply(ROUTED)).failed, []);
    assertEquals(await reached(client, "192.0.2.2", port), undefined);
    assertEquals((await server.exec("ping", ["-c1", "-W5", "192.0.2.1"])).status, 0);
    assertEquals(nft(router, ["list", "ruleset"]), foreign);
    for (const one of [outside, inside, hidden]) await closed(one);
    await scratch.destroy(ROUTED);
  });
});

// The runtime keeps what the agent hears signals with.
describeAsRoot("nat, forwards and firewall of an agent", () => {
  it("are mended when somebody changes the table", async () => {
    using scratch = new Scratch();
    await using handler = new NsHandler({ docker: false });
    await handler.init();
    const ended = new AbortController();
    const config = scratch.config({ firewall: [{ name: "w", namespace: "client", out: "drop" }] });
    async function* configs(): AsyncGenerator<NetworkConfig> {
      yield config;
      await new Promise<void>((resolve) => ended.signal.addEventListener("abort", () => resolve()));
    }
    const configurator = new Configurator(handler, { store: scratch.store });
    const reports = configurator.agent(configs(), { signal: ended.signal })[Symbol.asyncIterator]();
    const next = async (): Promise<string[]> => {
      const result = await reports.next();
      return result.done === true ? [] : result.value.done.map(({ kind }) => kind);
    };
    assertEquals(await next(), ["create-namespace", "set-table"]);
    {
      using client = NsHandle.fromName(scratch.name("client"));
      nft(client, ["flush", "chain", "inet", `netns-${config.name}`, "output"]);
    }
    assertEquals(await next(), ["set-table"]);
    ended.abort();
    await reports.next();
    await scratch.configurator.destroy(config);
  });
});
