import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { changesBetween } from "../../../src/named/watch.ts";

/** Names as `"live stale! fresh?"`: a fresh one is stale, too. */
const names = (text: string): Parameters<typeof changesBetween>[0] => {
  const all = text.split(" ").filter((word) => word !== "");
  const ending = (...ends: readonly string[]): Set<string> =>
    new Set(all.filter((word) => ends.some((end) => word.endsWith(end))).map((word) => word.slice(0, -1)));
  return {
    live: new Set(all.filter((word) => /\w$/.test(word))),
    stale: ending("!", "?"),
    fresh: ending("?"),
  };
};

/** What changed, as `"+added -removed"`, and what is fresh. */
function between(before: string, events: string, now: string): string {
  const list = events.split(" ").filter((word) => word !== "").map((word) => (
    { kind: word.startsWith("+") ? "added" as const : "removed" as const, name: word.slice(1) }
  ));
  const { changes, names: after } = changesBetween(names(before), list, names(now));
  const texts = changes.map(({ kind, name }) => `${kind === "added" ? "+" : "-"}${name}`);
  return [...texts, ...[...after.fresh].map((name) => `${name}?`)].join(" ");
}

describe("changesBetween()", () => {
  it("compares two reads, also where no event says why", () => {
    assertEquals(between("a b", "", "b c"), "-a +c");
    assertEquals(between("a", "", "a"), "");
  });

  it("takes a file without a namespace for a name once it has one, or has gone", () => {
    assertEquals(between("", "+a", "a!"), "a?");
    assertEquals(between("a?", "", "a!"), "a?");
    assertEquals(between("a?", "", "a"), "+a");
    assertEquals(between("a?", "-a", ""), "+a -a");
  });

  it("does not take a stale file for a name", () => {
    assertEquals(between("a!", "", "a!"), "");
    assertEquals(between("a!", "-a", ""), "");
  });

  it("yields what came and went between two reads, once", () => {
    assertEquals(between("", "+a +b -a -b", ""), "+a +b -a -b");
    assertEquals(between("", "+a", ""), "+a -a"); // it went after the events were taken
    assertEquals(between("", "-a", ""), "");
  });

  it("yields a name that another namespace got", () => {
    assertEquals(between("a", "-a +a", "a"), "-a +a");
    assertEquals(between("a", "-a +a", "a!"), "-a");
    assertEquals(between("a", "-a +a -a", ""), "-a");
  });

  it("does not yield twice what was read before its event was taken", () => {
    assertEquals(between("a", "+a", "a"), "");
    assertEquals(between("a", "+a -a", ""), "-a");
  });
});
