import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { rankOfSysctl, spreadKeys, spreadsTo, spreadValue } from "../../../src/sysctl/spreading.ts";

const FOUR = "net.ipv4.conf.";
const SIX = "net.ipv6.conf.";

describe("spreadsTo()", () => {
  it("knows what the kernel sets with another one", () => {
    const pairs: readonly (readonly [written: string, key: string, spreads: boolean])[] = [
      ["net.ipv4.ip_forward", `${FOUR}e0.forwarding`, true],
      ["net.ipv4.ip_forward", `${FOUR}default.forwarding`, true],
      ["net.ipv4.ip_forward", `${FOUR}all.accept_redirects`, true],
      ["net.ipv4.ip_forward", `${SIX}e0.forwarding`, false],
      ["net.ipv4.ip_forward", "net.ipv4.ip_default_ttl", false],
      [`${FOUR}all.forwarding`, `${FOUR}v/5.forwarding`, true],
      [`${FOUR}all.rp_filter`, `${FOUR}e0.rp_filter`, false],
      [`${FOUR}default.rp_filter`, `${FOUR}e0.rp_filter`, true],
      ["net.ipv6.neigh.default.gc_stale_time", "net.ipv6.neigh.e0.gc_stale_time", true],
      [`${FOUR}default.rp_filter`, `${FOUR}all.rp_filter`, false],
      [`${FOUR}default.rp_filter`, `${FOUR}e0.proxy_arp`, false],
      [`${FOUR}e0.forwarding`, `${FOUR}e1.forwarding`, false],
      [`${SIX}all.disable_ipv6`, `${SIX}default.disable_ipv6`, true],
      [`${SIX}all.forwarding`, `${SIX}e0.forwarding`, true],
      [`${SIX}all.accept_ra`, `${SIX}e0.accept_ra`, false],
      [`${SIX}default.forwarding`, `${SIX}e0.forwarding`, false],
    ];
    for (const [written, key, expected] of pairs) assertEquals(spreadsTo(written, key), expected, `${written} ${key}`);
  });

  it("sets the opposite of whether redirects are accepted", () => {
    const key = `${FOUR}all.accept_redirects`;
    assertEquals(["0", "1", "2"].map((value) => spreadValue(key, value)), ["1", "0", "0"]);
    assertEquals(spreadValue(`${FOUR}e0.forwarding`, "1"), "1");
    assertEquals(spreadKeys("net.ipv4.ip_forward", ["e0"]), [`${FOUR}default.forwarding`, `${FOUR}e0.forwarding`, key]);
    assertEquals(spreadKeys(`${SIX}all.forwarding`, []), [`${SIX}default.forwarding`]);
  });

  it("comes before what it sets, by its rank", () => {
    const keys = [
      `${SIX}e0.mtu`,
      "net.core.somaxconn",
      `${SIX}default.mtu`,
      `${SIX}all.forwarding`,
      "net.ipv4.ip_forward",
    ];
    assertEquals(keys.map(rankOfSysctl), [4, 3, 2, 1, 0]);
  });
});
