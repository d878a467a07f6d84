/** Sysctls of all links, which the kernel sets of each of them, too; and what goes with IPv6. */
import { assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import type { NetworkConfigInput } from "@netns/netns";
import { readSysctls, writeSysctl } from "../../../src/sysctl/sysctl.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

const ALL = "net.ipv4.ip_forward";
const REDIRECTS = "net.ipv4.conf.all.accept_redirects";
const ALL6 = "net.ipv6.conf.all.forwarding";
const of = (link: string, ip: 4 | 6 = 4): string => `net.ipv${ip}.conf.${link}.forwarding`;

const read = (scratch: Scratch, keys: readonly string[]): Record<string, string> =>
  scratch.in("a", (_, ns) => Object.fromEntries(readSysctls(ns, keys)));
const write = (scratch: Scratch, values: Readonly<Record<string, string>>): void =>
  scratch.in("a", (_, ns) => {
    for (const [key, value] of Object.entries(values)) writeSysctl(ns, key, value);
  });

/** A namespace of somebody else with two links. */
function withLinks(scratch: Scratch): void {
  scratch.make("a");
  scratch.in("a", (netlink) => {
    netlink.addLink({ kind: "veth", name: "eth0", up: true, peer: { name: "eth0.far" } });
    netlink.setLink("eth0.far", { up: true });
  });
}

describeAsRoot("A sysctl of all links", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  const KEYS = [ALL, REDIRECTS, of("default"), of("eth0"), of("eth0/far"), ALL6, of("default", 6), of("eth0", 6)];
  const GIVEN = {
    [ALL]: "0",
    [REDIRECTS]: "0",
    [of("eth0")]: "1",
    [of("default")]: "1",
    [ALL6]: "0",
    [of("eth0", 6)]: "1",
  };
  const set = { namespaces: [{ name: "a", sysctls: { [ALL]: 1, [ALL6]: 1 } }] };

  it("leaves each link the value that somebody gave it, when it is no longer set", async () => {
    using scratch = new Scratch();
    withLinks(scratch);
    write(scratch, GIVEN);
    const initial = read(scratch, KEYS);
    for (const last of [{ namespaces: ["a"] }, undefined]) {
      assertEquals((await scratch.apply(set)).failed, []);
      assertEquals((await scratch.apply(set)).lines, []);
      if (last === undefined) await scratch.destroy(set);
      else await scratch.apply(last);
      assertEquals(read(scratch, KEYS), initial, JSON.stringify(last));
    }
    const one = { name: "x", type: "MACVLAN", namespace: "a", macvlan: { parent: "lo" } } as const;
    const { failed } = await scratch.apply({ ...set, interfaces: [one] }, { atomic: true });
    assertEquals([failed.length, read(scratch, KEYS)], [1, initial]);
  });

  it("leaves whether redirects are accepted, which the kernel changes with that of forwarding", async () => {
    using scratch = new Scratch();
    withLinks(scratch);
    for (const redirects of ["1", "0"]) {
      for (const meanwhile of [undefined, "1", "0"]) {
        write(scratch, { [ALL]: "0" });
        write(scratch, { [REDIRECTS]: redirects });
        await scratch.apply(set);
        assertEquals(read(scratch, [REDIRECTS]), { [REDIRECTS]: "0" });
        if (meanwhile !== undefined) write(scratch, { [REDIRECTS]: meanwhile });
        await scratch.destroy(set);
        const expected = meanwhile === "1" ? "1" : redirects;
        assertEquals(
          read(scratch, [ALL, REDIRECTS]),
          { [ALL]: "0", [REDIRECTS]: expected },
          `${redirects} ${meanwhile}`,
        );
      }
    }
    const both = { namespaces: [{ name: "a", sysctls: { [ALL]: 1, [REDIRECTS]: 1 } }] };
    assertEquals((await scratch.apply(both)).lines.length, 2);
    assertEquals((await scratch.apply(both)).lines, []);
    await scratch.destroy(both);
    assertEquals(read(scratch, [ALL, REDIRECTS]), { [ALL]: "0", [REDIRECTS]: "0" });
  });

  it("leaves what somebody set of a link meanwhile", async () => {
    using scratch = new Scratch();
    withLinks(scratch);
    write(scratch, { [ALL]: "0" });
    await scratch.apply(set);
    write(scratch, { [of("eth0")]: "0" });
    write(scratch, { [of("eth0/far")]: "1" });
    await scratch.destroy(set);
    assertEquals(read(scratch, [ALL, of("eth0"), of("eth0/far")]), {
      [ALL]: "0",
      [of("eth0")]: "0",
      [of("eth0/far")]: "0",
    });
    write(scratch, { [ALL]: "1" });
    const off = { namespaces: [{ name: "a", sysctls: { [ALL]: 0 } }] };
    await scratch.apply(off);
    write(scratch, { [of("eth0")]: "1" });
    await scratch.destroy(off);
    assertEquals(read(scratch, [ALL, of("eth0")]), { [ALL]: "1", [of("eth0")]: "1" });
  });

  it("goes with that of one link in one apply: set, changed, given back", async () => {
    using scratch = new Scratch();
    withLinks(scratch);
    write(scratch, { [ALL]: "0" });
    const both = (all: number, one: number) => ({
      namespaces: [{ name: "a", sysctls: { [of("eth0")]: one, [ALL]: all } }],
    });
    for (const [all, one] of [[1, 0], [0, 1], [1, 1], [1, 0]] as const) {
      await scratch.apply(both(all, one));
      assertEquals(read(scratch, [ALL, of("eth0")]), { [ALL]: `${all}`, [of("eth0")]: `${one}` });
      assertEquals((await scratch.apply(both(all, one))).lines, []);
    }
    await scratch.apply({ namespaces: [{ name: "a", sysctls: { [of("eth0")]: 1 } }] });
    assertEquals(read(scratch, [ALL, of("eth0")]), { [ALL]: "0", [of("eth0")]: "1" });
    await scratch.apply(both(1, 1));
    await scratch.apply({ namespaces: [{ name: "a", sysctls: { [of("eth0")]: 1 } }] });
    assertEquals(read(scratch, [ALL, of("eth0")]), { [ALL]: "0", [of("eth0")]: "1" }, "that of all is no longer set");
    await scratch.destroy({});
    assertEquals(read(scratch, [ALL, of("eth0")]), { [ALL]: "0", [of("eth0")]: "0" });
    const others = { namespaces: [{ name: "a", sysctls: { [of("default")]: 0, [ALL]: 1 } }] };
    await scratch.apply(others);
    assertEquals(read(scratch, [ALL, of("default")]), { [ALL]: "1", [of("default")]: "0" });
    assertEquals((await scratch.apply(others)).lines, []);
    await scratch.destroy({});
    assertEquals(read(scratch, [ALL, of("default")]), { [ALL]: "0", [of("default")]: "0" });
  });
});

