/** The colours of the command, and when it uses them. */

/** A colour: red for a failure, yellow for what is pending or needs attention. */
export type Colour = "red" | "yellow";

/** SGR codes of ECMA-48 that set a colour; 39 resets it. */
const CODES: Readonly<Record<Colour, number>> = { red: 31, yellow: 33 };

/** `text` in a colour. */
export function coloured(colour: Colour, text: string): string {
  return `\x1b[${CODES[colour]}m${text}\x1b[39m`;
}

/**
 * True if a stream gets colours: if it is a terminal, unless the environment decides. NO_COLOR wins over FORCE_COLOR.
 * See https://no-color.org and https://force-color.org.
 */
export function wantsColours(
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const { NO_COLOR = "", FORCE_COLOR, TERM } = environment;
  if (NO_COLOR !== "" || FORCE_COLOR === "0" || FORCE_COLOR === "false") return false;
  return FORCE_COLOR !== undefined || isTerminal && TERM !== "dumb";
}
