/** The entry point `./cli`: runs the `netns` command, and alone decides the exit status. */
import { constants } from "node:os";
import manifest from "../../deno.json" with { type: "json" };
import { firstErrorOf, reasonOf } from "../reason.ts";
import { CommandEndedError, InterruptedError, NotStartedError, ReportedError, UsageError } from "./errors.ts";
import { HELP_TEXT, HELP_WIDTH } from "./built_help.ts";
import type { Io } from "./io.ts";
import { runProgram } from "./program.ts";

export { type Io, standardIo } from "./io.ts";
export type { Colour } from "./terminal/colour.ts";

/**
 * Runs the command that `argv` (without program and script) names.
 *
 * @returns The exit status: 0 done, 1 failed, 2 bad use, or what {@linkcode InterruptedError},
 * {@linkcode NotStartedError} and {@linkcode CommandEndedError} say.
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const status = await run(argv, io);
  const failure = await io.flushed();
  if (failure === undefined) return status;
  io.complain(`error: Cannot write to standard output: ${reasonOf(failure).replace(/, write$/, "")}`);
  return 1;
}

async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    // Commander is not loaded for these.
    if (argv.length === 1 && VERSION_FLAGS.has(argv[0])) io.print(manifest.version);
    else if (argv.length === 1 && HELP_FLAGS.has(argv[0]) && HELP_TEXT !== undefined && !isNarrow(io)) {
      io.print(HELP_TEXT);
    } else await runProgram(argv, io);
    return 0;
  } catch (error) {
    io.progress("");
    return statusOf(error, argv, io);
  }
}

const VERSION_FLAGS: ReadonlySet<string | undefined> = new Set(["-V", "--version"]);
const HELP_FLAGS: ReadonlySet<string | undefined> = new Set(["-h", "--help", "help"]);

const isNarrow = ({ columns }: Io): boolean => columns !== undefined && columns < HELP_WIDTH;

/** The library's errors that mean bad use, by name: importing their classes loads ffi. */
const BAD_USE: ReadonlySet<string> = new Set(["ConfigError", "InvalidNamespaceError"]);

function statusOf(thrown: unknown, [first]: readonly string[], io: Io): number {
  const error = firstErrorOf(thrown);
  if (isCommanderError(error)) { // commander has printed it
    // Its status of help is that of the process so far, which is its caller's.
    const isFine = error.code === "commander.help" ? first === "help" : error.exitCode === 0;
    return isFine ? 0 : 2;
  }
  if (error instanceof ReportedError) return 1;
  if (error instanceof CommandEndedError) return error.status;
  if (error instanceof InterruptedError) return 128 + constants.signals[error.signal];
  io.complain(`error: ${reasonOf(thrown)}`);
  if (error instanceof NotStartedError) return error.wasFound ? 126 : 127;
  return error instanceof UsageError || error instanceof Error && BAD_USE.has(error.name) ? 2 : 1;
}

/** True for an error of commander, by its code: importing the class loads commander. */
function isCommanderError(error: unknown): error is Error & { readonly exitCode: number; readonly code: unknown } {
  return error instanceof Error && "exitCode" in error && "code" in error &&
    String(error.code).startsWith("commander.");
}
