import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { edgeLabel, endLabel, factsOf, notesOf, sectionsOf, titleOf } from "../../../src/graph/captions.ts";
import { edge, link, namespace } from "./pictures.ts";

describe("titleOf()", () => {
  it("names the default namespace, and quotes a name with control characters", () => {
    assertEquals([titleOf({ name: "PID:0" }), titleOf({ name: "a\nb" })], ["the default namespace", '"a\\nb"']);
  });
});

describe("notesOf()", () => {
  it("lists containers and other names, unless the title has them", () => {
    const fields = { containers: ["web", "db"], aliases: ["azure"] };
    assertEquals(notesOf(namespace("MICROSERVICE:web", [], fields)).map(({ text }) => text), [
      "container db",
      "also azure",
    ]);
  });

  it("repeats no reason that a link shows", () => {
    const notes = (links: Parameters<typeof namespace>[1]) => notesOf(namespace("blue", links, { pending: "no TAP" }));
    assertEquals(notes([link("a", { pending: "no TAP" })]), [{ text: "pending", pending: true }]);
    assertEquals(notes([link("a")]), [{ text: "pending: no TAP", pending: true }]);
  });
});

describe("factsOf()", () => {
  it("has kind, parent, state and an unusual MTU", () => {
    assertEquals(factsOf(link("v", { kind: "vlan", vlan: 7, on: "eth0", mtu: 1400 })), [
      "vlan 7",
      "on eth0",
      "up",
      "mtu 1400",
    ]);
    assertEquals(factsOf(link("v", { mtu: 1500, pending: "no peer" })), ["veth", "pending"]);
  });
});

describe("sectionsOf()", () => {
  const routes = (count: number) => Array.from({ length: count }, (_, i) => ({ destination: `10.${i}.0.0/16` }));

  it("has at most nine lines, of which the last counts the rest", () => {
    const lines = (count: number) => sectionsOf(namespace("blue", [], { routes: routes(count) }))[0]?.remarks;
    assertEquals([lines(8)?.length, lines(9)?.length, lines(20)?.length], [8, 9, 9]);
    assertEquals(lines(20)?.at(-1), { text: "and 12 more", pending: false });
  });

  it("has no section without entries", () => assertEquals(sectionsOf(namespace("blue")), []));
});

describe("endLabel(), edgeLabel()", () => {
  it("describe an edge", () => {
    const { to, ...one } = edge("blue/eth0", "PID:0/p0", { pending: "no peer" });
    assertEquals([endLabel(to), edgeLabel({ to, ...one })], ["p0 in the default namespace", "veth, pending"]);
    assertEquals(endLabel({ namespace: "shut" }), "shut");
  });
});
