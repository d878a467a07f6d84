import { Command } from "npm:commander@15.1.0";
import { fileArgument, jsonOption, type JsonOptions } from "../arguments.ts";
import { ReportedError } from "../errors.ts";
import type { Io } from "../io.ts";

const HELP = `
Faults are what no apply takes: a field that there is not, a value that is none,
items that do not go together. Warnings are what is mostly a mistake: two MTUs
at the ends of a pair, an address twice, a gateway outside of every network.
The exit status is 1 with faults, and 0 with warnings only. Without FILE it
checks netns.yaml of the working directory.

Example:
  netns validate topology.yaml`;

/** `netns validate FILE`: checks a topology file; the kernel is not asked. */
export function validateCommand(io: Io): Command {
  return new Command("validate")
    .description("check a topology file, without privileges and without a look at the machine")
    .addArgument(fileArgument("[file]"))
    .addOption(jsonOption("print faults and warnings as JSON"))
    .addHelpText("after", HELP)
    .action(async (given: string | undefined, { json = false }: JsonOptions) => {
      const { fileOrUsual, readTopology } = await import("../topology_file.ts");
      const { ConfigError, reasonOf, shown } = await import("../../errors.ts");
      const { configWarnings } = await import("../../models/warnings.ts");
      const { printWarnings } = await import("../topology_warnings.ts");
      const { jsonText } = await import("../json_text.ts");
      const file = fileOrUsual(given, "validate");
      try {
        const config = await readTopology(file, io);
        if (json) io.print(jsonText({ version: 1, faults: [], warnings: configWarnings(config) }));
        else {
          printWarnings(config, io);
          io.print("no faults");
        }
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        // What is no scalar may be large: as in the message.
        const textOf = (value: unknown) => typeof value === "object" && value !== null ? shown(value) : value ?? null;
        const faults = error.issues.map(({ path, value, expected }) => ({ path, value: textOf(value), expected }));
        if (json) io.print(jsonText({ version: 1, faults, warnings: [] }));
        else io.complain(`error: ${reasonOf(error)}`);
        throw new ReportedError("the file has faults");
      }
    });
}
