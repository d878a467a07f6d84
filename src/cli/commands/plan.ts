import { Command } from "npm:commander@15.1.0";
import { configNameOption, fileArgument, jsonOption, type JsonOptions, type NameOptions } from "../arguments.ts";
import { ENTER_NAMESPACES, requireCapabilities } from "../capability_check.ts";
import type { Io } from "../io.ts";
import { printPlan } from "../print_report.ts";

const HELP = `
It names each namespace with its steps below: what is there, what comes, and
why, where FILE alone does not say it. Without FILE it plans netns.yaml of the
working directory.

Example:
  sudo netns plan topology.yaml`;

interface Options extends JsonOptions, NameOptions {
  readonly adopt?: boolean;
}

/** `netns plan FILE`: prints what apply would do. */
export function planCommand(io: Io): Command {
  return new Command("plan")
    .description("print what `netns apply FILE` would do, and change nothing")
    .addArgument(fileArgument("[file]"))
    .addOption(configNameOption())
    .option("--adopt", "plan as for apply --adopt")
    .addOption(jsonOption("print the plan as JSON instead of a line for each step"))
    .addHelpText("after", HELP)
    .action(async (given: string | undefined, { name, adopt, json }: Options) => {
      const { fileOrUsual, readTopology } = await import("../topology_file.ts");
      const { printWarnings } = await import("../topology_warnings.ts");
      const { withConfigurator } = await import("../command_configurator.ts");
      const config = await readTopology(fileOrUsual(given, "plan"), io, name);
      printWarnings(config, io);
      requireCapabilities("plan", ENTER_NAMESPACES);
      const plan = await withConfigurator(config, (configurator) => configurator.plan(config, { adopt }));
      printPlan(plan, { json }, io);
    });
}
