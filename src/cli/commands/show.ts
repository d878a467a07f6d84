import { Command } from "npm:commander@15.1.0";
import type { Namespace } from "../../namespace.ts";
import { CompletedArgument, jsonOption, type JsonOptions } from "../arguments.ts";
import { ENTER_NAMESPACES, requireCapabilities } from "../capability_check.ts";
import type { Io } from "../io.ts";

const HELP = `
It shows the links of the namespaces with their addresses, masters, ports and
impairments, the routes of all tables, rules, static neighbours, the sysctls
that differ from those of a new namespace, and of nf_tables the tables that
netns made; by default of all namespaces that have a name: PID:0 is the default
one. A plan of the file has nothing to do, and an apply of it elsewhere makes
the same. What a file cannot describe is a comment in it and a line on standard
error: a pair needs the namespaces of both ends. A link that a configuration
uses and did not make is EXISTING, with what the configuration gave it. Of an
applied configuration, show all its namespaces: of a part of it, plan and apply
refuse what it owns.

Examples:
  sudo netns show >netns.yaml
  sudo netns show blue green --json`;

/** `netns show [NS…]`: prints what is there as a topology file. */
export function showCommand(io: Io): Command {
  return new Command("show")
    .description("print what is in namespaces, as a FILE that describes it")
    .addArgument(new CompletedArgument("[ns...]", "namespaces, as for exec", "namespace"))
    .addOption(jsonOption("print JSON instead of YAML"))
    .addHelpText("after", HELP)
    .action(async (words: readonly string[], { json }: JsonOptions) => {
      const { parseNamespace } = await import("../../namespace.ts");
      const { showNamespaces } = await import("../show_namespaces.ts");
      const namespaces: Namespace[] = words.map((text) => parseNamespace(text));
      requireCapabilities("show", ENTER_NAMESPACES);
      await showNamespaces(namespaces, { json }, io);
    });
}
