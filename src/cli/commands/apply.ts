import { Command } from "npm:commander@15.1.0";
import { configNameOption, fileArgument, jsonOption, type JsonOptions, type NameOptions } from "../arguments.ts";
import { CHANGE_NETWORK, requireCapabilities } from "../capability_check.ts";
import type { Io } from "../io.ts";
import { printReport, printWayBack, showProgress } from "../print_report.ts";

const HELP = `
It changes only what differs from FILE, so a second run changes nothing, and
only what this configuration made: what somebody else made and is in the way
fails its item. An item that waits for a container or another link is pending,
which is not a failure.

A configuration is remembered under the name in FILE, under --name, or under the
base name of FILE, which is then bound to its path.

Without FILE it applies netns.yaml of the working directory.

Examples:
  sudo netns apply topology.yaml
  generate-topology | sudo netns apply --name lab --json -`;

interface Options extends JsonOptions, NameOptions {
  readonly adopt?: boolean;
  readonly atomic?: boolean;
}

/** `netns apply FILE`: makes the network match the file. */
export function applyCommand(io: Io): Command {
  return new Command("apply")
    .description("make namespaces, links, addresses and routes match FILE")
    .addArgument(fileArgument("[file]"))
    .addOption(configNameOption())
    .option("--adopt", "take over what is in the way; destroy gives it back")
    .option("--atomic", "if anything fails, take back all that was done")
    .addOption(jsonOption("print the report as JSON instead of a line for each step"))
    .addHelpText("after", HELP)
    .action(async (given: string | undefined, { name, adopt, atomic, json }: Options) => {
      const { fileOrUsual, readNamedTopology } = await import("../topology_file.ts");
      const { printWarnings } = await import("../topology_warnings.ts");
      const { untilInterrupted, withConfigurator } = await import("../command_configurator.ts");
      const file = fileOrUsual(given, "apply");
      const config = await readNamedTopology(file, io, name);
      printWarnings(config, io);
      requireCapabilities("apply", CHANGE_NETWORK);
      const report = await withConfigurator(
        config,
        (configurator) =>
          untilInterrupted(io, (signal) =>
            configurator.apply(config, {
              adopt,
              atomic,
              signal,
              onProgress: showProgress(io),
              onWait: (reason) => io.complain(reason),
            })),
      );
      printReport(report, { json, wayBack: () => printWayBack(file, name, config.name, io) }, io);
    });
}
