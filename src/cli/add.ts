import { Command } from "commander";
import { createNamedNamespace } from "../named/create.ts";
import { namedNs } from "../namespace.ts";
import type { Io } from "./io.ts";
import { requireCapabilities } from "./privilege.ts";

/** `netns add NAME`: makes a namespace with a name. */
export function addCommand(_io: Io): Command {
  return new Command("add")
    .description("create the network namespace NAME, as `ip netns add` does")
    .argument("<name>", 'what to call it: 1 to 255 bytes, no "/"')
    .addHelpText("after", "\nExample:\n  sudo netns add blue")
    .action((text: string) => {
      const { name } = namedNs(text);
      requireCapabilities("add", ["CAP_SYS_ADMIN"]);
      createNamedNamespace(name).close();
    });
}
