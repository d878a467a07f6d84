/** What an error says. Apart from `errors.ts`, which loads `ffi/`: a command that only parses its arguments needs neither. */

/** What an error says, as one text for people. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
