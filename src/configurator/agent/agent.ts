/** Keeps a network as a changing description has it, while containers, links and namespaces come and go. */
import { EventQueue } from "../../async/event_queue.ts";
import { pause } from "../../async/pause.ts";
import type { NetworkConfig } from "../../models/config.ts";
import type { NsHandler } from "../../ns_handler.ts";
import type { ApplyReport } from "../report.ts";
import { ChangeSources } from "./change_sources.ts";

/** Options of `Configurator.agent`. */
export interface AgentOptions {
  /** Ends it, without an error. What was made stays. */
  readonly signal: AbortSignal;
  /** Is called when an apply could not even begin; it is tried again. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** What makes a configuration real: a `Configurator`. */
export interface Applier {
  /** As `Configurator.apply`. */
  apply(config: NetworkConfig, options: { readonly signal: AbortSignal }): Promise<ApplyReport>;
}

/** The first wait after something failed and the longest one, in milliseconds. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
/** The longest rest between two applies, in milliseconds. */
const LONGEST_REST = 500;

/** The wait before a new attempt after `failures` failed ones, in milliseconds. */
function waitAfter(failures: number): number {
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures - 1, 10));
}

/**
 * Applies each configuration as it comes, and again whenever a container of it starts or ends, their runtime is reached
 * or lost, or somebody changes what is in its namespaces: what was pending is done as soon as it can be, and what
 * somebody else changed is mended. What failed is tried again. After an apply it rests as long as that took, so that
 * one apply answers many changes.
 *
 * @param handler After `init()`, because its containers are followed.
 * @param options Those of the caller, and the directory of named namespaces.
 * @returns Each report in which something was done, or other items are pending or failed than in the report before.
 * @throws What `configs` throws.
 */
export async function* runAgent(
  applier: Applier,
  handler: NsHandler,
  configs: AsyncIterable<NetworkConfig>,
  { signal, onError, netnsDir }: AgentOptions & { readonly netnsDir: string },
): AsyncGenerator<ApplyReport, void, undefined> {
  const wakeUps = new EventQueue<void>();
  let isWaking = false;
  const wake = (): void => {
    if (!isWaking) wakeUps.push();
    isWaking = true;
  };
  let config: NetworkConfig | undefined;
  const fail = (error: unknown): void => wakeUps.end(error);
  const followConfigs = async (): Promise<void> => {
    try {
      for await (const next of configs) {
        config = next;
        wake();
      }
    } catch (error) {
      fail(error);
    }
  };
  await using sources = new ChangeSources(handler, netnsDir, wake, fail);
  const ended = new AbortController();
  const end = (): void => ended.abort();
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  void followConfigs(); // it ends when its source does
  let retry: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let last = "";
  try {
    for await (const _ of wakeUps.values(ended.signal)) {
      isWaking = false;
      clearTimeout(retry);
      if (config === undefined) continue;
      let report: ApplyReport | undefined;
      const begin = performance.now();
      try {
        sources.follow(config); // before: what is gone is closed, and nothing is missed from here on
        report = await applier.apply(config, { signal: ended.signal });
        sources.follow(config); // after: what was made
      } catch (error) {
        if (ended.signal.aborted) return; // it waited for another apply
        onError?.(error);
      }
      const took = performance.now() - begin;
      failures = report?.failed.length === 0 ? 0 : failures + 1;
      if (failures > 0) retry = setTimeout(wake, waitAfter(failures));
      const state = JSON.stringify([report?.pending, report?.failed]);
      if (report !== undefined && (report.done.length > 0 || state !== last)) yield report;
      last = state;
      await pause(Math.min(took, LONGEST_REST), ended.signal);
    }
  } finally {
    clearTimeout(retry);
    signal.removeEventListener("abort", end);
    end();
  }
}
