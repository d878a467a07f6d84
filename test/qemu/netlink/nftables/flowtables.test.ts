/** Flowtables, which only Debian's kernel has: compared with what `nft` lists. */
import { spawnSync } from "node:child_process";
import { assert, assertEquals } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { type NftCommand, type NftObject, NsHandle } from "@netns/netns";
import { traces } from "../../../integration/support/traces.ts";

function nft(ns: NsHandle, args: readonly string[], input = ""): string {
  const { status, stdout, stderr } = ns.run(() => spawnSync("nft", args, { encoding: "utf8", input }));
  assertEquals(status, 0, stderr);
  return stdout;
}

/** What `nft` lists: neither flags of flowtables nor comments. */
function listedByNft(ns: NsHandle): readonly NftObject[] {
  const { nftables } = JSON.parse(nft(ns, ["-j", "list", "ruleset"])) as { nftables: NftObject[] };
  return nftables.filter((object) => "flowtable" in object || "rule" in object);
}

const T = { family: "inet", table: "t" } as const;

describe("flowtables of Nftables.apply(), list()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("are listed as nft lists them, deleted as listed and added again", () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    netlink.addLink({ kind: "veth", name: "v0", peer: { name: "v1" } });
    nft(
      ns,
      ["-f", "-"],
      `table inet t {
        flowtable one { hook ingress priority 5; devices = { v0, v1 }; counter; }
        flowtable other { hook ingress priority filter - 10; devices = { lo }; }
        chain forward { type filter hook forward priority 0; ip protocol { tcp, udp } flow add @one; }
      }`,
    );
    using nftables = ns.nftables();
    const listed = nftables.list();
    const withoutFlags: readonly NftObject[] = listed.filter((object) => "flowtable" in object || "rule" in object).map(
      (object) => {
        if (!("flowtable" in object)) return object;
        const { flags: _flags, ...flowtable } = object.flowtable;
        return { flowtable };
      },
    );
    assertEquals(withoutFlags, listedByNft(ns));
    const flowtables = listed.flatMap((object) => "flowtable" in object ? [object.flowtable] : []);
    assertEquals(flowtables.map(({ name, prio, flags }) => [name, prio, flags]), [
      ["one", 5, "counter"],
      ["other", -10, undefined],
    ]);
    const comparable = () =>
      JSON.parse(JSON.stringify(nftables.list(), (key, one) => key === "handle" ? undefined : one));
    const wanted = comparable();
    nftables.apply(listed.toReversed().map((object): NftCommand => ({ delete: object })));
    assertEquals(nftables.list(), []);
    nftables.apply(listed);
    assertEquals(comparable(), wanted);
    nftables.apply([{ delete: { table: { family: "inet", name: "t" } } }]);
  });

  it("are made one by one, and deleted", () => {
    using ns = NsHandle.create();
    using nftables = ns.nftables();
    const flowtable = { ...T, name: "f", hook: "ingress", prio: 0, dev: "lo" } as const;
    nftables.apply([{ add: { table: { family: "inet", name: "t" } } }, { add: { flowtable } }]);
    const [found] = nftables.list().flatMap((object) => "flowtable" in object ? [object.flowtable] : []);
    assert(found !== undefined);
    assertEquals({ ...found, handle: undefined }, { ...flowtable, handle: undefined });
    nftables.apply([{ delete: { flowtable: { ...T, name: "f" } } }]);
    assertEquals(nftables.list().length, 1);
  });
});
