import { Command } from "npm:commander@15.1.0";
import { printable } from "../../../ffi/mod.ts";
import { inspectNamedNamespaces, type NamedNamespaceEntry } from "../../named/list.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json.ts";
import { type Cell, printTable } from "../terminal/table.ts";

const HELP = `
A stale file is what a crash leaves: no namespace is mounted on it. \`netns del\`
takes it away.

Example:
  netns ls --json`;

/** `netns ls`: the named namespaces. */
export function lsCommand(io: Io): Command {
  return new Command("ls")
    .description("list the network namespaces that have a name")
    .option("--json", 'print a JSON array of {"name", "path", "inode", "stale"} instead of a table')
    .addHelpText("after", HELP)
    .action((options: { json?: boolean }) => {
      const entries = inspectNamedNamespaces();
      if (options.json) io.print(jsonText(entries.map(toJson)));
      else if (entries.length > 0) printTable([["NAME", "INODE", "PATH"], ...entries.map(toRow)], [PATH, NAME], io);
    });
}

function toJson({ name, path, inode, stale }: NamedNamespaceEntry): Record<string, unknown> {
  // The kernel numbers these inodes with 32 bits.
  return { name, path, inode: inode === undefined ? null : Number(inode), stale };
}

/** The columns that a narrow terminal may cut; a path says little that the name does not. */
const [NAME, PATH] = [0, 2];

function toRow({ name, path, inode, stale }: NamedNamespaceEntry): Cell[] {
  return [printable(name), stale ? { text: "stale", colour: "yellow" } : `${inode ?? "?"}`, printable(path)];
}
