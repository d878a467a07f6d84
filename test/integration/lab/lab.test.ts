import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { ConfigError } from "@netns/netns";
import { Lab } from "@netns/netns/lab";
import { describeAsRoot, traces } from "../support/traces.ts";

const PAIR = `
  links:
    - ends: ["client eth0 10.0.0.2/24 fd00::2/64", "server eth0 10.0.0.1/24 fd00::1/64"]
`;

/** Three hosts behind a router. */
const STAR = `
  namespaces: [{ name: router, sysctls: { net.ipv4.ip_forward: 1 } }]
  links:
    - ends: ["a eth0 10.1.0.2/24", "router a 10.1.0.1/24"]
    - ends: ["b eth0 10.2.0.2/24", "router b 10.2.0.1/24"]
    - ends: ["c eth0 10.3.0.2/24", "router c 10.3.0.1/24"]
  routes: [a default via 10.1.0.1, b default via 10.2.0.1, c default via 10.3.0.1]
`;

describeAsRoot("Lab", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("makes hosts without names, and leaves nothing", async () => {
    await using lab = await Lab.up(PAIR);
    assertEquals(lab.hosts, ["client", "server"]);
    assertEquals(lab.host("client").addresses, ["10.0.0.2", "fd00::2"]);
    const { tx } = await lab.link("client eth0").stats();
    assert(tx.packets >= 0);
    assertThrows(() => lab.host("none"), TypeError, "expected client, server");
    assertThrows(() => lab.link("client eth1"), TypeError, "expected client eth0, server eth0");
  });

  it("unplugs a link, and plugs it in with what the kernel dropped", async () => {
    await using lab = await Lab.up(`${PAIR}
  routes: [client 192.0.2.0/24 via 10.0.0.1, client 2001:db8::/32 via fd00::1]`);
    using netlink = lab.host("client").netlink();
    const routes = () => netlink.listRoutes().flatMap(({ dst }) => dst ?? []).filter((dst) => /^192|^2001/.test(dst));
    assertEquals(routes().sort(), ["192.0.2.0/24", "2001:db8::/32"]);
    await lab.link("client eth0").down();
    assertEquals([netlink.getLink({ name: "eth0" }).up, routes()], [false, []]);
    await lab.link("client eth0").up();
    assertEquals(routes().sort(), ["192.0.2.0/24", "2001:db8::/32"]);
    assertEquals(lab.host("client").addresses, ["10.0.0.2", "fd00::2"]);
  });

  it("limits a rate, and mends it", async () => {
    await using lab = await Lab.up(PAIR.replace("\n", "").trimEnd() + `\n      impair: { rate: 1mbit }\n`);
    using netlink = lab.host("client").netlink();
    const kinds = () => netlink.listQdiscs({ link: "eth0" }).map(({ kind }) => kind);
    assertEquals(kinds(), ["tbf"]);
    const link = lab.link("client eth0");
    const rate = () => netlink.listQdiscs({ link: "eth0" }).flatMap((one) => one.kind === "tbf" ? one.rate ?? [] : []);
    await link.impair({ rate: "2mbit" });
    await lab.apply(`${PAIR.replace("\n", "").trimEnd()}\n      impair: { rate: 1mbit }\n`);
    assertEquals(rate(), [250_000], "a topology that says the same changes nothing");
    await lab.apply(`${PAIR.replace("\n", "").trimEnd()}\n      impair: { rate: 3mbit }\n`);
    assertEquals(rate(), [375_000]);
    await lab.link("client eth0").impair(undefined);
    await lab.link("client eth0").impair(undefined);
    assertEquals(kinds().includes("tbf"), false);
    await assertRejects(() => lab.link("client eth0").impair({ rate: "fast" }), ConfigError, "impair.rate");
  });

  it("cuts the network between groups, through a router, and heals it", async () => {
    await using lab = await Lab.up(STAR);
    const tables = () =>
      lab.hosts.map((name) => {
        using nftables = lab.host(name).handle.nftables();
        return nftables.list().filter((one) => "rule" in one && !JSON.stringify(one).includes('"ip6"')).length;
      });
    await lab.partition(["a", "b"], ["c"]);
    assertEquals(tables(), [0, 1, 1, 2]);
    await lab.partition(["a"], ["b"]);
    assertEquals(tables(), [0, 2, 2, 2]);
    await assertRejects(() => lab.partition(["a"], ["a"]), TypeError, "two groups");
    await lab.heal();
    assertEquals(tables(), [0, 0, 0, 0]);
  });

  it("knows the addresses that a host has later, too", async () => {
    await using lab = await Lab.up(PAIR);
    const dropped = () => {
      using nftables = lab.host("client").handle.nftables();
      return nftables.list().flatMap((one) =>
        "rule" in one ? JSON.stringify(one).match(/[\da-f:.]+(?="\}\})/g) ?? [] : []
      );
    };
    const link = lab.link("server eth0");
    await link.down();
    await lab.partition(["client"], ["server"]);
    assertEquals(dropped().includes("fd00::1"), false, "the kernel has dropped it");
    await link.up();
    assertEquals(["10.0.0.1", "fd00::1"].filter((address) => !dropped().includes(address)), []);
    assert(dropped().some((address) => address.startsWith("fe80:")), "link-local ones come after the carrier");
  });

  it("has hosts whose names are odd", async () => {
    const [first, second] = ["my first  host", "\u{1F980}".repeat(63)]; // 252 bytes
    await using lab = await Lab.up({
      interfaces: [
        {
          name: "a",
          hostIfName: "eth0",
          namespace: { name: first },
          ipAddresses: ["10.0.0.1/24"],
          veth: { peerIfName: "b" },
        },
        {
          name: "b",
          hostIfName: "eth0",
          namespace: { name: second },
          ipAddresses: ["10.0.0.2/24"],
          veth: { peerIfName: "a" },
        },
      ],
    });
    assertEquals([lab.hosts, lab.host(second).addresses], [[first, second], ["10.0.0.2"]]);
    for (const name of lab.links) await lab.link(name).down();
    await lab.link(` ${first}   eth0 `).up();
    await lab.partition([first], [second]);
    assertEquals(lab.report().hosts.map(({ name }) => name), [first, second]);
  });

  it("changes while it runs", async () => {
    await using lab = await Lab.up(PAIR);
    const { inode } = lab.host("client").handle;
    await lab.apply(STAR.replace("a eth0", "client eth0").replace("a default", "client default"));
    assertEquals([...lab.hosts].sort(), ["b", "c", "client", "router"]);
    assertEquals([lab.host("client").handle.inode, lab.host("client").addresses], [inode, ["10.1.0.2"]]);
    await Promise.all([lab.apply(PAIR), lab.apply(STAR), lab.apply(PAIR), lab.apply(STAR)]);
    assertEquals([...lab.hosts].sort(), ["a", "b", "c", "router"], "the last one counts");
    assertEquals(lab.host("b").addresses, ["10.2.0.2"]);
  });

  it("reports, and waits for what is to be", async () => {
    await using lab = await Lab.up(PAIR);
    const { picture, hosts } = lab.report();
    assert(picture.startsWith("<svg") && picture.includes("client"));
    assertEquals(hosts.map(({ name, addresses }) => [name, addresses.length]), [["client", 2], ["server", 2]]);
    let asked = 0;
    assertEquals(await lab.until(() => ++asked === 3 && "third"), "third");
    const error = await assertRejects(() => lab.until(() => assert(false, "why"), { within: 1 }), Error, "within 1 ms");
    assert(error.cause instanceof Error && error.cause.message === "why");
  });

  it("says what until() takes, and that a host has ended with its lab", async () => {
    const lab = await Lab.up(PAIR);
    const client = lab.host("client");
    for (const options of [null, { signal: 5 }, { whithin: 5 }, { within: "5" }]) {
      await assertRejects(() => lab.until(() => true, options as { within: number }), Error, "Cannot use "); // untyped
    }
    await lab[Symbol.asyncDispose]();
    assertThrows(() => client.addresses, Error, "The lab has ended");
  });

  it("refuses in words what its hosts cannot use", async () => {
    await using lab = await Lab.up(PAIR);
    const host = lab.host("client");
    const untyped = (value: unknown) => value as never;
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      '"options.signal"': () => host.connect({ host: "10.0.0.1", port: 1, signal: untyped(5) }),
      '"options.signal" ': () => host.resolve("localhost", { signal: untyped({}) }),
      '"options.signal"  ': () => host.fetch("http://10.0.0.1/", { signal: untyped(5) }),
      '"server"': () => host.listen(untyped(undefined), { port: 0 }),
      '"options"': () => host.exec("true", [], untyped(null)),
      '"args"': () => host.exec("true", untyped(5)),
      '"command"': () => host.exec(untyped(undefined)),
      '"options" ': () => Promise.resolve().then(() => host.handle.spawn("true", [], untyped(null))),
    };
    for (const [name, call] of Object.entries(calls)) await assertRejects(call, TypeError, name.trim());
  });

  it("ends a question that is never answered, and what waits for its end waits for all of it", async () => {
    const lab = await Lab.up(PAIR);
    const never = (): Promise<boolean> => new Promise(() => undefined);
    const error = await assertRejects(() => lab.until(never, { within: 1 }), Error, "within 1 ms");
    assert(error.cause instanceof Error && error.cause.message === "It did not answer");
    const ended = assertRejects(() => lab.until(never), Error, "The lab has ended");
    const ends = [lab[Symbol.asyncDispose](), lab[Symbol.asyncDispose]()] as const;
    let isOver = false;
    ends[0].then(() => isOver = true);
    await ends[1];
    assertEquals(isOver, true);
    await ended;
  });

  it("refuses what is on the machine, and says what cannot be made", async () => {
    await assertRejects(
      () =>
        Lab.up({ interfaces: [{ name: "a", veth: { peerIfName: "b" } }, { name: "b", veth: { peerIfName: "a" } }] }),
      ConfigError,
      "each is a host",
    );
    await assertRejects(() => Lab.up(`${PAIR}\n  routes: [client 192.0.2.0/24 via 198.51.100.1]`), Error, "route");
  });
});
