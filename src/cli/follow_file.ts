/** Following the FILE of the agent. */
import { watch } from "node:fs";
import { dirname, resolve } from "node:path";
import type { NetworkConfig } from "../models/config.ts";
import { EventQueue } from "../async/event_queue.ts";
import { pause } from "../async/pause.ts";
import { readConfig } from "./file.ts";
import type { Io } from "./io.ts";

/** How long a file is left alone after a change, in milliseconds: an editor writes in pieces, and renames. */
const SETTLING = 50;

/**
 * Each configuration that the file has from now on and that differs from the one before, until the user wants an end.
 * The directory is watched, because an editor may put another file in the place of the old one. See inotify(7).
 *
 * @param onBroken Is told of a file that cannot be read or has faults.
 */
export async function* followFile(
  file: string,
  io: Io,
  first: NetworkConfig,
  onBroken: (error: unknown) => void,
): AsyncGenerator<NetworkConfig, void, undefined> {
  const changes = new EventQueue<void>();
  let isPending = false;
  const changed = (): void => {
    if (!isPending) changes.push();
    isPending = true;
  };
  const watcher = watch(dirname(resolve(file)), changed);
  watcher.on("error", (error) => changes.end(error));
  let last = JSON.stringify(first);
  changed(); // what changed before the watch began
  try {
    for await (const _ of changes.values(io.interrupted)) {
      isPending = false;
      let text: string;
      try {
        const config = await readConfig(file, io);
        text = JSON.stringify(config);
        if (text !== last) yield config;
      } catch (error) {
        text = String(error);
        if (text !== last) onBroken(error);
      }
      last = text;
      await pause(SETTLING, io.interrupted);
    }
  } finally {
    watcher.close();
  }
}
