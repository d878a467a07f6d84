import { Command } from "commander";
import { printable } from "../../ffi/mod.ts";
import { inspectNamedNamespaces, type NamedNamespaceEntry } from "../named/list.ts";
import type { Io } from "./io.ts";
import { table } from "./table.ts";

const HELP = `
A stale file is what a crash leaves: no namespace is mounted on it. \`netns del\` takes it away.

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
      if (options.json) io.print(JSON.stringify(entries.map(toJson)));
      else if (entries.length > 0) table([["NAME", "INODE", "PATH"], ...entries.map(toRow)]).forEach(io.print);
    });
}

function toJson({ name, path, inode, stale }: NamedNamespaceEntry): Record<string, unknown> {
  // The kernel numbers these inodes with 32 bits.
  return { name, path, inode: inode === undefined ? null : Number(inode), stale };
}

function toRow({ name, path, inode, stale }: NamedNamespaceEntry): string[] {
  return [printable(name), stale ? "stale" : `${inode}`, printable(path)];
}
