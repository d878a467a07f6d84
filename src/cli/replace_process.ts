/** The end of a command that another program takes the place of. */
import { errnoText, execute, type Inherited, printable, SyscallError, type Word } from "../../ffi/mod.ts";
import { NotStartedError } from "./errors.ts";

/**
 * Replaces this process by a program, looked up in `PATH`.
 *
 * @param given What this process was given, which the program gets.
 * @throws {NotStartedError} It cannot be run.
 */
export function replaceProcess(command: Word, args: readonly Word[], given: Inherited | undefined): never {
  try {
    execute(command, args, given);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    const name = typeof command === "string" ? printable(command) : error.path ?? "the command";
    throw new NotStartedError(reasonNotRun(name, error.errno, error.code), error.code !== "ENOENT", { cause: error });
  }
}

/** Why a program did not run, as a line for people. */
export function reasonNotRun(name: string, errno: number, code: string): string {
  return `Cannot run ${name}: ${errnoText(errno)} (${code})`;
}
