import { Command } from "npm:commander@15.1.0";
import { nameArgument } from "../arguments.ts";
import { ENTER_NAMESPACES, requireCapabilities } from "../capability_check.ts";
import type { Io } from "../io.ts";

/** `netns del NAME`: deletes the name of a namespace. */
export function delCommand(_io: Io): Command {
  return new Command("del")
    .description("delete the network namespace NAME, as `ip netns del` does; it lives on while processes use it")
    .addArgument(nameArgument("its name, as `netns ls` prints it"))
    .addHelpText("after", "\nExample:\n  sudo netns del blue")
    .action(async (name: string) => {
      requireCapabilities("del", ENTER_NAMESPACES);
      const { deleteNamedNamespace } = await import("../../named/delete.ts");
      deleteNamedNamespace(name);
    });
}
