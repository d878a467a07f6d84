import { Command } from "npm:commander@15.1.0";
import type { Configurator } from "../../configurator/configurator.ts";
import type { NetworkConfig } from "../../models/config.ts";
import type { Io } from "../io.ts";
import type { Capability } from "../privilege.ts";
import { printReport, progressTo, type ReportOptions } from "../report.ts";

const HELP = `
What is there already is left alone, so a second run changes nothing. What has
to wait for a container or another link is pending, and no failure.

Examples:
  sudo netns apply topology.yaml
  generate-topology | sudo netns apply --json -`;

const NEEDED: readonly Capability[] = ["CAP_NET_ADMIN", "CAP_SYS_ADMIN"];

/** `netns apply FILE`: makes the network what the file says. */
export function applyCommand(io: Io): Command {
  return new Command("apply")
    .description("make namespaces, links, addresses and routes as FILE describes them")
    .argument("<file>", "YAML or JSON; - is standard input")
    .option("--json", "print the report as JSON instead of a line for each step")
    .addHelpText("after", HELP)
    .action(async (file: string, options: ReportOptions) => {
      const { configureFrom } = await import("../configure.ts");
      const work = (configurator: Configurator, config: NetworkConfig) =>
        configurator.apply(config, { onProgress: progressTo(io) });
      printReport(await configureFrom(file, "apply", NEEDED, io, work), options, io);
    });
}
