import { Argument, Command, InvalidArgumentError } from "npm:commander@15.1.0";
import type { CapturedPacket } from "../../capture/packet.ts";
import type { Namespace } from "../../namespace.ts";
import { jsonOption, type JsonOptions, namespaceArgument } from "../arguments.ts";
import type { Capability } from "../../proc/capabilities.ts";
import { ENTER_NAMESPACES, requireCapabilities } from "../capability_check.ts";
import { UsageError } from "../errors.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json_text.ts";

const HELP = `
A line has the time (UTC), the link, the direction, and what the headers say.
FILTER is a part of the language of tcpdump: ip, ip6, arp, icmp, icmp6, tcp and
udp; host ADDRESS, net ADDRESS/LENGTH, port NUMBER and portrange FIRST-LAST,
with src or dst before them; and, or, not, ( and ); a value alone is what the
one before it is, as in port 80 or 443. The word after NS is LINK, unless a
filter can begin with it. SIGINT and SIGTERM end it with status 0, and the file
is whole.

Examples:
  sudo netns capture blue eth0 udp port 53
  sudo netns capture blue -w blue.pcapng host 10.0.0.1 and not port 22
  sudo netns capture blue -w - | tshark -r -`;

/** What it needs besides. */
const CAPTURE: readonly Capability[] = [...ENTER_NAMESPACES, "CAP_NET_RAW"];

interface CaptureCommandOptions extends JsonOptions {
  readonly write?: string;
  readonly count?: number;
  readonly snapLength?: number;
}

/** `netns capture NS [LINK] [-w FILE] [FILTER]`: prints the packets of a namespace, or writes them to a file. */
export function captureCommand(io: Io): Command {
  return new Command("capture")
    .description("print the packets of the network namespace NS, or write them to a file")
    .usage("[options] NS [LINK] [FILTER...]")
    .addArgument(namespaceArgument())
    .addArgument(new Argument("[words...]", "a link, all by default; and which packets"))
    .option("-w, --write <file>", "write FILE in the format pcapng, - is standard output, instead of lines")
    .option("-c, --count <n>", "end after N packets", wholeNumber)
    .option("-s, --snap-length <bytes>", "keep so many bytes of each packet", wholeNumber)
    .addOption(jsonOption("print a line of JSON for each packet"))
    .addHelpText("after", HELP)
    .action(async (ns: Namespace, words: readonly string[], options: CaptureCommandOptions) => {
      const { beginsFilter, parseFilter } = await import("../../capture/filter/parse.ts");
      const all = words.flatMap((word) => word.trim().split(/\s+/));
      const [link, ...rest] = all[0] === undefined || beginsFilter(all[0]) ? [undefined, ...all] : all;
      const filter = rest.join(" ") || undefined;
      const { write, count, snapLength } = options;
      if (write !== undefined && count !== undefined) {
        throw new UsageError("netns capture: expected -w or -c, not both; a file ends when the command does");
      }
      try {
        if (filter !== undefined) parseFilter(filter);
      } catch (error) {
        if (error instanceof TypeError) throw new UsageError(`netns capture: ${error.message}`, { cause: error });
        throw error;
      }
      requireCapabilities("capture", CAPTURE);
      const signal = io.interrupted;
      const { commandNamespace } = await import("../command_namespace.ts");
      using handle = await commandNamespace(ns);
      if (link !== undefined) {
        using netlink = handle.netlink();
        (await import("../command_link.ts")).commandLink(netlink, ns, link);
      }
      await using capture = await handle.capture({
        ...{ link, filter, snapLength, signal },
        file: write === "-" ? "/dev/stdout" : write,
      });
      io.progress("waiting for the first packet; Ctrl-C ends it");
      if (write === undefined) await print(io, capture, count, options.json ?? false);
      else await capture.ended;
      io.progress("");
      const { dropped } = capture;
      if (dropped > 0) io.complain(`warning: ${dropped} packets were dropped: they came faster than they were taken`);
    });
}

async function print(
  io: Io,
  capture: AsyncIterable<CapturedPacket>,
  count: number | undefined,
  json: boolean,
): Promise<void> {
  const { packetLine, summaryOf } = await import("../packet_line.ts");
  let printed = 0;
  for await (const packet of capture) {
    const { time, link, direction, length } = packet;
    io.print(json ? jsonText({ time, link, direction, length, ...summaryOf(packet) }) : packetLine(packet));
    if (++printed === count) return;
  }
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a whole number from 1.");
}
