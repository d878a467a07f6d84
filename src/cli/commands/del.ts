import { Command } from "npm:commander@15.1.0";
import { namedNs } from "../../namespace.ts";
import type { Io } from "../io.ts";
import { requireCapabilities } from "../privilege.ts";

/** `netns del NAME`: takes the name of a namespace away. */
export function delCommand(_io: Io): Command {
  return new Command("del")
    .description("delete the network namespace NAME, as `ip netns del` does; what processes hold of it lives on")
    .argument("<name>", "its name, as `netns ls` shows it")
    .addHelpText("after", "\nExample:\n  sudo netns del blue")
    .action(async (text: string) => {
      const { name } = namedNs(text);
      requireCapabilities("del", ["CAP_SYS_ADMIN"]);
      const { deleteNamedNamespace } = await import("../../named/delete.ts");
      deleteNamedNamespace(name);
    });
}
