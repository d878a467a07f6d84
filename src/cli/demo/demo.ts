/** The story of `netns demo`. */
import { writeFileSync } from "node:fs";
import type { Configurator } from "../../configurator/configurator.ts";
import type { ApplyReport } from "../../configurator/report.ts";
import { parseConfig } from "../../models/config.ts";
import { NsHandle } from "../../netns/handle.ts";
import { pause } from "../../async/pause.ts";
import { withConfigurator } from "../configure.ts";
import TOPOLOGY from "./demo.yaml" with { type: "text" };
import { InterruptedError } from "../errors.ts";
import { ping } from "./ping.ts";
import { type NamespaceSummary, summarize, summaryLines } from "./summary.ts";

export { TOPOLOGY };

/** What happened. */
export interface DemoResult {
  /** The first apply. */
  readonly applied: ApplyReport;
  /** What the kernel then had. */
  readonly namespaces: readonly NamespaceSummary[];
  /** The answers across the router. */
  readonly pings: readonly { from: string; to: string; answer: string }[];
  /** The second apply, which changed nothing. */
  readonly again: ApplyReport;
  /** How everything was taken away. */
  readonly destroyed: ApplyReport;
}

const LEFT = "netns-demo-left";
const ROUTER = "netns-demo-router";
const RIGHT = "netns-demo-right";

/** What is pinged: from one host the other, over both protocols, and back. */
const PINGS: readonly (readonly [from: string, to: string])[] = [
  [LEFT, "198.51.100.2"],
  [LEFT, "2001:db8:2::2"],
  [RIGHT, "192.0.2.2"],
];

/** The switches of the kernel that make a namespace a router. */
const FORWARDING = ["/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding"];

/** How often, and after how many milliseconds each, it is tried to take away what a killed demo left. */
const TRIES = 20;
const BETWEEN_TRIES = 100;

/**
 * Applies the topology, shows it, pings across it, applies it again, and takes it away, whatever happens.
 *
 * @param say Is told the story, line by line.
 * @throws {InterruptedError} `interrupted` was aborted. Everything has been taken away.
 * @throws {Error} Something did not come out as it should. Everything has been taken away, as far as that is possible.
 */
export async function runDemo(say: (line: string) => void, interrupted: AbortSignal): Promise<DemoResult> {
  const config = parseConfig(TOPOLOGY, { source: "demo.yaml" });
  return await withConfigurator(config, async (configurator) => {
    const destroy = () => configurator.destroy(config);
    let story: Omit<DemoResult, "destroyed">;
    try {
      await clear(destroy, interrupted);
      story = await tell(configurator, config, say, interrupted);
    } catch (error) {
      await destroy();
      throw interrupted.aborted ? new InterruptedError(interrupted.reason) : error;
    }
    const destroyed = sound(await destroy(), "destroy");
    say("");
    say("Taken away again:");
    say(`  ${sum(destroyed)}`);
    return { ...story, destroyed };
  });
}

/** Takes away what a killed demo left. Its ping may still run, as long as that waits for an answer. */
async function clear(destroy: () => Promise<ApplyReport>, interrupted: AbortSignal): Promise<void> {
  let report = await destroy();
  for (let i = 0; report.pending.length > 0 && i < TRIES; i++) {
    await pause(BETWEEN_TRIES, interrupted);
    interrupted.throwIfAborted();
    report = await destroy();
  }
  sound(report, "begin, as it could not destroy");
}

async function tell(
  configurator: Configurator,
  config: ReturnType<typeof parseConfig>,
  say: (line: string) => void,
  interrupted: AbortSignal,
): Promise<Omit<DemoResult, "destroyed">> {
  say("Two hosts and a router, from a file (netns demo --print shows it):");
  const applied = sound(await configurator.apply(config), "apply");
  for (const { description } of applied.done) say(`  ${description}`);
  say(`  ${sum(applied)}`);
  interrupted.throwIfAborted();

  using router = NsHandle.fromName(ROUTER);
  // These files show the namespace of the thread that opens them.
  router.run(() => FORWARDING.forEach((path) => writeFileSync(path, "1")));

  say("");
  say("What the kernel has now:");
  const namespaces = config.namespaces.map(summarize);
  for (const line of namespaces.flatMap(summaryLines)) say(`  ${line}`);

  say("");
  say(`Across the router, which forwards:`);
  const pings: DemoResult["pings"][number][] = [];
  for (const [from, to] of PINGS) {
    using host = NsHandle.fromName(from);
    const answer = await ping(host, to, interrupted);
    pings.push({ from, to, answer });
    say(`  ${from}: ${answer}`);
  }

  say("");
  say("Applied a second time:");
  const again = sound(await configurator.apply(config), "apply");
  say(`  ${sum(again)}`);
  if (again.done.length > 0) throw new Error(`The second apply changed something: ${again.done[0]?.description}`);
  interrupted.throwIfAborted();
  return { applied, namespaces, pings, again };
}

/** The report, if nothing failed and nothing has to wait. */
function sound(report: ApplyReport, what: string): ApplyReport {
  const [wrong] = [...report.failed, ...report.pending];
  if (wrong !== undefined) throw new Error(`The demo could not ${what} ${wrong.item}: ${wrong.reason}`);
  return report;
}

const sum = ({ done, unchanged }: ApplyReport): string => `${done.length} done, ${unchanged} unchanged`;
