import { Command } from "npm:commander@15.1.0";
import { printable } from "../../../ffi/mod.ts";
import { inspectNamedNamespaces, type NamedNamespaceEntry } from "../../named/list.ts";
import { jsonOption, type JsonOptions } from "../arguments.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json_text.ts";
import { type Cell, printTable } from "../terminal/table.ts";

const HELP = `
A stale file is what a crash leaves: no namespace is mounted on it. \`netns del\`
removes it. Where a namespace of another type is mounted, its type stands in
place of the inode (in JSON, as "otherType"); no command here uses it.

Example:
  netns ls --json`;

/** `netns ls`: lists the named namespaces. */
export function lsCommand(io: Io): Command {
  return new Command("ls")
    .description("list the named network namespaces")
    .addOption(jsonOption('print a JSON array of {"name", "path", "inode", "stale"} instead of a table'))
    .addHelpText("after", HELP)
    .action((options: JsonOptions) => {
      const entries = inspectNamedNamespaces();
      if (options.json) io.print(jsonText(entries.map(toJson)));
      else if (entries.length > 0) printTable([["NAME", "INODE", "PATH"], ...entries.map(toRow)], [PATH, NAME], io);
    });
}

function toJson({ name, path, inode, stale, otherType }: NamedNamespaceEntry): Record<string, unknown> {
  // Inode numbers of nsfs have 32 bits, so a JSON number holds them.
  const entry = { name, path, inode: inode === undefined ? null : Number(inode), stale };
  return otherType === undefined ? entry : { ...entry, otherType };
}

/** The columns that a narrow terminal cuts, the path first: it repeats the name. */
const [NAME, PATH] = [0, 2];

function toRow({ name, path, inode, stale, otherType }: NamedNamespaceEntry): Cell[] {
  const odd = stale ? "stale" : otherType;
  return [printable(name), odd === undefined ? `${inode ?? "?"}` : { text: odd, colour: "yellow" }, printable(path)];
}
