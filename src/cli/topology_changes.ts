/** Follows the FILE of the agent. */
import { statSync } from "node:fs";
import { Debounce } from "../async/debounce.ts";
import { pause } from "../async/pause.ts";
import type { NetworkConfig } from "../models/config.ts";
import { requireFollowable } from "./file_text.ts";
import type { Io } from "./io.ts";
import { readNamedTopology } from "./topology_file.ts";

/** How long the file must be the same before it is read, in milliseconds: many programs write in several steps. */
const SETTLING = 50;
/** How long it waits for that at most, in milliseconds. */
const LONGEST_SETTLING = 2000;
/**
 * How often it looks at the file, in milliseconds. A look takes some microseconds, and also finds what sends no event: the
 * target of a symbolic link, a directory that was replaced, a file of another machine. Deno's own watch of a directory
 * is deaf for ever, and does not end, once anybody makes a FIFO in it, or a link to one.
 */
const POLL_INTERVAL = 100;

/**
 * Yields the configuration in `file` whenever it differs from the last one, until `io` is interrupted. It looks at the
 * file ten times a second.
 *
 * While it runs, SIGHUP has it read the file at once, and yield it although it is the same.
 *
 * @param name The name of a configuration that has none in its file.
 * @param first The last configuration that the caller has.
 * @param onFault Called with the error when the file cannot be read or has faults.
 * @param onReload Called when the file is read because of SIGHUP, and when that is done. Without it, SIGHUP interrupts.
 */
export async function* topologyChanges(
  file: string,
  name: string | undefined,
  io: Io,
  first: NetworkConfig,
  onFault: (error: unknown) => void,
  onReload?: (state: "begun" | "done") => void,
): AsyncGenerator<NetworkConfig, void, undefined> {
  const changes = new Debounce(() => 0); // it waits itself, before it reads
  let seen = stampOf(file);
  const poll = setInterval(() => {
    const now = stampOf(file);
    if (now !== seen) changes.wake();
    seen = now;
  }, POLL_INTERVAL);
  let last = JSON.stringify(first);
  changes.wake(); // the file may have changed before the first look
  let isAsked = false;
  if (onReload !== undefined) {
    io.onHangUp = () => {
      onReload("begun");
      isAsked = true;
      changes.wake();
    };
  }
  try {
    for await (const _ of changes.wakeUps(io.interrupted)) {
      await settled(file, io.interrupted);
      if (io.interrupted.aborted) return;
      const isReload = isAsked;
      isAsked = false;
      if (isReload) last = "";
      let text: string;
      try {
        requireFollowable(file);
        const config = await readNamedTopology(file, io, name);
        text = JSON.stringify(config);
        if (text !== last) yield config;
      } catch (error) {
        text = String(error);
        if (text !== last) onFault(error);
      }
      last = text;
      if (isReload) onReload?.("done");
    }
  } finally {
    clearInterval(poll);
  }
}

/** A text that is another one when a file was written or replaced; empty if there is none. */
function stampOf(file: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
  } catch {
    return "";
  }
}

/** Waits until nobody writes the file any more, so that half of it is not taken for the whole. */
async function settled(file: string, signal: AbortSignal): Promise<void> {
  const begin = performance.now();
  for (let stamp = stampOf(file); performance.now() - begin < LONGEST_SETTLING;) {
    await pause(SETTLING, signal);
    const now = stampOf(file);
    if (signal.aborted || now === stamp) return;
    stamp = now;
  }
}
