import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { forwardDrops } from "../../../../src/configurator/plan/forward_drops.ts";
import type { NftObject } from "../../../../src/netlink/nftables/types.ts";

const OWN = "netns-lab";
const UPLINK = { item: "uplink blue", link: "up-blue", addresses: "10.200.1.0/30" };
const chain = (family: "ip" | "ip6" | "inet", table: string, policy: "drop" | "accept"): NftObject => (
  { chain: { family, table, name: "FORWARD", type: "filter", hook: "forward", prio: 0, policy } }
);
const rule = (value: string): NftObject => ({
  rule: {
    ...{ family: "ip", table: "filter", chain: "FORWARD" },
    expr: [{ match: { op: "==", left: { meta: { key: "iifname" } }, right: value } }, { accept: null }],
  },
});
const WHAT =
  "uplink blue: the chain FORWARD of the table ip filter, which is somebody else's, drops what is forwarded, " +
  "and no rule of it is for the uplink";

describe("forwardDrops()", () => {
  it("names the chains of others that drop what is forwarded, and what lets it through", () => {
    const present = [
      chain("ip", "filter", "drop"),
      rule("docker0"),
      chain("inet", "firewalld", "drop"),
      chain("ip6", "filter", "drop"),
      chain("inet", "mine", "accept"),
      chain("inet", "netns-lab", "drop"),
    ];
    assertEquals(forwardDrops(present, UPLINK, OWN), [
      {
        what: WHAT,
        remedy: "iptables -I FORWARD -i up-blue -j ACCEPT; iptables -I FORWARD -o up-blue -j ACCEPT",
      },
      {
        what: WHAT.replace("ip filter", "inet firewalld"),
        remedy: "nft insert rule inet 'firewalld' 'FORWARD' iifname up-blue accept; " +
          "nft insert rule inet 'firewalld' 'FORWARD' oifname up-blue accept",
      },
    ]);
  });

  it("names Docker's own chain, and nothing where a rule is for the uplink", () => {
    const docker: NftObject = { chain: { family: "ip", table: "filter", name: "DOCKER-USER" } };
    assertEquals(forwardDrops([chain("ip", "filter", "drop"), docker], UPLINK, OWN), [{
      what: WHAT,
      remedy: "iptables -I DOCKER-USER -i up-blue -j ACCEPT; iptables -I DOCKER-USER -o up-blue -j ACCEPT",
    }]);
    assertEquals(forwardDrops([chain("ip", "filter", "drop"), rule("up-blue")], UPLINK, OWN), []);
  });

  it("names the table of another configuration, and what that is to except; not that of the same one", () => {
    const table = (name: string, comment: string): NftObject => ({ table: { family: "inet", name, comment } });
    const of = (name: string, comment: string): NftObject[] => [table(name, comment), chain("inet", name, "drop")];
    const drops = (what: string) =>
      `uplink blue: the chain FORWARD of the table inet ${what}, drops what is forwarded, ` +
      "and no rule of it is for the uplink";
    const present = [
      ...of("netns-lab", "made by netns for lab"),
      ...of("netns-other", "made by netns for other"),
      ...of("netns-theirs", "by hand"),
      ...of("netns", "made by netns"),
    ];
    const except = "the exceptions { in: up-blue } and { out: up-blue }";
    assertEquals(forwardDrops(present, UPLINK, OWN).map(({ what, remedy }) => [what, remedy]), [
      [
        drops('netns-other, which the configuration "other" has made'),
        `give the firewall of the configuration "other" ${except}`,
      ],
      [
        drops("netns-theirs, which is somebody else's"),
        "nft insert rule inet 'netns-theirs' 'FORWARD' iifname up-blue accept; " +
        "nft insert rule inet 'netns-theirs' 'FORWARD' oifname up-blue accept",
      ],
      [drops("netns, which a configuration has made"), `give the firewall of a configuration ${except}`],
    ]);
  });

  it("names nothing where a rule is for a network that the uplink is in", () => {
    const pool = (addr: string): NftObject => ({
      rule: {
        ...{ family: "ip", table: "filter", chain: "FORWARD" },
        expr: [{
          match: {
            op: "==",
            left: { payload: { protocol: "ip", field: "saddr" } },
            right: { prefix: { addr, len: 16 } },
          },
        }, { accept: null }],
      },
    });
    assertEquals(forwardDrops([chain("ip", "filter", "drop"), pool("10.200.0.0")], UPLINK, OWN), []);
    assertEquals(forwardDrops([chain("ip", "filter", "drop"), pool("10.201.0.0")], UPLINK, OWN).length, 1);
  });
});
