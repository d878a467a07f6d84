import { Command, Option } from "npm:commander@15.1.0";
import { match } from "npm:ts-pattern@5.9.2";
import type { Picture } from "../../graph/picture.ts";
import { fileArgument, jsonOption, type JsonOptions } from "../arguments.ts";
import { ENTER_NAMESPACES, requireCapabilities } from "../capability_check.ts";
import { UsageError } from "../errors.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json_text.ts";
import { oneLine } from "../terminal/escape.ts";

const HELP = `
A picture of FILE needs no privileges. With --plan, items that are pending in
\`netns plan FILE\` are dashed. With --live, the picture shows what exists: the
default namespace, named ones, those of containers, those mounted on a file,
those of processes, and those that a process only holds open. Both enter other
namespaces, as root. Without root, --live shows what it can and lists the rest
on standard error.

Examples:
  netns graph topology.yaml
  netns graph topology.yaml --format svg >topology.svg
  sudo netns graph --live --format dot | dot -Tpdf >live.pdf`;

const FORMATS = ["tree", "mermaid", "dot", "svg", "json"] as const;
type Format = typeof FORMATS[number];

interface Options extends JsonOptions {
  readonly live?: boolean;
  readonly plan?: boolean;
  readonly format: Format;
}

/** `netns graph FILE` and `netns graph --live`: prints a picture of namespaces, links and pairs. */
export function graphCommand(io: Io): Command {
  return new Command("graph")
    .description("draw what FILE describes, or with --live what exists")
    .addArgument(fileArgument("[file]"))
    .option("--live", "draw what exists")
    .addOption(new Option("--plan", "draw dashed what is pending").conflicts("live"))
    .addOption(new Option("--format <format>", "the format of the picture").choices(FORMATS).default("tree"))
    .addOption(jsonOption("the same as --format json").conflicts("format"))
    .addHelpText("after", HELP)
    .action(async (file: string | undefined, options: Options) => {
      const picture = await pictureOf(file, options, io);
      io.print(await formatted(picture, options.json ? "json" : options.format));
    });
}

async function pictureOf(file: string | undefined, { live, plan }: Options, io: Io): Promise<Picture> {
  if (live && file !== undefined) throw new UsageError("Give a FILE or --live, not both");
  if (live) return await livePicture(io);
  if (file === undefined) throw new UsageError("Give a FILE, or --live; see netns graph --help");
  const { readTopology } = await import("../topology_file.ts");
  const { pictureOfConfig } = await import("../../graph/sources/config.ts");
  const config = await readTopology(file, io);
  if (!plan) return pictureOfConfig(config);
  requireCapabilities("graph --plan", ENTER_NAMESPACES);
  const { withConfigurator } = await import("../command_configurator.ts");
  const found = await withConfigurator(config, (configurator) => configurator.plan(config));
  for (const warning of found.warnings ?? []) io.complain(`warning: ${oneLine(warning)}`);
  return pictureOfConfig(config, found);
}

async function livePicture(io: Io): Promise<Picture> {
  const { NsHandler } = await import("../../ns_handler.ts");
  const { MicroserviceCtx } = await import("../../microservices/microservice.ts");
  const { isRuntimeThere } = await import("../../microservices/endpoints/socket_access.ts");
  const { pictureOfSystem } = await import("../../graph/sources/live.ts");
  await using handler = new NsHandler();
  if (await isRuntimeThere()) await handler.handleMicroservices(new MicroserviceCtx());
  const state = handler.containerRuntime;
  if (state.state === "unavailable" && state.tried.length > 0) {
    io.complain(`warning: containers appear without their labels: ${state.reason}`);
  }
  const { picture, warnings } = pictureOfSystem(handler);
  for (const warning of warnings) io.complain(`warning: ${warning}`);
  return picture;
}

/** Loads only the format that is asked for: SVG brings a layout library. */
async function formatted(picture: Picture, format: Format): Promise<string> {
  return await match(format)
    .with("tree", async () => (await import("../../graph/formats/tree.ts")).drawTree(picture))
    .with("mermaid", async () => (await import("../../graph/formats/mermaid.ts")).drawMermaid(picture))
    .with("dot", async () => (await import("../../graph/formats/dot.ts")).drawDot(picture))
    .with("svg", async () => (await import("../../graph/formats/svg/svg.ts")).drawSvg(picture))
    .with("json", () => Promise.resolve(jsonText(picture)))
    .exhaustive();
}
