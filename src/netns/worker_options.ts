/** What a thread in a namespace starts with. */
import type { WorkerOptions } from "node:worker_threads";
import { runtimeKind } from "../../ffi/mod.ts";
import { programUrl } from "../async/program.ts";

/** The options that Bun knows besides those of Node. */
interface BunOptions extends WorkerOptions {
  /** Modules that are imported before that of the thread. */
  readonly preload?: readonly string[];
}

/**
 * The options of a worker whose global `fetch` is that of its namespace: in Bun, whose own runs on a thread of the process,
 * it is replaced before the module of the worker is imported.
 */
export function withOwnFetch(options: WorkerOptions): WorkerOptions {
  if (runtimeKind() !== "bun") return options;
  const given: BunOptions = options;
  const own: BunOptions = { ...options, preload: [fetchModule(), ...given.preload ?? []] };
  return own;
}

/** The module that replaces `fetch`, as text if it is bundled as one. */
const fetchModule = (): string => importable(programUrl(new URL("./worker_fetch.ts", import.meta.url)));

/** The URL with which a thread imports a module: Bun takes what follows a dot in a text for the kind of a file. */
export function importable({ href, protocol }: URL): string {
  if (runtimeKind() !== "bun" || protocol !== "data:") return href;
  const comma = href.indexOf(",");
  return href.slice(0, comma) + href.slice(comma).replaceAll(".", "%2E");
}
