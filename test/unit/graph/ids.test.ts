import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { Ids } from "../../../src/graph/ids.ts";
import { edge, link, namespace } from "./pictures.ts";

const ids = new Ids([namespace("a", [link("x"), link("y")]), namespace("b", [link("x")])]);

describe("Ids", () => {
  it("numbers namespaces, and links in each of them", () => {
    const ends = [{ namespace: "a" }, { namespace: "a", link: "y" }, { namespace: "b", link: "x" }];
    assertEquals(ends.map((end) => ids.of(end)), ["n0", "n0l1", "n1l0"]);
  });

  it("puts the end whose namespace comes first in front", () => {
    assertEquals(ids.ends(edge("b/x", "a/x")).map(({ namespace }) => namespace), ["a", "b"]);
  });
});
