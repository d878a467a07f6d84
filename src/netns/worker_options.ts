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
function fetchModule(): string {
  const { href, protocol } = programUrl(new URL("./worker_fetch.ts", import.meta.url));
  if (protocol !== "data:") return href;
  // Bun takes what follows a dot for the kind of a file: in base64 there is none.
  return `data:text/javascript;base64,${btoa(unescaped(href.slice(href.indexOf(",") + 1)))}`;
}

/** The bytes of a text in the form that `btoa` takes. */
const unescaped = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
