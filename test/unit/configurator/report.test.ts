import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { describeLinks, describeProcesses } from "../../../src/configurator/report.ts";

describe("describeProcesses()", () => {
  it("names the first five processes", () => {
    assertEquals(describeProcesses(), undefined);
    assertEquals(describeProcesses([42]), "process 42 runs in it");
    assertEquals(describeProcesses([1, 2, 3, 4, 5, 6]), "6 processes run in it (1, 2, 3, 4, 5, …)");
  });
});

describe("describeLinks()", () => {
  it("names the first five links", () => {
    assertEquals(describeLinks([]), undefined);
    assertEquals(describeLinks(["eth0"]), "the link eth0 is in it");
    assertEquals(describeLinks(["a", "b"]), "the links a, b are in it");
    assertEquals(describeLinks(["a", "b", "c", "d", "e", "f"]), "the links a, b, c, d, e and others are in it");
  });
});
