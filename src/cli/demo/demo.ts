/** What `netns demo` does. */
import { writeFileSync } from "node:fs";
import { pause } from "../../async/pause.ts";
import type { Configurator } from "../../configurator/configurator.ts";
import type { ApplyReport } from "../../configurator/report.ts";
import { FileStateStore } from "../../configurator/store/file.ts";
import { type NetworkConfig, parseConfig } from "../../models/config.ts";
import { nameOfEntry } from "../../models/sysctls.ts";
import { NsHandle } from "../../netns/handle.ts";
import { withConfigurator } from "../command_configurator.ts";
import { countsText } from "../report_counts.ts";
import { InterruptedError } from "../errors.ts";
import TOPOLOGY from "./demo.yaml" with { type: "text" };
import { ping } from "./ping.ts";
import { type NamespaceSummary, summarize, summaryLines } from "./summary.ts";

export { TOPOLOGY };

/** The result of the demo. */
export interface DemoResult {
  /** The first apply. */
  readonly applied: ApplyReport;
  /** What the kernel reports after it. */
  readonly namespaces: readonly NamespaceSummary[];
  /** The replies across the router. */
  readonly pings: readonly { from: string; to: string; answer: string }[];
  /** The second apply, which changes nothing. */
  readonly again: ApplyReport;
  /** The destroy at the end. */
  readonly destroyed: ApplyReport;
}

const LEFT = "netns-demo-left";
const ROUTER = "netns-demo-router";
const RIGHT = "netns-demo-right";

/** From one host to the other over both protocols, and back. */
const PINGS: readonly (readonly [from: string, to: string])[] = [
  [LEFT, "198.51.100.2"],
  [LEFT, "2001:db8:2::2"],
  [RIGHT, "192.0.2.2"],
];

/** The sysctls that make a namespace a router. */
const FORWARDING = ["/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding"];

/** How often the demo tries to remove what a killed demo left. */
const TRIES = 20;
/** The time between two tries, in milliseconds. */
const TRY_INTERVAL = 100;

/**
 * Applies the topology, prints it, pings across it, applies it again, and destroys it on every path.
 *
 * @param print Called with each line.
 * @throws {InterruptedError} `interrupted` was aborted; the topology is destroyed.
 * @throws {Error} A step failed; the topology is destroyed as far as possible.
 */
export async function runDemo(print: (line: string) => void, interrupted: AbortSignal): Promise<DemoResult> {
  const config = parseConfig(TOPOLOGY, { source: "demo.yaml" });
  return await withConfigurator(config, async (configurator) => {
    const destroy = () => configurator.destroy(config);
    let result: Omit<DemoResult, "destroyed">;
    try {
      if (await isRemembered(config)) await removeEarlier(destroy, interrupted);
      result = await show(configurator, config, print, interrupted);
    } catch (error) {
      await destroy();
      throw interrupted.aborted ? new InterruptedError(interrupted.reason) : error;
    }
    const destroyed = complete(await destroy(), "destroy");
    print("");
    print("Taken away again:");
    print(`  ${counts(destroyed)}`);
    return { ...result, destroyed };
  });
}

/** True if an earlier demo left a state: a destroy without one fails. */
async function isRemembered({ name = "" }: NetworkConfig): Promise<boolean> {
  return await new FileStateStore().load(name) !== undefined;
}

/** Removes what a killed demo left. Its ping may still run for a while and hold a namespace. */
async function removeEarlier(destroy: () => Promise<ApplyReport>, interrupted: AbortSignal): Promise<void> {
  let report = await destroy();
  for (let i = 0; report.pending.length > 0 && i < TRIES; i++) {
    await pause(TRY_INTERVAL, interrupted);
    interrupted.throwIfAborted();
    report = await destroy();
  }
  complete(report, "begin: it could not destroy");
}

async function show(
  configurator: Configurator,
  config: NetworkConfig,
  print: (line: string) => void,
  interrupted: AbortSignal,
): Promise<Omit<DemoResult, "destroyed">> {
  print("Two hosts and a router, from a file (netns demo --print shows it):");
  const applied = complete(await configurator.apply(config), "apply");
  for (const { description } of applied.done) print(`  ${description}`);
  print(`  ${counts(applied)}`);
  interrupted.throwIfAborted();

  using router = NsHandle.fromName(ROUTER);
  // /proc/sys/net shows the namespace of the thread that opens a file in it.
  router.run(() => FORWARDING.forEach((path) => writeFileSync(path, "1")));

  print("");
  print("What the kernel has now:");
  const namespaces = config.namespaces.map(nameOfEntry).map(summarize);
  for (const line of namespaces.flatMap(summaryLines)) print(`  ${line}`);

  print("");
  print("Across the router, which forwards:");
  const pings: DemoResult["pings"][number][] = [];
  for (const [from, to] of PINGS) {
    using host = NsHandle.fromName(from);
    const answer = await ping(host, to, interrupted);
    pings.push({ from, to, answer });
    print(`  ${from}: ${answer}`);
  }

  print("");
  print("Applied a second time:");
  const again = complete(await configurator.apply(config), "apply");
  print(`  ${counts(again)}`);
  if (again.done.length > 0) throw new Error(`The second apply changed something: ${again.done[0]?.description}`);
  interrupted.throwIfAborted();
  return { applied, namespaces, pings, again };
}

/** `report`, if nothing in it failed or is pending. */
function complete(report: ApplyReport, action: string): ApplyReport {
  const [first] = [...report.failed, ...report.pending];
  if (first !== undefined) throw new Error(`The demo could not ${action} ${first.item}: ${first.reason}`);
  return report;
}

const counts = ({ done, unchanged }: ApplyReport): string => (
  countsText({ done: done.length, unchanged, pending: 0, failed: 0 })
);
