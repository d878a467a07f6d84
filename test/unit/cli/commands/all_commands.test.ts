import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals } from "@std/assert";
import { COMMANDS, SYNONYMS } from "../../../../src/cli/commands/all_commands.ts";
import { fakeIo } from "../fake_io.ts";

describe("COMMANDS", () => {
  it("has each command under its own name, with a description", async () => {
    for (const [name, load] of COMMANDS) {
      const command = (await load())(fakeIo());
      assertEquals(command.name(), name);
      assert(command.description() !== "", name);
    }
  });
});

describe("SYNONYMS", () => {
  it("leads from a name that is no command to one that is", () => {
    for (const [synonym, name] of SYNONYMS) {
      assert(!COMMANDS.has(synonym) && COMMANDS.has(name.split(" ")[0] ?? ""), synonym);
    }
  });
});
