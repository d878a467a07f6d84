import { Command } from "npm:commander@15.1.0";
import { namedNs } from "../../namespace.ts";
import type { Io } from "../io.ts";
import { requireCapabilities } from "../privilege.ts";

/** `netns add NAME`: makes a namespace with a name. */
export function addCommand(_io: Io): Command {
  return new Command("add")
    .description("create the network namespace NAME, as `ip netns add` does")
    .argument("<name>", 'what to call it: 1 to 255 bytes, no "/"')
    .addHelpText("after", "\nExample:\n  sudo netns add blue")
    .action(async (text: string) => {
      const { name } = namedNs(text);
      requireCapabilities("add", ["CAP_SYS_ADMIN"]);
      const { createNamedNamespace } = await import("../../named/create.ts");
      createNamedNamespace(name).close();
    });
}