describeAsRoot("disable_ipv6", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("is not set where somebody would lose addresses, which nothing brings back", async () => {
    using scratch = new Scratch();
    withLinks(scratch);
    scratch.in("a", (netlink) => netlink.addAddress("eth0", "fd01::1/64", { noDad: true }));
    for (const link of ["all", "eth0", "eth0/far"]) {
      const document = { namespaces: [{ name: "a", sysctls: { [`net.ipv6.conf.${link}.disable_ipv6`]: 1 } }] };
      const { failed } = await scratch.apply(document, { adopt: true });
      if (link === "eth0/far") assertEquals(failed, []);
      else assertMatch(failed[0]?.reason ?? "", /disable_ipv6 is not set: eth0 in .* would lose fd01::1\/64/);
      assertEquals(scratch.look("a").eth0?.addresses, ["fd01::1/64"]);
      await scratch.destroy(document);
    }
  });

  it("rests where the kernel lists a value in another order", async () => {
    using scratch = new Scratch();
    const key = "net.ipv4.ip_local_reserved_ports";
    const document = { namespaces: [{ name: "a", sysctls: { [key]: "9148,8080-8082,8083,5" } }] };
    assertEquals((await scratch.apply(document)).failed, []);
    assertEquals(read(scratch, [key]), { [key]: "5,8080-8083,9148" });
    assertEquals((await scratch.apply(document)).lines, []);
    await scratch.destroy({});
  });

  it("is shown nowhere where it is a secret, and not set where nothing could take it away", async () => {
    using scratch = new Scratch();
    const key = "net.ipv6.conf.default.stable_secret";
    const document = (secret: string): NetworkConfigInput => (
      { namespaces: [{ name: "a", sysctls: { [key]: secret, "net.ipv4.tcp_fastopen_key": "1-2-3-4" } }] }
    );
    const made = await scratch.apply(document("fd01::5"));
    assertEquals([made.failed, JSON.stringify(made).includes("fd01:")], [[], false]);
    assertEquals(made.lines.slice(1), [
      `namespace a: set ${key} of a (a secret)`,
      "namespace a: set net.ipv4.tcp_fastopen_key of a (a secret)",
    ]);
    assertEquals((await scratch.apply(document("fd01::5"))).lines, []);
    assertEquals((await scratch.apply(document("fd01::6"))).lines.length, 1);
    await scratch.destroy({});
    scratch.make("a");
    const { failed } = await scratch.apply(document("fd01::5"));
    assertMatch(failed[0]?.reason ?? "", /^net\.ipv6\.conf\.default\.stable_secret of .* is not set: it has no secret/);
    await scratch.destroy({});
  });

  it("is set of links of the file's own", async () => {
    using scratch = new Scratch();
    const document = (disable: number) => ({
      namespaces: [{ name: "a", sysctls: { "net.ipv6.conf.all.disable_ipv6": disable } }],
      interfaces: [{ name: "i", type: "IFB", namespace: "a", ipAddresses: disable === 1 ? [] : ["fd01::1/64"] }],
    } as const);
    await scratch.apply(document(0));
    assertEquals((await scratch.apply(document(1))).failed, []);
    assertEquals(scratch.look("a").i?.addresses, []);
    await scratch.destroy({});
  });
});

