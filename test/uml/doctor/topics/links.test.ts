import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { linksTopic } from "../../../../src/doctor/topics/links.ts";
import { findings } from "../../../integration/doctor/findings.ts";

/** What User Mode Linux has no module for. */
const LACKING: readonly string[] = ["netkit", "wireguard", "xfrm"];

describe("linksTopic()", () => {
  it("makes a link of each kind", async () => {
    const found = await findings(linksTopic());
    assertEquals(Object.keys(found).length > 0, true);
    for (const { check, status, detail } of Object.values(found)) {
      const expected = LACKING.includes(check.split(" ").at(-1) ?? "") ? "warning" : "ok";
      assertEquals(status, expected, `${check}: ${detail}`);
    }
  });
});
