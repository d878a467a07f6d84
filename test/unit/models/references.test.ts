import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { InvalidNamespaceError, namedNs, pidNs, readConfig } from "@netns/netns";
import { InterfaceIndex, namespaceOfItem } from "../../../src/models/references.ts";

const { interfaces } = readConfig({
  interfaces: [
    { name: "a", namespace: "blue", hostIfName: "eth0", veth: { peerIfName: "b" } },
    { name: "b", namespace: "green", hostIfName: "eth0", veth: { peerIfName: "a" } },
    { name: "c", hostIfName: "wan", veth: { peerIfName: "d" } },
  ],
});

describe("namespaceOfItem()", () => {
  it("gives the union, or undefined", () => {
    assertEquals(interfaces.map((one) => namespaceOfItem(one)), [namedNs("blue"), namedNs("green"), undefined]);
    assertEquals(namespaceOfItem({ namespace: { type: 0 } }), pidNs(0));
    assertThrows(() => namespaceOfItem({ namespace: { type: 2 } }), InvalidNamespaceError);
  });
});

describe("InterfaceIndex", () => {
  const index = new InterfaceIndex(interfaces);

  it("finds an interface by its name, or by its host name in a namespace", () => {
    const green = { type: 2, name: "green" } as const;
    const found = [
      { interface: "a" },
      { interface: "eth0", namespace: green },
      { interface: "a", namespace: green }, // that one is in blue
      { interface: "wan", namespace: { type: 0, pid: 0 } as const },
      { interface: "eth0" },
    ].map((reference) => index.find(reference)?.name);
    assertEquals(found, ["a", "b", undefined, "c", undefined]);
  });

  it("gives the namespace of a reference: its own, or that of its interface", () => {
    assertEquals(index.namespaceOf({ interface: "a" }), namedNs("blue"));
    assertEquals(index.namespaceOf({ interface: "a", namespace: { type: 2, name: "red" } }), namedNs("red"));
    assertEquals(index.namespaceOf({ interface: "nothing" }), undefined);
  });
});
