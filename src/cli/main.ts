/** The `netns` command: finds the command that is meant, and alone decides the exit status. */
import { constants } from "node:os";
import { Command, CommanderError } from "commander";
import manifest from "../../deno.json" with { type: "json" };
import { InterruptedError, NotStartedError, ReportedError, UsageError } from "./errors.ts";
import type { Io } from "./io.ts";

export type { Io };

/** The commands, each loaded with what it needs only when it is meant. */
const COMMANDS: ReadonlyMap<string, () => Promise<(io: Io) => Command>> = new Map([
  ["apply", async () => (await import("./apply.ts")).applyCommand],
  ["plan", async () => (await import("./plan.ts")).planCommand],
  ["agent", async () => (await import("./agent.ts")).agentCommand],
  ["destroy", async () => (await import("./destroy.ts")).destroyCommand],
  ["ls", async () => (await import("./ls.ts")).lsCommand],
  ["add", async () => (await import("./add.ts")).addCommand],
  ["del", async () => (await import("./del.ts")).delCommand],
  ["exec", async () => (await import("./exec.ts")).execCommand],
  ["microservices", async () => (await import("./microservices.ts")).microservicesCommand],
  ["demo", async () => (await import("./demo.ts")).demoCommand],
]);

const HELP = `
Namespaces (NS) are written as a name, PID:42, FILE:/proc/42/ns/net or MICROSERVICE:label.

Exit status: 0 done; 1 failed; 2 bad use, which includes a name that cannot be and a FILE that
cannot be read or has faults. "netns exec" passes on that of its command.

Example:
  sudo netns apply topology.yaml`;

/**
 * Runs the command that `argv` (without program and script) asks for.
 *
 * @returns The exit status: 0, 1 for a failure, 2 for bad use.
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    const program = await programFor(argv, io);
    await program.parseAsync(argv, { from: "user" });
    return 0;
  } catch (error) {
    io.progress("");
    return statusOf(error, io);
  }
}

async function programFor(argv: readonly string[], io: Io): Promise<Command> {
  const program = new Command("netns")
    .description("Manage Linux network namespaces, and what is in them.")
    .version(manifest.version)
    .enablePositionalOptions() // so that options after the command are the command's own
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.print(text.trimEnd()),
      writeErr: (text) => io.complain(text.trimEnd()),
      outputError: (text, write) => write(inOneLine(text, argv[0])),
      // Nothing here has colours; to find out whether it might would take a look at the environment.
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText("after", HELP);
  for (const load of loadersFor(argv[0])) {
    const command = (await load())(io);
    // A command reports bad use as the program does; addCommand alone would let it end the process.
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}

/** A complaint of commander's in one line that says what to do: its own suggestion, or where help is. */
function inOneLine(text: string, first = ""): string {
  const line = text.trim().replaceAll("\n", " ").replace(/\.$/, "");
  return line.endsWith("?)") ? line : `${line}; see netns ${COMMANDS.has(first) ? `${first} ` : ""}--help`;
}

/** What has to be loaded if the first argument is `first`; all of it for help, and to suggest what was meant. */
function loadersFor(first = "--help"): Iterable<() => Promise<(io: Io) => Command>> {
  if (first === "--version" || first === "-V") return [];
  const load = COMMANDS.get(first);
  return load === undefined ? COMMANDS.values() : [load];
}

/** Names of the library's errors for what the caller gave; told by name, as importing them would load libc. */
const BAD_USE: ReadonlySet<string> = new Set(["ConfigError", "InvalidNamespaceError"]);

function statusOf(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // it has been printed
  if (error instanceof ReportedError) return 1;
  if (error instanceof InterruptedError) return 128 + constants.signals[error.signal];
  io.complain(`error: ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof NotStartedError) return error.found ? 126 : 127;
  return error instanceof UsageError || error instanceof Error && BAD_USE.has(error.name) ? 2 : 1;
}
