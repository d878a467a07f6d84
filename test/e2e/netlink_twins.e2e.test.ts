/** Random routes made by `ip`, many of them nearly the same: what was listed names exactly one of them. */
import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fc from "../support/properties.ts";
import { NetlinkError, type NsHandle, type Route } from "@netns/netns";
import { describeAsRoot, traces } from "../integration/support/traces.ts";
import { wired } from "../integration/netlink/support.ts";

const RTPROT_KERNEL = 2;

/** Few values of each selector, so that twins differ in one of them. */
const optional = (...values: readonly string[]): fc.Arbitrary<string> => fc.constantFrom("", ...values);
const WAYS4 = [
  "via 10.0.0.2",
  "via 10.0.0.3",
  "dev left",
  "dev right",
  "via 172.16.0.1 dev left onlink",
  "via inet6 fe80::9 dev left",
  "nexthop via 10.0.0.2 weight 3 nexthop via 10.0.0.3",
  "nexthop via 10.0.0.2 nexthop via 10.0.0.3 weight 3",
  "nexthop via 10.0.0.2 realm 5 nexthop via 10.0.0.3",
  "nhid 1",
  "nhid 2",
  "nhid 3",
  "nhid 10",
  "encap ip id 1 dst 10.0.0.9 dev left",
  "encap ip id 2 dst 10.0.0.9 dev left",
  "encap ip6 id 2 dst 2001:db8::9 dev left",
];
const route4 = fc.tuple(
  fc.constantFrom("add", "append"),
  optional("blackhole", "unreachable", "prohibit", "throw"),
  fc.constantFrom("10.1.0.0/16", "10.1.0.0/24", "default"),
  optional("tos 0x10", "tos 0x04"),
  optional("metric 5", "metric 6"),
  optional("table 100", "table 100000"),
  optional("proto static"),
  fc.constantFrom(...WAYS4),
  optional("realm 3", "realm 2/3"),
  optional("src 10.0.0.1"),
  optional("mtu 1300"),
).map(([verb, type, dst, tos, metric, table, protocol, way, realm, src, mtu]) => {
  const isPlain = !/^(nexthop|nhid)/.test(way);
  const parts = type === ""
    ? [dst, tos, metric, table, protocol, way, isPlain ? realm : "", src, mtu]
    : [type, dst, tos, metric, table, protocol];
  return ["route", verb, ...parts].filter((part) => part !== "").join(" ");
});
const WAYS6 = [
  "via 2001:db8::2",
  "via 2001:db8::3",
  "dev left",
  "dev right",
  "nexthop via 2001:db8::2 weight 3 nexthop via 2001:db8::3",
  "nhid 4",
  "nhid 5",
  "encap seg6 mode encap segs 2001:db8::a,2001:db8::b dev left",
  "encap seg6 mode inline segs 2001:db8::a dev left",
  "encap ip6 id 2 dst 2001:db8::9 dev left",
];
const route6 = fc.tuple(
  optional("blackhole", "unreachable", "prohibit", "throw"),
  fc.constantFrom("2001:db8:1::/48", "2001:db8:1::/64", "default"),
  optional("from 2001:db8:5::/48"),
  optional("metric 5", "metric 6"),
  optional("table 100"),
  optional("proto static"),
  optional("pref high", "pref low"),
  fc.constantFrom(...WAYS6),
).map(([type, dst, from, metric, table, protocol, pref, way]) => {
  const parts = type === ""
    ? [dst, from, metric, table, protocol, way, way.startsWith("nhid") ? "" : pref]
    : [type, dst, from, metric, table, protocol];
  return ["route add", ...parts].filter((part) => part !== "").join(" ");
});

const NEXT_HOPS6 = ["nexthop add id 4 via 2001:db8::2 dev left", "nexthop add id 5 blackhole"];
const NEXT_HOPS4 = [
  "nexthop add id 1 via 10.0.0.2 dev left",
  "nexthop add id 2 via 10.0.0.3 dev left",
  "nexthop add id 3 blackhole",
  "nexthop add id 10 group 1,3/2",
];

/** Runs `ip` with each line; lines that it refuses are left out, as a twin may be one too many. */
function ip(ns: NsHandle, family: "-4" | "-6", lines: readonly string[]): void {
  const input = lines.join("\n");
  const { error } = ns.run(() => spawnSync("ip", [family, "-force", "-batch", "-"], { input, encoding: "utf8" }));
  if (error !== undefined) throw error;
}

/** What `ip` shows of the routes that the kernel did not make. */
function shown(ns: NsHandle): string[] {
  return ["-4", "-6"].flatMap((family) => {
    const { stdout } = ns.run(() =>
      spawnSync("ip", [family, "-d", "-j", "route", "show", "table", "all"], { encoding: "utf8" })
    );
    const all: readonly { readonly protocol: string }[] = JSON.parse(stdout || "[]");
    return all.filter(({ protocol }) => protocol !== "kernel").map((one) => JSON.stringify(one));
  }).sort();
}

describeAsRoot("a listed route among its twins", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("is the one that is deleted, and comes back the same", () => {
    let checked = 0;
    fc.assert(
      fc.property(
        fc.array(route4, { minLength: 4, maxLength: 12 }),
        fc.array(route6, { maxLength: 8 }),
        (four, six) => {
          using here = wired();
          const { netlink, ns } = here;
          netlink.addAddress("left", "10.0.0.1/24");
          netlink.addAddress("left", "2001:db8::1/64", { noDad: true });
          ip(ns, "-4", [...NEXT_HOPS4, ...four]);
          ip(ns, "-6", [...NEXT_HOPS6, ...six]);
          const ours = (): Route[] => netlink.listRoutes().filter(({ protocol }) => protocol !== RTPROT_KERNEL);
          const texts = (routes: readonly Route[]): string[] => routes.map((one) => JSON.stringify(one)).sort();
          for (const route of ours()) {
            const [all, before] = [shown(ns), ours()];
            netlink.deleteRoute(route);
            const text = JSON.stringify(route);
            const left = [...texts(before)];
            left.splice(left.indexOf(text), 1);
            assertEquals(texts(ours()), left, `deleting ${text}`);
            try {
              netlink.addRoute(route);
            } catch (error) {
              // A twin with the same key, which `ip route append` made: the kernel adds no other.
              assert(error instanceof NetlinkError && error.code === "EEXIST", `${text}: ${error}`);
              continue;
            }
            assertEquals(shown(ns), all, `adding ${text}`);
            checked++;
          }
        },
      ),
      { numRuns: 12 },
    );
    assert(checked > 40, `${checked} routes`);
  });
});
