/** Events of a directory. See inotify(7). */
import { constants } from "node:os";
import {
  IN_CREATE,
  IN_DELETE,
  IN_DELETE_SELF,
  IN_MOVE_SELF,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_ONLYDIR,
  O_CLOEXEC,
  O_NONBLOCK,
} from "./constants.ts";
import { checked, throwUnlessInterrupted } from "./errors.ts";
import { close } from "./files.ts";
import { libc } from "./library.ts";
import { nameOfBytes } from "./raw_names.ts";
import { cpath } from "./text.ts";

/** A name came to a directory or left it, or something happened to the directory itself. */
export interface DirectoryEvent {
  readonly kind: "added" | "removed" | "other";
  /** The name in the directory; empty for the directory itself. */
  readonly name: string;
}

/**
 * Has the kernel queue the events of a directory.
 *
 * @returns The descriptor of the queue, which does not wait when it is read.
 * @throws {SyscallError} `ENOSPC`, `EMFILE`: a limit of /proc/sys/fs/inotify is reached. `ENOENT`: there is no such directory.
 */
export function watchDirectory(path: string): number {
  const { functions, errno } = libc();
  const fd = checked("inotify_init1", functions.inotify_init1(O_NONBLOCK | O_CLOEXEC), errno[0]);
  try {
    checked("inotify_add_watch", functions.inotify_add_watch(fd, cpath(path), FOLLOWED), errno[0], path);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

const ADDED = IN_CREATE | IN_MOVED_TO;
const REMOVED = IN_DELETE | IN_MOVED_FROM;
const FOLLOWED = ADDED | REMOVED | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

/** Takes the events that wait in a queue, in order. */
export function readEvents(fd: number): DirectoryEvent[] {
  const { functions, errno } = libc();
  const events: DirectoryEvent[] = [];
  const buffer = new Uint8Array(16 * 1024);
  for (;;) {
    const length = functions.read(fd, buffer, buffer.length);
    const why = errno[0];
    if (length !== -1) events.push(...eventsIn(buffer.subarray(0, length)));
    else if (why === constants.errno.EAGAIN) return events;
    else throwUnlessInterrupted("read", why);
  }
}

/** The size of struct inotify_event without its name. */
const HEADER = 16;

function* eventsIn(bytes: Uint8Array): Generator<DirectoryEvent> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // struct inotify_event: int wd, uint32_t mask, cookie, len; then a name of this length, with NULs at its end
  for (let at = 0, next: number; at < bytes.length; at = next) {
    next = at + HEADER + view.getUint32(at + 12, true);
    const mask = view.getUint32(at + 4, true);
    const name = bytes.subarray(at + HEADER, next);
    const end = name.indexOf(0);
    yield {
      kind: mask & ADDED ? "added" : mask & REMOVED ? "removed" : "other",
      name: nameOfBytes(end === -1 ? name : name.subarray(0, end)),
    };
  }
}
