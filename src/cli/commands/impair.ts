import { Argument, Command, InvalidArgumentError } from "npm:commander@15.1.0";
import type { Namespace } from "../../namespace.ts";
import { jsonOption, type JsonOptions, namespaceArgument } from "../arguments.ts";
import { CHANGE_NETWORK, ENTER_NAMESPACES, requireCapabilities } from "../capability_check.ts";
import type { Io } from "../io.ts";

/** The longest alternative name of a link, in bytes. */
const LONGEST_NAME = 127;

const HELP = `
It is for what leaves LINK: delay, jitter, distribution, loss, duplicate,
corrupt, reorder, rate and limit, with the units of tc(8). Without any it prints
what is there; off takes it away. A rate alone needs no netem in the kernel.
What somebody else put there stays, and is an error. The agent of a file that
describes LINK makes it again what the file says.

Examples:
  sudo netns impair blue eth0 delay=20ms jitter=2ms loss=1%
  sudo netns impair blue eth0 rate=10mbit
  sudo netns impair blue eth0 off`;

/** `netns impair NS LINK …`: delays, loses or slows what leaves a link. */
export function impairCommand(io: Io): Command {
  return new Command("impair")
    .description("delay, lose or slow what leaves the link LINK in NS")
    .usage("[options] NS LINK [FIELD=VALUE... | off]")
    .addArgument(namespaceArgument())
    .addArgument(new Argument("<link>", "the name of a link").argParser(parseLink))
    .addArgument(new Argument("[to...]", "delay=20ms, loss=1%, rate=10mbit and others, or off"))
    .addOption(jsonOption("print what is there, after a change, as a JSON object; null if nothing is"))
    .addHelpText("after", HELP)
    .action(async (ns: Namespace, link: string, words: readonly string[], { json }: JsonOptions) => {
      const { impairLink } = await import("../impair_link.ts");
      requireCapabilities("impair", words.length === 0 ? ENTER_NAMESPACES : CHANGE_NETWORK);
      await impairLink(ns, link, words, { json }, io);
    });
}

/** A name, or an alternative one. */
function parseLink(text: string): string {
  const length = new TextEncoder().encode(text).length;
  if (length >= 1 && length <= LONGEST_NAME) return text;
  throw new InvalidArgumentError(`Expected a name of 1 to ${LONGEST_NAME} bytes.`);
}
