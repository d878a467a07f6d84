/** Keeps a network as a changing description has it, while containers, links and namespaces come and go. */
import { SyscallError } from "../../../ffi/mod.ts";
import { InvalidNamespaceError, UnavailableMicroserviceError } from "../../errors.ts";
import type { NetworkConfig } from "../../models/config.ts";
import { namespaceOfItem } from "../../models/references.ts";
import { watchNamedNamespaces } from "../../named/watch.ts";
import { namedNs, type Namespace, namespaceKey } from "../../namespace.ts";
import { NsHandle } from "../../netns/handle.ts";
import type { NsHandler } from "../../ns_handler.ts";
import { EventQueue } from "../../async/event_queue.ts";
import { pause } from "../../async/pause.ts";
import type { Configurator } from "../configurator.ts";
import { KernelWatch } from "./kernel_watch.ts";
import { NamespaceWatch } from "./namespace_watch.ts";
import type { ApplyReport } from "../report.ts";

/** Options of `Configurator.agent`. */
export interface AgentOptions {
  /** Ends it, without an error. What was made stays. */
  readonly signal: AbortSignal;
  /** Is told of an apply that could not even begin; it is tried again. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** The first wait after something failed and the longest one, in milliseconds. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
/** The longest rest between two applies, in milliseconds. */
const LONGEST_REST = 500;

/**
 * Applies each configuration as it comes, and again whenever a container of it starts or ends, their runtime is reached
 * or lost, or somebody changes what is in its namespaces: what was pending is done as soon as it can be, and what
 * somebody else changed is mended. What failed is tried again. After an apply it rests as long as that took, so that
 * what comes meanwhile comes together.
 *
 * @param handler After `init()`: its containers are followed.
 * @returns Each report that has news: something was done, or other items are pending or failed than before.
 * @throws What `configs` throws.
 */
export async function* runAgent(
  configurator: Configurator,
  handler: NsHandler,
  configs: AsyncIterable<NetworkConfig>,
  { signal, onError }: AgentOptions,
): AsyncGenerator<ApplyReport, void, undefined> {
  const bells = new EventQueue<void>();
  const ended = new AbortController();
  const end = (): void => ended.abort();
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  let config: NetworkConfig | undefined;
  let isRung = false;
  const ring = (): void => {
    if (!isRung) bells.push();
    isRung = true;
  };
  const heed = async (events: AsyncIterable<unknown>): Promise<void> => {
    try {
      for await (const _ of events) ring();
    } catch (error) {
      bells.end(error);
    }
  };
  const adopt = async function* (): AsyncGenerator<void> {
    for await (const next of configs) yield void (config = next);
  };
  using kernel = new KernelWatch(ring);
  using places = new NamespaceWatch((ns) => inodeOf(handler, ns), ring);
  const listen = (config: NetworkConfig): void => {
    const namespaces = namespacesOf(config);
    places.follow(namespaces);
    listenIn(kernel, handler, namespaces, config.arpEntries.length > 0);
  };
  const heeded = [
    heed(handler.microserviceEvents({ signal: ended.signal })),
    heed(handler.containerRuntimeStates({ signal: ended.signal })), // why a container is waited for
    heed(watchNamedNamespaces({ signal: ended.signal })),
  ];
  void heed(adopt()); // it ends when its source does
  let retry: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let last = "";
  try {
    for await (const _ of bells.values(ended.signal)) {
      isRung = false;
      clearTimeout(retry);
      if (config === undefined) continue;
      let report: ApplyReport | undefined;
      const begin = performance.now();
      try {
        listen(config); // before: what is gone is let go of, and nothing is missed from here on
        report = await configurator.apply(config, { signal: ended.signal });
        listen(config); // after: what was made
      } catch (error) {
        if (ended.signal.aborted) return; // it waited for another apply
        onError?.(error);
      }
      const took = performance.now() - begin;
      failures = report?.failed.length === 0 ? 0 : failures + 1;
      if (failures > 0) retry = setTimeout(ring, Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures - 1, 10)));
      const state = JSON.stringify([report?.pending, report?.failed]);
      if (report !== undefined && (report.done.length > 0 || state !== last)) yield report;
      last = state;
      await pause(Math.min(took, LONGEST_REST), ended.signal);
    }
  } finally {
    clearTimeout(retry);
    signal.removeEventListener("abort", end);
    end();
    await Promise.all(heeded);
  }
}

/** Where the items of a configuration are, and the default namespace, where TAPs appear. */
function namespacesOf({ namespaces, interfaces, arpEntries, routes }: NetworkConfig): (Namespace | undefined)[] {
  const found = [
    undefined,
    ...[...interfaces, ...arpEntries, ...routes].map(namespaceOfItem),
    ...namespaces.map((name) => namedNs(name)),
  ];
  return [...new Map(found.map((ns) => [namespaceKey(ns), ns])).values()];
}

/** Listens in those namespaces that are there. */
function listenIn(
  kernel: KernelWatch,
  handler: NsHandler,
  namespaces: readonly (Namespace | undefined)[],
  neighbours: boolean,
): void {
  const handles: NsHandle[] = [];
  try {
    for (const ns of namespaces) {
      const handle = openIfThere(handler, ns);
      if (handle !== undefined) handles.push(handle);
    }
    kernel.follow(handles, neighbours);
  } finally {
    for (const handle of handles) handle.close();
  }
}

/** Which namespace it is, if it is there. */
function inodeOf(handler: NsHandler, ns: Namespace): bigint | undefined {
  using handle = openIfThere(handler, ns);
  return handle?.inode;
}

/** Opens a namespace, and makes none. */
function openIfThere(handler: NsHandler, ns: Namespace | undefined): NsHandle | undefined {
  try {
    return ns?.type === "named" ? NsHandle.fromName(ns.name) : handler.getOrCreateNamespace(ns);
  } catch (error) {
    const isMissing = error instanceof UnavailableMicroserviceError || error instanceof InvalidNamespaceError ||
      error instanceof SyscallError;
    if (isMissing) return undefined; // apply says why
    throw error;
  }
}
