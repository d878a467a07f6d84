import { Command } from "npm:commander@15.1.0";
import { printable } from "../../../ffi/mod.ts";
import { nameArgument } from "../arguments.ts";
import { ENTER_NAMESPACES, requireCapabilities } from "../capability_check.ts";
import { ReportedError, UsageError } from "../errors.ts";
import type { Io } from "../io.ts";

/** `netns del NAME`: deletes the name of a namespace. */
export function delCommand(io: Io): Command {
  return new Command("del")
    .description("delete the network namespace NAME, as `ip netns del` does; it lives on while processes use it")
    .addArgument(nameArgument("its name, as `netns ls` prints it", "[name]"))
    .option("--all", "delete all names, and stale files, without NAME")
    .addHelpText("after", "\nExample:\n  sudo netns del blue")
    .action(async (name: string | undefined, { all }: { readonly all?: boolean }) => {
      if ((name === undefined) !== (all === true)) throw new UsageError("netns del: expected either NAME or --all");
      requireCapabilities("del", ENTER_NAMESPACES);
      const { deleteNamedNamespace } = await import("../../named/delete.ts");
      if (name === undefined) await deleteAll(deleteNamedNamespace, io);
      else deleteNamedNamespace(name);
    });
}

/** Deletes all names; one that cannot be deleted does not stop the others. */
async function deleteAll(remove: (name: string) => void, io: Io): Promise<void> {
  const { inspectNamedNamespaces } = await import("../../named/list.ts");
  const { isErrno, reasonOf } = await import("../../errors.ts");
  let failed = false;
  for (const { name } of inspectNamedNamespaces()) {
    try {
      remove(name);
    } catch (error) {
      if (isErrno(error, "ENOENT")) continue; // somebody else was faster
      io.complain(`error: ${printable(name)}: ${reasonOf(error)}`);
      failed = true;
    }
  }
  if (failed) throw new ReportedError("A name could not be deleted");
}
