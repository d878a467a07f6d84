/** Errors that end a command; `main.ts` maps each to an exit status. They are not part of the library. */

/** The command cannot use what it was given: exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command failed and has reported why: exit status 1, and no further message. */
export class ReportedError extends Error {
  override readonly name = "ReportedError";
}

/** A signal ended the command: exit status 128 plus the number of the signal, as in a shell. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";

  constructor(readonly signal: NodeJS.Signals) {
    super(`Interrupted by ${signal}`);
  }
}

/** `netns exec` cannot start its command: exit status 127 if it was not found, otherwise 126, as in env(1). */
export class NotStartedError extends Error {
  override readonly name = "NotStartedError";

  constructor(message: string, readonly wasFound: boolean, options?: ErrorOptions) {
    super(message, options);
  }
}

/** A command that this one ran ended with a status other than 0, which is this one's too. */
export class CommandEndedError extends Error {
  override readonly name = "CommandEndedError";

  constructor(readonly status: number) {
    super(`The command ended with status ${status}`);
  }
}
