import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { main } from "../../../../src/cli/main.ts";
import { fileJsonSchema } from "../../../../src/models/sections.ts";
import { fakeIo } from "../fake_io.ts";

describe("netns schema", () => {
  it("prints the JSON Schema of the file", async () => {
    const io = fakeIo();
    assertEquals(await main(["schema"], io), 0);
    assertEquals(JSON.parse(io.printed.join("\n")), fileJsonSchema());
  });
});
