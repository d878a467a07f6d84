/** The `netns` command: finds the command that is meant, and alone decides the exit status. */
import { constants } from "node:os";
import type { Command } from "npm:commander@15.1.0";
import manifest from "../../deno.json" with { type: "json" };
import { reasonOf } from "../reason.ts";
import { InterruptedError, NotStartedError, ReportedError, UsageError } from "./errors.ts";
import type { Io } from "./io.ts";

export { type Io, standardIo } from "./io.ts";
export type { Colour } from "./terminal/colour.ts";

/**
 * The commands, each loaded only when it is meant. The file of a command imports what its help needs; what its work needs
 * and is large it imports when it works, because `netns --help` loads them all.
 */
const COMMANDS: ReadonlyMap<string, () => Promise<(io: Io) => Command>> = new Map([
  ["apply", async () => (await import("./commands/apply.ts")).applyCommand],
  ["plan", async () => (await import("./commands/plan.ts")).planCommand],
  ["destroy", async () => (await import("./commands/destroy.ts")).destroyCommand],
  ["agent", async () => (await import("./commands/agent.ts")).agentCommand],
  ["ls", async () => (await import("./commands/ls.ts")).lsCommand],
  ["add", async () => (await import("./commands/add.ts")).addCommand],
  ["del", async () => (await import("./commands/del.ts")).delCommand],
  ["exec", async () => (await import("./commands/exec.ts")).execCommand],
  ["identify", async () => (await import("./commands/identify.ts")).identifyCommand],
  ["pids", async () => (await import("./commands/pids.ts")).pidsCommand],
  ["watch", async () => (await import("./commands/watch.ts")).watchCommand],
  ["microservices", async () => (await import("./commands/microservices.ts")).microservicesCommand],
  ["graph", async () => (await import("./commands/graph.ts")).graphCommand],
  ["doctor", async () => (await import("./commands/doctor.ts")).doctorCommand],
  ["demo", async () => (await import("./commands/demo.ts")).demoCommand],
  ["completion", async () => (await import("./commands/completion.ts")).completionCommand],
]);

/** What other tools call our commands, so that their users are told. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ["list", "ls"],
  ["show", "ls"],
  ["create", "add"],
  ["delete", "del"],
  ["remove", "del"],
  ["rm", "del"],
  ["monitor", "watch"],
]);

/** How wide help is where it is not for a terminal. */
const HELP_WIDTH = 80;

const HELP = `
Namespaces (NS) are written as a name, PID:42, FILE:/proc/42/ns/net or
MICROSERVICE:label.

Exit status: 0 done; 1 failed; 2 bad use, which includes a name that cannot be
and a FILE that cannot be read or has faults. "netns exec" passes on that of its
command.

Example:
  sudo netns apply topology.yaml`;

/**
 * Runs the command that `argv` (without program and script) asks for.
 *
 * @returns The exit status: 0, 1 for a failure, 2 for bad use.
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const status = await run(argv, io);
  const lost = await io.flushed();
  if (lost === undefined) return status;
  io.complain(`error: Cannot write to standard output: ${reasonOf(lost).replace(/, write$/, "")}`);
  return 1;
}

async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    // Nothing has to be loaded for this.
    if (argv.length === 1 && VERSION_FLAGS.has(argv[0])) io.print(manifest.version);
    else await parse(whatIsMeant(argv), io);
    return 0;
  } catch (error) {
    io.progress("");
    return statusOf(error, io);
  }
}

async function parse(argv: readonly string[], io: Io): Promise<void> {
  await (await programFor(argv, io)).parseAsync(argv, { from: "user" });
}

/** `argv`, or only the command in it that there is none of: commander would give help instead of saying so. */
function whatIsMeant(argv: readonly string[]): readonly string[] {
  const [command = "--help"] = argv[0] === "help" ? argv.slice(1) : argv;
  return command.startsWith("-") || command === "help" || COMMANDS.has(command) ? argv : [command];
}

/** What asks for the version, as commander knows it. */
const VERSION_FLAGS: ReadonlySet<string | undefined> = new Set(["-V", "--version"]);

async function programFor(argv: readonly string[], io: Io): Promise<Command> {
  const { Command } = await import("npm:commander@15.1.0");
  const program = new Command("netns")
    .description("Manage Linux network namespaces, and what is in them.")
    .version(manifest.version, "-V, --version", "print the version")
    .enablePositionalOptions() // so that options after the command are the command's own
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.print(text.trimEnd()),
      writeErr: (text) => io.complain(text.trimEnd()),
      outputError: (text, write) => write(inOneLine(text, argv[0])),
      getOutHelpWidth: () => io.columns ?? HELP_WIDTH,
      getErrHelpWidth: () => io.columns ?? HELP_WIDTH,
      // The help has no colours; to find out whether it might would take a look at the environment.
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

/** A complaint of commander's in one line that says what to do: a suggestion, or where help is. */
function inOneLine(text: string, first = ""): string {
  const line = text.trim().replaceAll("\n", " ").replace(/\.$/, "");
  const synonym = SYNONYMS.get(first);
  if (synonym !== undefined) return `error: unknown command '${first}' (Did you mean ${synonym}?)`;
  return line.endsWith("?)") ? line : `${line}; see netns ${COMMANDS.has(first) ? `${first} ` : ""}--help`;
}

/** What has to be loaded if the first argument is `first`; all of it for help, and to suggest or complete what is meant. */
function loadersFor(first = "--help"): Iterable<() => Promise<(io: Io) => Command>> {
  const load = COMMANDS.get(first);
  return load === undefined || first === "completion" ? COMMANDS.values() : [load];
}

/** Names of the library's errors for what the caller gave; told by name, as importing them would load libc. */
const BAD_USE: ReadonlySet<string> = new Set(["ConfigError", "InvalidNamespaceError"]);

function statusOf(error: unknown, io: Io): number {
  if (isCommanderError(error)) return error.exitCode === 0 ? 0 : 2; // it has been printed
  if (error instanceof ReportedError) return 1;
  if (error instanceof InterruptedError) return 128 + constants.signals[error.signal];
  io.complain(`error: ${reasonOf(error)}`);
  if (error instanceof NotStartedError) return error.found ? 126 : 127;
  return error instanceof UsageError || error instanceof Error && BAD_USE.has(error.name) ? 2 : 1;
}

/** What commander ends a program with; told by its code, as commander may not have been loaded. */
function isCommanderError(error: unknown): error is Error & { readonly exitCode: number } {
  return error instanceof Error && "exitCode" in error && "code" in error &&
    String(error.code).startsWith("commander.");
}
