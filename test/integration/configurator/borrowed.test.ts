/** What others have on a link that a file borrows or uses: it is there again when the link is given back. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { createTun, Netlink, type NetworkConfigInput } from "@netns/netns";
import { vethEnd } from "../../support/topologies.ts";
import { assertSameTraces, describeAsRoot, scratchName, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

const MACS = ["02:00:00:00:00:05", "02:00:00:00:00:06", "02:00:00:00:00:07"] as const;

/** A pair of which the kernel refuses an address. */
const REFUSED = [
  vethEnd("last", "tsal", { namespace: "blue", ipAddresses: ["::1/128"] }),
  vethEnd("tsal", "last", { namespace: "blue" }),
];

/** Somebody's link, what somebody has on it under a further name, and what of that is seen. */
interface Furnished {
  readonly what: string;
  readonly furnish: (netlink: Netlink, link: string, other: string) => void;
  readonly look: (netlink: Netlink, link: string, other: string) => unknown;
  /** What the file says of the link that takes it away. */
  readonly fields: { readonly mtu?: number; readonly master?: null };
}

const FURNISHED: readonly Furnished[] = [
  {
    what: "the entries of its bridge that do not age",
    furnish: (netlink, link, other) => {
      netlink.addLink({ kind: "bridge", name: other, up: true });
      netlink.setLink(link, { up: true, master: { name: other } });
      const [first, second, third] = MACS;
      netlink.addForwardingEntry({ link, address: first, state: "static", master: true });
      netlink.addForwardingEntry({ link, address: second, state: "static", sticky: true, master: true });
      netlink.addForwardingEntry({ link, address: third, state: "permanent", master: true });
    },
    look: (netlink, link) => (
      netlink.listForwardingEntries({ link }).filter(({ self, address }) =>
        !self && MACS.some((mac) => mac === address)
      )
        .map(({ address, vlan, state, sticky, master }) => [address, vlan, state, sticky, master]).sort()
    ),
    fields: { master: null },
  },
  {
    what: "the MTU of a MACVLAN on it",
    furnish: (netlink, link, other) => {
      netlink.setLink(link, { up: true });
      netlink.addLink({ kind: "macvlan", name: other, link });
    },
    look: (netlink, link, other) => [link, other].map((name) => netlink.getLink(name).mtu),
    fields: { mtu: 1400 },
  },
];

const failedItems = ({ failed }: { readonly failed: readonly { readonly item: string }[] }): string[] =>
  failed.map(({ item }) => item);

describeAsRoot("AUTO_TAP borrows and gives back whole:", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  for (const { what, furnish, look, fields: { mtu } } of FURNISHED) {
    it(what, async () => {
      using scratch = new Scratch();
      using host = Netlink.open();
      const name = `t${scratchName().slice(-8)}`;
      const other = `o${scratchName().slice(-8)}`;
      createTun({ name, mode: "tap", persistent: true }).close();
      try {
        furnish(host, name, other);
        const initial = look(host, name, other);
        const tap = { name: "t", type: "AUTO_TAP", tap: { tempIfName: name }, namespace: "blue", mtu } as const;
        const file: NetworkConfigInput = { interfaces: [{ ...tap, hostIfName: "eth0" }] };
        assertEquals(failedItems(await scratch.apply(file)), []);
        assertEquals((await scratch.apply(file)).lines, []);
        assertEquals(failedItems(await scratch.destroy(file)), []);
        assertEquals(look(host, name, other), initial);
        const interfaces = [...file.interfaces ?? [], ...REFUSED];
        assertEquals(failedItems(await scratch.apply({ interfaces }, { atomic: true })), ["interface last"]);
        assertEquals(look(host, name, other), initial, "after --atomic");
      } finally {
        for (const link of host.listLinks()) if (link.name === other) host.deleteLink(link);
        for (const link of host.listLinks()) if (link.name === name) host.deleteLink(link);
      }
    });
  }
});

describeAsRoot("EXISTING uses and gives back whole:", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  for (const { what, furnish, look, fields } of FURNISHED) {
    it(what, async () => {
      using scratch = new Scratch();
      scratch.make("blue");
      scratch.in("blue", (netlink) => {
        netlink.addLink({ kind: "veth", name: "e0", peer: { name: "e1" } });
        furnish(netlink, "e0", "o0");
      });
      const seen = (): unknown => scratch.in("blue", (netlink) => look(netlink, "e0", "o0"));
      const initial = seen();
      const used = { name: "e0", type: "EXISTING", namespace: "blue", enabled: true } as const;
      const file: NetworkConfigInput = { interfaces: [{ ...used, ...fields }] };
      assertEquals(failedItems(await scratch.apply(file)), []);
      assertNotEquals(seen(), initial);
      assertEquals((await scratch.apply(file)).lines, []);
      const less: NetworkConfigInput = { interfaces: [used] };
      assertEquals(failedItems(await scratch.apply(less)), []);
      assertEquals(seen(), initial, "no longer described");
      assertEquals((await scratch.apply(less)).lines, []);
      assertEquals(failedItems(await scratch.apply(file)), []);
      assertEquals(failedItems(await scratch.destroy(file)), []);
      assertEquals(seen(), initial);
      const interfaces = [...file.interfaces ?? [], ...REFUSED];
      assertEquals(failedItems(await scratch.apply({ interfaces }, { atomic: true })), ["interface last"]);
      assertEquals(seen(), initial, "after --atomic");
    });
  }
});