describeAsRoot("A sysctl of one link", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  const key = (link: string): string => `net.ipv4.conf.${link}.rp_filter`;
  const set = { namespaces: [{ name: "a", sysctls: { [key("eth0")]: "2" } }] };

  for (const again of [false, true]) {
    it(`is given back to that link under another name, ${again ? "and set of" : "not to"} the one that has its name`, async () => {
      using scratch = new Scratch();
      withLinks(scratch);
      const initial = read(scratch, [key("eth0")])[key("eth0")];
      assertEquals((await scratch.apply(set)).failed, []);
      scratch.in("a", (netlink) => {
        for (const name of ["eth0", "eth0.far"]) netlink.setLink(name, { up: false });
        netlink.setLink("eth0", { name: "old" });
        netlink.setLink("eth0.far", { name: "eth0" });
      });
      const theirs = again ? "1" : "2";
      write(scratch, { [key("eth0")]: theirs });
      if (again) {
        assertEquals((await scratch.apply(set)).failed, []);
        assertEquals(read(scratch, [key("eth0"), key("old")]), { [key("eth0")]: "2", [key("old")]: `${initial}` });
        assertEquals((await scratch.apply(set)).lines, []);
      }
      assertEquals((await scratch.destroy(set)).failed, []);
      assertEquals(read(scratch, [key("eth0"), key("old")]), { [key("eth0")]: theirs, [key("old")]: `${initial}` });
    });
  }
});
