import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { qdiscsTopic } from "../../../../src/doctor/topics/qdiscs.ts";
import { findings } from "../../../integration/doctor/findings.ts";

describe("qdiscsTopic()", () => {
  it("makes a qdisc of each kind", async () => {
    const found = await findings(qdiscsTopic());
    assertEquals(Object.keys(found).length > 0, true);
    for (const { check, status, detail } of Object.values(found)) assertEquals(status, "ok", `${check}: ${detail}`);
  });
});
