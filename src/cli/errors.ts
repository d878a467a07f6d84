/** Ends of a command that `main.ts` turns into an exit status. None of them is part of the library. */

/** The command was given something that it cannot use: exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command failed and has said so in its report: exit status 1, and no further word. */
export class ReportedError extends Error {
  override readonly name = "ReportedError";
}

/** The command was ended by a signal: exit status 128 and the signal's number, as a shell has it. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";

  constructor(readonly signal: NodeJS.Signals) {
    super(`Interrupted by ${signal}`);
  }
}

/** The command of `netns exec` could not be started: exit status 127 if there is none, otherwise 126, as env(1). */
export class NotStartedError extends Error {
  override readonly name = "NotStartedError";

  constructor(message: string, readonly found: boolean, options?: ErrorOptions) {
    super(message, options);
  }
}
