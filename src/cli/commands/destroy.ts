import { Command } from "npm:commander@15.1.0";
import type { Configurator } from "../../configurator/configurator.ts";
import type { NetworkConfig } from "../../models/config.ts";
import type { Io } from "../io.ts";
import type { Capability } from "../privilege.ts";
import { printReport, progressTo, type ReportOptions } from "../report.ts";

const HELP = `
What is gone already is no failure. A namespace in which processes run or other
links live is left, and reported as pending.

Example:
  sudo netns destroy topology.yaml`;

const NEEDED: readonly Capability[] = ["CAP_NET_ADMIN", "CAP_SYS_ADMIN"];

/** `netns destroy FILE`: takes away what the file describes. */
export function destroyCommand(io: Io): Command {
  return new Command("destroy")
    .description("take away what FILE describes, and nothing else")
    .argument("<file>", "YAML or JSON; - is standard input")
    .option("--json", "print the report as JSON instead of a line for each step")
    .addHelpText("after", HELP)
    .action(async (file: string, options: ReportOptions) => {
      const { configureFrom } = await import("../configure.ts");
      const work = (configurator: Configurator, config: NetworkConfig) =>
        configurator.destroy(config, { onProgress: progressTo(io) });
      printReport(await configureFrom(file, "destroy", NEEDED, io, work), options, io);
    });
}
