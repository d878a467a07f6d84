import { Command } from "npm:commander@15.1.0";
import { fileArgument, jsonOption, type JsonOptions } from "../arguments.ts";
import { CHANGE_NETWORK } from "../capability_check.ts";
import type { Io } from "../io.ts";
import { printReport, showProgress } from "../print_report.ts";

const HELP = `
An item that is gone already is not a failure. A namespace that still has
processes or other links stays, and is reported as pending.

Example:
  sudo netns destroy topology.yaml`;

/** `netns destroy FILE`: removes what the file describes. */
export function destroyCommand(io: Io): Command {
  return new Command("destroy")
    .description("remove what FILE describes, and nothing else")
    .addArgument(fileArgument())
    .addOption(jsonOption("print the report as JSON instead of a line for each step"))
    .addHelpText("after", HELP)
    .action(async (file: string, options: JsonOptions) => {
      const { configureFrom } = await import("../command_configurator.ts");
      const report = await configureFrom(file, "destroy", CHANGE_NETWORK, io, (configurator, config) => (
        configurator.destroy(config, { onProgress: showProgress(io) })
      ));
      printReport(report, options, io);
    });
}
