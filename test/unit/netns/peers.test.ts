import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { arePeers, type NamespaceWithIds } from "../../../src/netns/peers.ts";

class Fake implements NamespaceWithIds<Fake> {
  constructor(readonly ids: ReadonlyMap<string, number>, readonly name: string) {}

  namespaceId({ name }: Fake): number | undefined {
    return this.ids.get(name);
  }
}

const a = new Fake(new Map([["b", 0]]), "a");
const b = new Fake(new Map([["a", 4]]), "b");
const c = new Fake(new Map(), "c");

describe("arePeers()", () => {
  it("compares the indices of both ends and the id of the other namespace", () => {
    const left = { index: 2, kind: "veth", peerIndex: 3, peerNamespaceId: 0 };
    const right = { index: 3, kind: "veth", peerIndex: 2, peerNamespaceId: 4 };
    assertEquals([arePeers(a, left, b, right), arePeers(b, right, a, left)], [true, true]);
    assertEquals(arePeers(a, left, c, right), false, "of another namespace");
    assertEquals(arePeers(a, left, b, { ...right, peerIndex: 5 }), false);
    assertEquals(arePeers(a, { ...left, kind: "macvlan" }, b, right), false);
  });

  it("knows pairs within one namespace, which have no id", () => {
    const [left, right] = [{ index: 2, kind: "veth", peerIndex: 3 }, { index: 3, kind: "veth", peerIndex: 2 }];
    assertEquals(arePeers(a, left, a, right), true);
    assertEquals(arePeers(a, { ...left, peerNamespaceId: 0 }, a, right), false);
    assertEquals(arePeers(a, left, b, right), false);
  });
});
