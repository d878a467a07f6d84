import { Command } from "npm:commander@15.1.0";
import { fileArgument, jsonOption, type JsonOptions } from "../arguments.ts";
import { CHANGE_NETWORK } from "../capability_check.ts";
import type { Io } from "../io.ts";
import { printReport, showProgress } from "../print_report.ts";

const HELP = `
It changes only what differs from FILE, so a second run changes nothing. An item
that waits for a container or another link is pending, which is not a failure.

Examples:
  sudo netns apply topology.yaml
  generate-topology | sudo netns apply --json -`;

/** `netns apply FILE`: makes the network match the file. */
export function applyCommand(io: Io): Command {
  return new Command("apply")
    .description("make namespaces, links, addresses and routes match FILE")
    .addArgument(fileArgument())
    .addOption(jsonOption("print the report as JSON instead of a line for each step"))
    .addHelpText("after", HELP)
    .action(async (file: string, options: JsonOptions) => {
      const { configureFrom } = await import("../command_configurator.ts");
      const report = await configureFrom(file, "apply", CHANGE_NETWORK, io, (configurator, config) => (
        configurator.apply(config, { onProgress: showProgress(io) })
      ));
      printReport(report, options, io);
    });
}
