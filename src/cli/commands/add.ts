import { Command } from "npm:commander@15.1.0";
import { newNameArgument } from "../arguments.ts";
import { ENTER_NAMESPACES, requireCapabilities } from "../capability_check.ts";
import type { Io } from "../io.ts";

/** `netns add NAME`: creates a named namespace. */
export function addCommand(_io: Io): Command {
  return new Command("add")
    .description("create the network namespace NAME, as `ip netns add` does")
    .addArgument(newNameArgument())
    .addHelpText("after", "\nExample:\n  sudo netns add blue")
    .action(async (name: string) => {
      requireCapabilities("add", ENTER_NAMESPACES);
      const { createNamedNamespace } = await import("../../named/create.ts");
      createNamedNamespace(name).close();
    });
}
