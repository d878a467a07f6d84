/** Links of the kinds that only Debian's kernel has: by `ip`, by specification and by what was listed they are the same. */
import { assertEquals } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import type { LinkSpec } from "@netns/netns";
import type { IpLink } from "../../../../e2e/ip_links.ts";
import { asFarAs, optionsOf } from "../../../../e2e/ip_options.ts";
import { Scene } from "../../../../e2e/ip_scene.ts";
import { traces } from "../../../../integration/support/traces.ts";
import { CASES } from "../../../../unit/netlink/link/kinds/cases.ts";

describe("Netlink.addLink() and getLink() of WireGuard and xfrm", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  for (const { command, spec, kernel } of CASES) {
    if (kernel !== "debian") continue;
    it(`are as ip: ${command}`, () => {
      using scene = new Scene();
      const { netlink } = scene;
      const options = (): IpLink["linkinfo"] => scene.json<IpLink>("-j -d link show x")[0]?.linkinfo;
      scene.ip(command);
      const theirs = options();
      const { kind, data } = netlink.getLink("x");
      assertEquals(kind, theirs?.info_kind);
      const said = optionsOf(kind, theirs?.info_data, (name) => netlink.getLink(name).index);
      if (data !== undefined) assertEquals(asFarAs(data, said), said);
      for (const again of [spec, { kind, ...data, name: "x" } as LinkSpec]) {
        netlink.deleteLink("x");
        netlink.addLink(again);
        assertEquals(options(), theirs);
      }
    });
  }
});
