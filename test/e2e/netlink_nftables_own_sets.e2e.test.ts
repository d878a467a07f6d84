/** Rules with sets and maps of their own and more that the library does not know, and large counters: listed, and applied as they are. */
import { spawnSync } from "node:child_process";
import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { NsHandle } from "@netns/netns";
import { describeAsRoot, traces } from "../integration/support/traces.ts";

function nft(ns: NsHandle, args: readonly string[], input = ""): string {
  const { status, stdout, stderr } = ns.run(() => spawnSync("nft", args, { input, encoding: "utf8" }));
  assertEquals(status, 0, stderr);
  return stdout;
}

const FILTER = "type filter hook prerouting priority mangle";

const RULESETS: readonly string[] = [
  `counter a { packets 1 bytes 2; }; counter b { }; chain c { counter name tcp dport map { 80 : "a", 443 : "b" }; }`,
  `quota a { 5 mbytes; }; chain c { quota name ip saddr map { 192.0.2.0/25 : "a" }; }`,
  `limit a { rate 5/second; }; chain c { limit name ip saddr . tcp dport map { 192.0.2.1 . 80 : "a" }; }`,
  `ct helper f { type "ftp" protocol tcp; }; chain c { ${FILTER}; ct helper set tcp dport map { 21 : "f" }; }`,
  "counter a { packets 9007199254740993 bytes 18446744073709551615; }",
  "chain c { counter packets 9007199254740993 bytes 9007199254740995 accept; quota over 9007199254740993 bytes drop; }",
  "set s { type ipv4_addr; counter; elements = { 192.0.2.1 counter packets 9007199254740993 bytes 9007199254740995 }; }",
  "quota q { 9007199254740993 bytes used 9007199254740992 bytes; }",
  "chain c { tcp dport { 80, 81 } tcp option maxseg size set rt mtu; }",
  "chain c { jhash ip saddr mod 2 vmap { 0 : accept, 1 : drop }; tcp option maxseg size { 500, 600-700 } accept; }",
  "chain c { ip saddr . tcp dport { 192.0.2.1 . 80, 192.0.2.2 . 81-85 } dup to 192.0.2.3; }",
  `chain c { ${FILTER}; ip saddr { 192.0.2.0/24, 198.51.100.1-198.51.100.9 } osf name "Linux"; }`,
  `chain c { ${FILTER}; socket transparent 1 meta mark set tcp dport map { 80 : 5 }; }`,
  `set s { type ipv4_addr; }; chain c { ip saddr @s rt mtu { 1000, 1400 } tcp dport { ${
    Array.from({ length: 250 }, (_, i) => 2 * i + 1).join(", ")
  } }; }`,
];

describeAsRoot("Nftables.list() and apply()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  for (const ruleset of RULESETS) {
    it(`give back what is there: ${ruleset.slice(0, 100)}`, () => {
      using ns = NsHandle.create();
      nft(ns, ["-f", "-"], `table ip t { ${ruleset}; }`);
      // As text, since numbers of JSON have no 64 bits.
      const look = (): string => nft(ns, ["-j", "list", "ruleset"]).replaceAll(/"handle": \d+/g, "");
      const theirs = look();
      assert(theirs.includes('"t"'));
      using nftables = ns.nftables();
      const listed = nftables.list();
      nftables.apply([{ flush: { ruleset: null } }, ...listed]);
      assertEquals(look(), theirs);
      // The order of elements as bytes is the kernel's.
      const plain = (value: unknown): string =>
        JSON.stringify(value, (key, one: unknown) => (
          key === "handle"
            ? undefined
            : typeof one === "bigint"
            ? `${one}`
            : one instanceof Uint8Array
            ? one.length
            : one
        ));
      assertEquals(plain(nftables.list()), plain(listed));
    });
  }
});
