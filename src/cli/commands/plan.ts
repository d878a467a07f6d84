import { Command } from "npm:commander@15.1.0";
import { fileArgument, jsonOption, type JsonOptions } from "../arguments.ts";
import { ENTER_NAMESPACES } from "../capability_check.ts";
import type { Io } from "../io.ts";
import { printPlan } from "../print_report.ts";

const HELP = `
Example:
  sudo netns plan topology.yaml`;

/** `netns plan FILE`: prints what apply would do. */
export function planCommand(io: Io): Command {
  return new Command("plan")
    .description("print what `netns apply FILE` would do, and change nothing")
    .addArgument(fileArgument())
    .addOption(jsonOption("print the plan as JSON instead of a line for each step"))
    .addHelpText("after", HELP)
    .action(async (file: string, options: JsonOptions) => {
      const { configureFrom } = await import("../command_configurator.ts");
      const plan = await configureFrom(file, "plan", ENTER_NAMESPACES, io, (configurator, config) => (
        configurator.plan(config)
      ));
      printPlan(plan, options, io);
    });
}
