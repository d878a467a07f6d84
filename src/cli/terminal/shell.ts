/** Words for a POSIX shell. */

/** A word in the quotes of a POSIX shell, if it needs them. */
export const shellQuoted = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
