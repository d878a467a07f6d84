/** Tunnels of which routes and filters say where each packet goes, and others of the kinds that are bytes here: made of what is listed. */
import { assert, assertEquals } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import type { LinkSpec, OtherLinkSpec } from "@netns/netns";
import { Scene } from "../../../../e2e/ip_scene.ts";
import type { IpLink } from "../../../../e2e/ip_links.ts";

/** The index of each `x`: an `ip` that goes on running looks a name up once. */
const INDEX = 50;

const ENDS = "local 192.0.2.1 remote 192.0.2.2";
const ENDS6 = "local 2001:db8::1 remote 2001:db8::2";

const TUNNELS: readonly string[] = [
  ...["gre", "gretap", "ip6gre", "ip6gretap", "ipip", "sit", "ip6tnl", "geneve"].map((kind) => `${kind} external`),
  "ipip external mode any",
  "vxlan external dstport 4789",
  "vxlan external vnifilter dstport 4789",
  `erspan seq key 100 ${ENDS} erspan_ver 0`,
  `ip6erspan seq key 100 ${ENDS6} erspan_ver 2 erspan_dir ingress erspan_hwid 3`,
  `vti ${ENDS} key 3`,
  `vti6 ${ENDS6} key 3`,
];

describe("Netlink.getLink() and addLink() of tunnels", () => {
  let scene: Scene;
  before(() => void (scene = new Scene()));
  after(() => scene[Symbol.dispose]());

  for (const tunnel of TUNNELS) {
    it(`make what is listed again: ${tunnel}`, () => {
      const { netlink } = scene;
      if (netlink.listLinks().some(({ name }) => name === "x")) netlink.deleteLink("x"); // of a case that failed
      scene.ask(`link add x index ${INDEX} type ${tunnel}`);
      const shown = (): unknown => {
        const [link] = JSON.parse(scene.ask("link show x")) as IpLink[];
        return link?.linkinfo;
      };
      const theirs = shown();
      const { kind, data, rawData } = netlink.getLink("x");
      assert(kind !== undefined && (data ?? rawData) !== undefined, tunnel);
      netlink.deleteLink("x");
      const listed: LinkSpec | OtherLinkSpec = rawData === undefined
        ? { kind, ...data, name: "x", index: INDEX } as LinkSpec
        : { kind, data: rawData, name: "x", index: INDEX };
      netlink.addLink(listed);
      assertEquals(shown(), theirs);
      netlink.deleteLink("x");
    });
  }
});
