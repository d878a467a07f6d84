/** The few colours that the command has, and who wants them. */

/** A colour of the command: red for what failed, yellow for what waits or is not as it should be. */
export type Colour = "red" | "yellow";

/** SGR codes of ECMA-48: what sets each colour. 39 takes every one back. */
const CODES: Readonly<Record<Colour, number>> = { red: 31, yellow: 33 };

/** `text` in a colour. */
export function coloured(colour: Colour, text: string): string {
  return `\x1b[${CODES[colour]}m${text}\x1b[39m`;
}

/**
 * Whether a stream is to have colours: a terminal, unless the environment says otherwise. See https://no-color.org and
 * https://force-color.org; where both speak, there are none.
 *
 * @param isTerminal Whether it is a terminal.
 */
export function wantsColours(
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const { NO_COLOR = "", FORCE_COLOR, TERM } = environment;
  if (NO_COLOR !== "" || FORCE_COLOR === "0" || FORCE_COLOR === "false") return false;
  return FORCE_COLOR !== undefined || isTerminal && TERM !== "dumb";
}
