import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { transactions } from "../../../src/etcd/transactions.ts";

/** How many writes each part has. */
const sizesOf = (lengths: readonly number[]): number[] =>
  [...transactions(lengths.map((length) => ({ key: "", value: "x".repeat(length) })))].map((part) => part.length);

describe("transactions()", () => {
  it("has at most 100 operations, and at most 256 Ki characters, in each", () => {
    assertEquals(sizesOf([]), []);
    assertEquals(sizesOf(Array.from({ length: 250 }, () => 1)), [100, 100, 50]);
    assertEquals(sizesOf([100_000, 100_000, 100_000, 300_000, 1]), [2, 1, 1, 1]);
  });

  it("keeps the order of what is written, and what deletes", () => {
    const writes = Array.from({ length: 101 }, (_, i) => ({ key: `${i}`, value: i % 2 === 0 ? "x" : undefined }));
    assertEquals([...transactions(writes)].flat(), writes);
  });
});
