/** What untyped code may give to a socket: each refusal names the value and what is expected. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import type { Netlink } from "@netns/netns";
import { describeAsRoot, traces } from "../support/traces.ts";
import { wired } from "./support.ts";
import { untyped } from "../../support/untyped.ts";

/** Each call, and what its refusal says. */
const WRONG: readonly (readonly [said: string, call: (netlink: Netlink) => unknown])[] = [
  ['"eth0" as a filter of addresses: expected an object', (netlink) => netlink.listAddresses(untyped("eth0"))],
  ['"eth0" as a filter of neighbours: expected an object', (netlink) => netlink.listNeighbours(untyped("eth0"))],
  ['"eth0" as a filter of routes: expected an object', (netlink) => netlink.listRoutes(untyped("eth0"))],
  ['["eth0"] as a filter of routes: expected an object', (netlink) => netlink.listRoutes(untyped(["eth0"]))],
  ["null as a filter of qdiscs: expected an object", (netlink) => netlink.listQdiscs(untyped(null))],
  ["undefined as a filter of classes: ", (netlink) => netlink.listClasses(untyped(undefined))],
  ["null as a filter of filters: ", (netlink) => netlink.listFilters(untyped(null))],
  ['"eth0" as a route: expected an object', (netlink) => netlink.addRoute(untyped("eth0"))],
  ["undefined as a neighbour: expected an object", (netlink) => netlink.addNeighbour(untyped(undefined))],
  ["null as a neighbour: expected an object", (netlink) => netlink.deleteNeighbour(untyped(null))],
  ["[] as a rule: expected an object", (netlink) => netlink.addRule(untyped([]))],
  ["null as table: expected a value", (netlink) => netlink.addRule(untyped({ table: null }))],
  ["null as family: expected a value", (netlink) => netlink.deleteRule(untyped({ family: null, table: 5 }))],
  ["NaN as table: expected a whole number", (netlink) => netlink.listRules({ table: NaN })],
  ['"5" as table: expected a whole number', (netlink) => netlink.listRules({ table: untyped("5") })],
  ["4294967296 as linkIndex: expected a whole number", (netlink) => netlink.listQdiscs({ linkIndex: 2 ** 32 })],
  ["1.5 as the index of a link: expected a whole number", (netlink) => netlink.getLink({ index: 1.5 })],
  ["-1 as the index of a link: expected a whole number", (netlink) => netlink.deleteLink({ index: -1 })],
  ["NaN as the index of a link: expected a whole number", (netlink) => netlink.setLink({ index: NaN }, { up: true })],
  ["undefined as the kind of a qdisc: expected a name", (netlink) => netlink.addQdisc(untyped({ linkIndex: 1 }))],
  ['{"kind":"pfifo"} as a qdisc: expected one with link', (netlink) => netlink.addQdisc(untyped({ kind: "pfifo" }))],
  ["undefined as address: ", (netlink) => netlink.addForwardingEntry(untyped({ linkIndex: 1 }))],
  ['{"fd":1.5} as a namespace: expected', (netlink) => netlink.getNamespaceId({ fd: 1.5 })],
];

describeAsRoot("Netlink, of what untyped code gives", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("names the value and what is expected", () => {
    using here = wired();
    const rules = here.netlink.listRules().length;
    for (const [said, call] of WRONG) {
      const { message } = assertThrows(() => call(here.netlink), Error);
      assert(message.startsWith(`Cannot use ${said}`), `${message}: not ${said}`);
    }
    assertEquals(here.netlink.listRules().length, rules);
  });
});
