/** Keeps a network as a changing description has it, while containers, links and namespaces come and go. */
import { backoff } from "../../async/backoff.ts";
import { Debounce } from "../../async/debounce.ts";
import type { NetworkConfig } from "../../models/config.ts";
import type { NsHandler } from "../../ns_handler.ts";
import type { ApplyReport, StepKind } from "../report.ts";
import { ApplyTriggers } from "./apply_triggers.ts";
import { RepeatedMends } from "./repeated_mends.ts";

/** Options of `Configurator.agent`. */
export interface AgentOptions {
  /** Ends it, without an error. What was made stays. */
  readonly signal: AbortSignal;
  /** Is called when an apply could not even begin; it is tried again. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Is called once in each apply that waits for longer than a second for another one, with who that is. */
  readonly onWait?: ((reason: string) => void) | undefined;
  /** Is called after each apply, also one that did nothing, with the configuration and what it did. */
  readonly onApplied?: ((config: NetworkConfig, report: ApplyReport) => void) | undefined;
}

/** What makes a configuration real: a `Configurator`. */
export interface Applier {
  /** As `Configurator.apply`. */
  apply(config: NetworkConfig, options: Pick<AgentOptions, "signal" | "onWait">): Promise<ApplyReport>;
}

/** How soon what failed is tried again. */
const RETRY = { first: 500, longest: 30_000 };
/** What is changed without an event: what somebody undid before the first look after the apply would not be seen. */
const WITHOUT_EVENTS: ReadonlySet<StepKind> = new Set(["set-sysctl", "set-wireguard", "set-file"]);
/** The longest rest between two applies, in milliseconds. */
const LONGEST_REST = 500;

/**
 * Applies each configuration as it comes, and again whenever a container of it starts or ends, their runtime is reached
 * or lost, or somebody changes what is in its namespaces: what was pending is done as soon as it can be, and what
 * somebody else changed is mended. What failed is tried again. After an apply it rests as long as that took, so that
 * one apply answers many changes. What somebody changes again and again is mended after growing pauses, and a warning
 * says so.
 *
 * @param handler After `init()`, because its containers are followed.
 * @param options Those of the caller, and the directory of named namespaces.
 * @returns Each report in which something was done, or other items are pending or failed than in the report
 * before, or it has other warnings.
 * @throws What `configs` throws.
 */
export async function* runAgent(
  applier: Applier,
  handler: NsHandler,
  configs: AsyncIterable<NetworkConfig>,
  { signal, onError, onWait, onApplied, netnsDir }: AgentOptions & { readonly netnsDir: string },
): AsyncGenerator<ApplyReport, void, undefined> {
  const changes = new Debounce((took) => Math.min(took, LONGEST_REST));
  const { wake } = changes;
  let config: NetworkConfig | undefined;
  let before: NetworkConfig | undefined;
  const fail = (error: unknown): void => changes.end(error);
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
  using mends = new RepeatedMends(wake);
  const onChange = (source: string | undefined): void => source === undefined ? wake() : mends.changed(source);
  await using triggers = new ApplyTriggers(handler, netnsDir, onChange, fail);
  const ended = new AbortController();
  const end = (): void => ended.abort();
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  void followConfigs(); // it ends when its source does
  let retry: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let last = "";
  try {
    for await (const _ of changes.wakeUps(ended.signal)) {
      clearTimeout(retry);
      if (config === undefined) continue;
      const applied = config;
      mends.begin();
      let report: ApplyReport | undefined;
      try {
        triggers.follow(applied); // before: what is gone is closed, and nothing is missed from here on
        report = await applier.apply(applied, { signal: ended.signal, onWait });
        if (applied === before) mends.mended(report.done);
        before = applied;
        const warnings = [...report.warnings ?? [], ...mends.warnings()];
        if (warnings.length > 0) report = { ...report, warnings };
        triggers.follow(applied); // after: what was made
        if (report.done.some(({ kind }) => WITHOUT_EVENTS.has(kind))) mends.changed("what sends no event");
        onApplied?.(applied, report);
      } catch (error) {
        if (ended.signal.aborted) return; // it waited for another apply
        onError?.(error);
      }
      failures = report?.failed.length === 0 ? 0 : failures + 1;
      if (failures > 0) retry = setTimeout(wake, backoff(failures, RETRY));
      const state = JSON.stringify([report?.pending, report?.failed, report?.warnings]);
      if (report !== undefined && (report.done.length > 0 || state !== last)) yield report;
      last = state;
    }
  } finally {
    clearTimeout(retry);
    signal.removeEventListener("abort", end);
    end();
  }
}
