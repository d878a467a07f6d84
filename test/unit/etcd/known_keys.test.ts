import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { KnownKeys, type SavedKeys } from "../../../src/etcd/known_keys.ts";

const at = (revision: number, cluster = "c1") => ({ cluster, revision });
const saved: SavedKeys = { position: at(10), held: undefined, values: new Map([["a", "1"], ["b", "2"]]) };
const valuesOf = (known: KnownKeys): [string, string][] => [...known.values];

describe("KnownKeys", () => {
  it("takes away what a list of the same cluster no longer has", () => {
    const known = new KnownKeys(saved);
    known.list(at(11), new Map([["b", "3"]]));
    assertEquals(valuesOf(known), [["b", "3"]]);
    assertEquals([known.held, known.position], [undefined, at(11)]);
  });

  it("takes away what is deleted, also the last key", () => {
    const known = new KnownKeys(saved);
    known.change(at(11), [{ key: "a", value: undefined }, { key: "b", value: undefined }]);
    assertEquals(valuesOf(known), []);
    known.list(at(12), new Map());
    assertEquals(known.held, undefined);
  });

  it("takes nothing away while another cluster answers, and keeps what it puts", () => {
    const known = new KnownKeys(saved);
    known.list(at(99, "c2"), new Map([["c", "3"]]));
    assertMatch(known.held ?? "", /^another cluster answers: c2, and not c1; .* --accept-empty$/);
    known.change(at(100, "c2"), [{ key: "a", value: undefined }, { key: "b", value: "9" }]);
    assertEquals(valuesOf(known), [["a", "1"], ["b", "9"], ["c", "3"]]);
    assertEquals(known.position, at(10));
  });

  it("takes nothing away at a revision below the last one", () => {
    const known = new KnownKeys(saved);
    known.list(at(9), new Map([["b", "2"]]));
    assertMatch(known.held ?? "", /^the cluster is at revision 9, and was at 10;/);
    assertEquals(valuesOf(known).length, 2);
  });

  it("takes nothing away that the store never had, whatever its revision", () => {
    const known = new KnownKeys(saved);
    known.list(at(99), new Map([["b", "2"]]), () => false, (key) => key !== "a");
    assertMatch(known.held ?? "", /^the cluster was restored: it never had a, .* --accept-empty$/);
    assertEquals([valuesOf(known).length, known.position], [2, at(10)]);
    const other = new KnownKeys(saved);
    other.list(at(99), new Map([["b", "2"]]), () => false, (key) => key === "a");
    assertEquals([other.held, valuesOf(other)], [undefined, [["b", "2"]]]);
  });

  it("remembers how far each layout was read, also while one cannot be, of the same cluster", () => {
    const known = new KnownKeys();
    known.list({ ...at(5), layouts: { v1: 5, v2: 5 } }, new Map([["a", "1"]]));
    known.change({ ...at(7), layouts: { v1: 7 } }, [{ key: "a", value: "2" }]);
    assertEquals(known.position, { ...at(7), layouts: { v1: 7, v2: 5 } });
    const other = new KnownKeys({ ...saved, position: { ...at(10), layouts: { v2: 10 } } }, true);
    other.list({ ...at(2, "c2"), layouts: { v1: 2 } }, new Map());
    assertEquals(other.position, { ...at(2, "c2"), layouts: { v1: 2 } });
  });

  it("takes nothing away because a list is empty", () => {
    const known = new KnownKeys(saved);
    known.list(at(11), new Map());
    assertMatch(known.held ?? "", /^the cluster has no key of this label/);
    assertEquals(valuesOf(known).length, 2);
  });

  it("stays on hold over restarts, until a start that accepts what there is", () => {
    const held = { ...saved, held: "for a test" };
    const known = new KnownKeys(held);
    known.list(at(20), new Map([["b", "2"]]));
    assertEquals([known.held, valuesOf(known).length], ["for a test", 2]);
    const other = new KnownKeys(held, true);
    assertEquals(valuesOf(other).length, 2);
    other.list(at(3, "c2"), new Map());
    assertEquals([other.held, valuesOf(other), other.position], [undefined, [], at(3, "c2")]);
    other.change(at(4, "c2"), [{ key: "z", value: "1" }]);
    other.list(at(5, "c2"), new Map());
    assert(other.held !== undefined, "only the first list is believed");
  });

  it("starts with nothing and believes an empty list then", () => {
    const known = new KnownKeys();
    known.list(at(1), new Map());
    assertEquals([known.held, known.isWhole], [undefined, true]);
  });

  it("believes no empty list if something was applied and what was saved is lost", () => {
    const known = new KnownKeys(undefined, false, true);
    known.list(at(1), new Map());
    assert(known.held !== undefined && !known.isWhole);
    const other = new KnownKeys(undefined, false, true);
    other.list(at(1), new Map([["a", "1"]]));
    assert(other.held === undefined && other.isWhole);
  });

  it("keeps the keys that a list could not have", () => {
    const known = new KnownKeys(saved);
    known.list(at(11), new Map(), (key) => key === "a" || key === "b");
    assertEquals([known.held, valuesOf(known).length], [undefined, 2]);
  });

  it("takes at most 100,000 keys, and keeps what it has", () => {
    const known = new KnownKeys(saved);
    const puts = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => ({ key: `k${from + index}`, value: "" }));
    known.change(at(11), puts(0, 60_000));
    assertThrows(() => known.change(at(12), puts(60_000, 60_000)), RangeError, "more than 100000 keys");
    assertEquals([known.values.size, known.position], [60_002, at(11)]);
    known.change(at(13), puts(0, 60_000)); // the same ones again
    assertEquals(known.values.size, 60_002);
  });

  it("takes at most 256 MiB, and keeps what it has", () => {
    const known = new KnownKeys(saved);
    const value = "x".repeat(64 * 1024 * 1024); // one text, many keys
    const put = (key: string): void => known.change(at(11), [{ key, value }]);
    for (const key of ["c", "d", "e", "e", "e"]) put(key);
    assertThrows(() => put("f"), RangeError, "256 MiB");
    assertEquals([...known.values.keys()], ["a", "b", "c", "d", "e"]);
  });
});
