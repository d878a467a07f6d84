import { Command } from "npm:commander@15.1.0";
import type { Configurator } from "../../configurator/configurator.ts";
import type { ApplyReport } from "../../configurator/report.ts";
import { configNameOption, fileArgument, jsonOption, type JsonOptions, type NameOptions } from "../arguments.ts";
import { CHANGE_NETWORK, requireCapabilities } from "../capability_check.ts";
import type { Io } from "../io.ts";
import { printReport, showProgress } from "../print_report.ts";

const HELP = `
It takes away what this configuration made, and gives back what it adopted or
borrowed. An item that is gone already is not a failure. A namespace that still
has processes or other links stays, and is reported as pending.

What was applied is remembered: --name needs no FILE, and a FILE that is gone or
has faults is enough. If nothing is remembered, nothing is taken away.

Examples:
  sudo netns destroy topology.yaml
  sudo netns destroy --name lab`;

interface Options extends JsonOptions, NameOptions {
  readonly adopt?: boolean;
}

/** `netns destroy FILE`: removes what the file describes. */
export function destroyCommand(io: Io): Command {
  return new Command("destroy")
    .description("take away what apply made of FILE, and nothing else")
    .addArgument(fileArgument("[file]"))
    .addOption(configNameOption())
    .option("--adopt", "if nothing is remembered, take away what matches FILE exactly")
    .addOption(jsonOption("print the report as JSON instead of a line for each step"))
    .addHelpText("after", HELP)
    .action(async (file: string | undefined, { name, adopt, json }: Options) => {
      const { destroyTarget } = await import("../destroy_target.ts");
      const commands = await import("../command_configurator.ts");
      const { config, isRemembered } = await destroyTarget(file, name, io);
      requireCapabilities("destroy", CHANGE_NETWORK);
      const work = (configurator: Configurator): Promise<ApplyReport> =>
        commands.untilInterrupted(io, (signal) =>
          configurator.destroy(config, {
            adopt,
            signal,
            onProgress: showProgress(io),
            onWait: (reason) => io.complain(reason),
          }));
      const report =
        await (isRemembered ? commands.withRememberedConfigurator(work) : commands.withConfigurator(config, work));
      printReport(report, { json }, io);
    });
}
