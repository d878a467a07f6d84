/** The commands of `netns`. A new command is a file in this folder and a line in {@linkcode COMMANDS}. */
import type { Command } from "npm:commander@15.1.0";
import type { Io } from "../io.ts";

/** Loads the file of a command and gives the function that makes it. */
export type CommandLoader = () => Promise<(io: Io) => Command>;

/**
 * The commands, in the order of the help. Only the command that is called is loaded, but `netns --help` loads all: the
 * file of a command imports what its help needs, and its action imports the rest.
 */
export const COMMANDS: ReadonlyMap<string, CommandLoader> = new Map<string, CommandLoader>([
  ["apply", async () => (await import("./apply.ts")).applyCommand],
  ["plan", async () => (await import("./plan.ts")).planCommand],
  ["destroy", async () => (await import("./destroy.ts")).destroyCommand],
  ["validate", async () => (await import("./validate.ts")).validateCommand],
  ["schema", async () => (await import("./schema.ts")).schemaCommand],
  ["agent", async () => (await import("./agent.ts")).agentCommand],
  ["show", async () => (await import("./show.ts")).showCommand],
  ["ls", async () => (await import("./ls.ts")).lsCommand],
  ["add", async () => (await import("./add.ts")).addCommand],
  ["del", async () => (await import("./del.ts")).delCommand],
  ["attach", async () => (await import("./attach.ts")).attachCommand],
  ["impair", async () => (await import("./impair.ts")).impairCommand],
  ["exec", async () => (await import("./exec.ts")).execCommand],
  ["rootless", async () => (await import("./rootless.ts")).rootlessCommand],
  ["capture", async () => (await import("./capture.ts")).captureCommand],
  ["identify", async () => (await import("./identify.ts")).identifyCommand],
  ["pids", async () => (await import("./pids.ts")).pidsCommand],
  ["watch", async () => (await import("./watch.ts")).watchCommand],
  ["microservices", async () => (await import("./microservices.ts")).microservicesCommand],
  ["graph", async () => (await import("./graph.ts")).graphCommand],
  ["doctor", async () => (await import("./doctor.ts")).doctorCommand],
  ["demo", async () => (await import("./demo.ts")).demoCommand],
  ["completion", async () => (await import("./completion.ts")).completionCommand],
]);

/** The names that other tools have for our commands and options: the error for such a name suggests the command. */
export const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ["list", "ls"],
  ["export", "show"],
  ["create", "add"],
  ["delete", "del"],
  ["remove", "del"],
  ["rm", "del"],
  ["monitor", "watch"],
  ["up", "apply"],
  ["down", "destroy"],
  ["diff", "plan"],
  ["status", "plan"],
  ["shell", "exec NS -- sh"],
  ["--dry-run", "plan"],
  ["tcpdump", "capture"],
]);
