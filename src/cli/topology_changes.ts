/** Follows the FILE of the agent. */
import { watch } from "node:fs";
import { dirname, resolve } from "node:path";
import { Debounce } from "../async/debounce.ts";
import type { NetworkConfig } from "../models/config.ts";
import type { Io } from "./io.ts";
import { readNamedTopology } from "./topology_file.ts";

/** How long no change is read after one, in milliseconds: an editor writes in several steps. */
const SETTLING = 50;

/**
 * Yields the configuration in `file` whenever it differs from the last one, until `io` is interrupted. It watches the
 * directory, because editors replace the file. See inotify(7).
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
  const changes = new Debounce(() => SETTLING);
  const watcher = watch(dirname(resolve(file)), changes.wake);
  watcher.on("error", (error) => changes.end(error));
  let last = JSON.stringify(first);
  changes.wake(); // the file may have changed before the watch began
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
      const isReload = isAsked;
      isAsked = false;
      if (isReload) last = "";
      let text: string;
      try {
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
    watcher.close();
  }
}
