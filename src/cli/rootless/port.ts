/** `--port` of `netns rootless`: ports of the machine that lead into a namespace. */
import { InvalidArgumentError } from "npm:commander@15.1.0";
import { type Namespace, parseNamespace, pidNs } from "../../namespace.ts";

/** A port of the machine, and where its connections go. */
export interface Port {
  /** As it was given: `"8080:blue/80"`. */
  readonly text: string;
  /** On 127.0.0.1 of the machine. */
  readonly outside: number;
  /** The namespace in which the program listens; that of the command by default. */
  readonly namespace: Namespace;
  /** Its port there. */
  readonly inside: number;
}

/** The descriptor of the relay that is the socket of the first port; those of the others follow. */
export const FIRST_SOCKET = 3;

const EXPECTED = "Expected PORT:[NS/]PORT, as in 8080:blue/80.";

/** Reads `8080:blue/80`, `8080:80`; adds it to those before it. */
export function addPort(text: string, before: readonly Port[] = []): Port[] {
  const [, outside, namespace, inside] = text.match(/^(\d{1,5}):(?:(.+)\/)?(\d{1,5})$/) ?? [];
  const port: Port = {
    text,
    outside: Number(outside),
    namespace: namespace === undefined ? pidNs(0) : parseNamespace(namespace),
    inside: Number(inside),
  };
  if (![port.outside, port.inside].every((one) => one >= 1 && one <= 65_535)) throw new InvalidArgumentError(EXPECTED);
  if (before.some(({ outside }) => outside === port.outside)) {
    throw new InvalidArgumentError("Expected each PORT of the machine once.");
  }
  return [...before, port];
}
