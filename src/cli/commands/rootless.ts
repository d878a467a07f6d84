import process from "node:process";
import { Command, Option } from "npm:commander@15.1.0";
import { CompletedArgument } from "../arguments.ts";
import type { Io } from "../io.ts";
import { replaceProcess } from "../replace_process.ts";
import { addPort, type Port } from "../rootless/port.ts";

const HELP = `
The command is root in new user, network and mount namespaces: it may make
namespaces, links and routes, and the machine has none of them. It has a /run of
its own and no way out of its network. Its files, and its user for the rest of
the machine, are yours. It replaces this process, so signals and the exit status
are its own. Without CMD it is your shell.

Examples:
  netns rootless -- npm test
  netns rootless -- sh -c 'netns apply topology.yaml && netns exec blue -- sh'
  netns rootless --port 8080:blue/80 -- ./serve
  netns rootless --uplink -- npm install`;

interface RootlessOptions {
  readonly port?: readonly Port[];
  readonly uplink?: boolean;
  readonly stage?: Stage;
  readonly relay?: readonly Port[];
}

/** How this process runs inside: `plain`, or with a process outside that waits for it. */
type Stage = "plain" | "supervised" | "uplink";

/** `netns rootless -- CMD`: runs a command as root of new user, network and mount namespaces. */
export function rootlessCommand(io: Io): Command {
  return new Command("rootless")
    .description("run a command without root in a network of its own")
    .usage("[options] [-- CMD [ARG...]]")
    .addArgument(new CompletedArgument("[cmd...]", "the command, looked up in PATH, and its arguments", "command"))
    .addOption(
      new Option("-p, --port <port:[ns/]port>", "lead connections to PORT of 127.0.0.1 to a port inside; repeatable")
        .argParser(addPort),
    )
    .option("--uplink", "give it a way out, by pasta or slirp4netns")
    .addOption(new Option("--stage <stage>").choices(["plain", "supervised", "uplink"]).hideHelp())
    .addOption(new Option("--relay <port>").argParser(addPort).hideHelp())
    .passThroughOptions() // options after CMD belong to it
    .addHelpText("after", HELP)
    .action(async (given: readonly string[], { port = [], uplink = false, stage, relay }: RootlessOptions) => {
      const words = given[0] === "--" ? given.slice(1) : given;
      const command = words.length > 0 ? words : [process.env["SHELL"] || "/bin/sh"];
      if (relay !== undefined) return await (await import("../rootless/relay.ts")).runRelay(relay);
      if (stage !== undefined) return await enter(stage, command, io);
      const { inUserNamespace, requireUserNamespaces } = await import("../../system/user_namespace.ts");
      requireUserNamespaces();
      const { netnsAgain } = await import("../rootless/command_again.ts");
      const isPlain = port.length === 0 && !uplink;
      const stageNow: Stage = isPlain ? "plain" : uplink ? "uplink" : "supervised";
      const [program, args] = inUserNamespace(netnsAgain(["rootless", "--stage", stageNow, "--"]));
      if (isPlain) {
        const { inheritedAgain, wordsAsGiven } = await import("../inherited.ts");
        replaceProcess(program, [...args, ...wordsAsGiven(command)], inheritedAgain());
      }
      const { supervise } = await import("../rootless/supervise.ts");
      await supervise([program, [...args, ...command]], port, uplink);
    });
}

/** Inside: what comes before the command, and then the command in place of this process. */
async function enter(stage: Stage, words: readonly string[], io: Io): Promise<never> {
  const { prepareStage } = await import("../rootless/prepare_inside.ts");
  const { inherited, wordsAsGiven } = await import("../inherited.ts");
  const { NAMESERVER, waitForSupervisor } = await import("../rootless/handshake.ts");
  prepareStage(stage === "uplink" ? NAMESERVER : undefined, io.complain);
  if (stage !== "plain") await waitForSupervisor(stage === "uplink");
  const [command = "", ...args] = wordsAsGiven(words);
  return replaceProcess(command, args, inherited());
}
