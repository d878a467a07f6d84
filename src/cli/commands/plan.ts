import { Command } from "npm:commander@15.1.0";
import type { Configurator } from "../../configurator/configurator.ts";
import type { NetworkConfig } from "../../models/config.ts";
import type { Io } from "../io.ts";
import type { Capability } from "../privilege.ts";
import { printPlan, type ReportOptions } from "../report.ts";

const HELP = `
Example:
  sudo netns plan topology.yaml`;

/** To look into other namespaces. */
const NEEDED: readonly Capability[] = ["CAP_SYS_ADMIN"];

/** `netns plan FILE`: what apply would do. */
export function planCommand(io: Io): Command {
  return new Command("plan")
    .description("print what `netns apply FILE` would do, and do nothing")
    .argument("<file>", "YAML or JSON; - is standard input")
    .option("--json", "print the plan as JSON instead of a line for each step")
    .addHelpText("after", HELP)
    .action(async (file: string, options: ReportOptions) => {
      const { configureFrom } = await import("../configure.ts");
      const work = (configurator: Configurator, config: NetworkConfig) => configurator.plan(config);
      printPlan(await configureFrom(file, "plan", NEEDED, io, work), options, io);
    });
}
