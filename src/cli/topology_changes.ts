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
 * @param name The name of a configuration that has none in its file.
 * @param first The last configuration that the caller has.
 * @param onFault Called with the error when the file cannot be read or has faults.
 */
export async function* topologyChanges(
  file: string,
  name: string | undefined,
  io: Io,
  first: NetworkConfig,
  onFault: (error: unknown) => void,
): AsyncGenerator<NetworkConfig, void, undefined> {
  const changes = new Debounce(() => SETTLING);
  const watcher = watch(dirname(resolve(file)), changes.wake);
  watcher.on("error", (error) => changes.end(error));
  let last = JSON.stringify(first);
  changes.wake(); // the file may have changed before the watch began
  try {
    for await (const _ of changes.wakeUps(io.interrupted)) {
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
    }
  } finally {
    watcher.close();
  }
}
