import { Command } from "npm:commander@15.1.0";
import type { Io } from "../io.ts";

const HELP = `
An editor that knows the schema completes the fields of a file, says what they
take, and underlines what is wrong. A comment at the top of the file names it to
the YAML language server:
  # yaml-language-server: $schema=netns.schema.json

Faults between items no schema can say: netns validate finds them all.

Example:
  netns schema >netns.schema.json`;

/** `netns schema`: prints the JSON Schema of the topology file. */
export function schemaCommand(io: Io): Command {
  return new Command("schema")
    .description("print the JSON Schema of the topology file, for editors")
    .addHelpText("after", HELP)
    .action(async () => {
      const { fileJsonSchema } = await import("../../models/sections.ts");
      io.print(JSON.stringify(fileJsonSchema(), undefined, 2));
    });
}
