import { Command, Option } from "npm:commander@15.1.0";
import { match } from "npm:ts-pattern@5.9.2";
import type { LivePicture } from "../../graph/sources/live.ts";
import type { Picture } from "../../graph/picture.ts";
import { UsageError } from "../errors.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json.ts";
import { type Capability, requireCapabilities } from "../privilege.ts";

const HELP = `
FILE is drawn as it is written, which needs no privileges. With --plan, what
\`netns plan FILE\` says is pending is drawn dashed. With --live, what is really
there is drawn: the default namespace, named ones, those of containers, those
that are mounted on a file, and those in which only processes are. Both look
into other namespaces, as root. Without root, --live draws what it may see, and
says on standard error what it may not.

Examples:
  netns graph topology.yaml
  netns graph topology.yaml --format svg >topology.svg
  sudo netns graph --live --format dot | dot -Tpdf >live.pdf`;

const FORMATS = ["tree", "mermaid", "dot", "svg", "json"] as const;
type Format = typeof FORMATS[number];

interface Options {
  readonly live?: boolean;
  readonly plan?: boolean;
  readonly format: Format;
  readonly json?: boolean;
}

/** To look into other namespaces. */
const NEEDED: readonly Capability[] = ["CAP_SYS_ADMIN"];

/** `netns graph FILE` and `netns graph --live`: a picture of namespaces, links and what joins them. */
export function graphCommand(io: Io): Command {
  return new Command("graph")
    .description("draw what FILE describes, or with --live what is there")
    .argument("[file]", "YAML or JSON; - is standard input")
    .option("--live", "draw what is really there")
    .addOption(new Option("--plan", "draw dashed what has to wait").conflicts("live"))
    .addOption(new Option("--format <format>", "how it is drawn").choices(FORMATS).default("tree"))
    .addOption(new Option("--json", "the same as --format json").conflicts("format"))
    .addHelpText("after", HELP)
    .action(async (file: string | undefined, options: Options) => {
      const picture = await pictureOf(file, options, io);
      io.print(await draw(picture, options.json ? "json" : options.format));
    });
}

async function pictureOf(file: string | undefined, { live, plan }: Options, io: Io): Promise<Picture> {
  if (live && file !== undefined) throw new UsageError("Give a FILE or --live, not both");
  if (live) return await pictureOfWhatIsThere(io);
  if (file === undefined) throw new UsageError("Give a FILE, or --live; see netns graph --help");
  const { readConfig } = await import("../file.ts");
  const { pictureOfConfig } = await import("../../graph/sources/config.ts");
  const config = await readConfig(file, io);
  if (!plan) return pictureOfConfig(config);
  requireCapabilities("graph --plan", NEEDED);
  const { withConfigurator } = await import("../configure.ts");
  return pictureOfConfig(config, await withConfigurator(config, (configurator) => configurator.plan(config)));
}

async function pictureOfWhatIsThere(io: Io): Promise<Picture> {
  const { handlerOfCommand } = await import("../handler.ts");
  const { MicroserviceCtx } = await import("../../microservices/microservice.ts");
  const { isRuntimeThere } = await import("../../microservices/endpoints/access.ts");
  const { pictureOfSystem } = await import("../../graph/sources/live.ts");
  await using handler = handlerOfCommand();
  if (await isRuntimeThere()) await handler.handleMicroservices(new MicroserviceCtx());
  const state = handler.containerRuntime;
  if (state.state === "unavailable" && state.tried.length > 0) {
    io.complain(`warning: containers are not told from other namespaces: ${state.reason}`);
  }
  const { picture, warnings }: LivePicture = pictureOfSystem(handler);
  for (const warning of warnings) io.complain(`warning: ${warning}`);
  return picture;
}

/** Each way to draw is loaded when it is asked for: only SVG needs a layout. */
async function draw(picture: Picture, format: Format): Promise<string> {
  return await match(format)
    .with("tree", async () => (await import("../../graph/formats/tree.ts")).drawTree(picture))
    .with("mermaid", async () => (await import("../../graph/formats/mermaid.ts")).drawMermaid(picture))
    .with("dot", async () => (await import("../../graph/formats/dot.ts")).drawDot(picture))
    .with("svg", async () => (await import("../../graph/formats/svg/svg.ts")).drawSvg(picture))
    .with("json", () => Promise.resolve(jsonText(picture)))
    .exhaustive();
}
