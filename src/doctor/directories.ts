/** The verdict on a directory in which this library keeps files. */
import { type FileStatus, geteuid, printable, requireWritable, S_IFDIR, S_IFMT, statusAt } from "../../ffi/mod.ts";
import { isErrno } from "../errors.ts";
import { failed, ok, refused, type Verdict, warning } from "./check.ts";

/** The status of the file at `path`; undefined if there is none. */
export function statusIfThere(path: string): FileStatus | undefined {
  try {
    return statusAt(path);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/**
 * Whether only root and this user can write to a directory.
 *
 * @param creator What creates the directory if it does not exist: ``"the first `netns add`"``.
 */
export function directoryVerdict(path: string, creator: string): Verdict {
  const status = statusIfThere(path);
  if (status === undefined) return ok(`does not exist yet; ${creator} creates it`);
  if ((status.mode & S_IFMT) !== S_IFDIR) return failed("not a directory", `remove ${printable(path)}`);
  const mode = (status.mode & 0o7777).toString(8).padStart(3, "0");
  const seen = `mode ${mode}, uid ${status.uid}`;
  if ((status.mode & S_IWOTH) !== 0) {
    const remedy = `chmod o-w ${printable(path)}`;
    return (status.mode & S_ISVTX) !== 0
      ? warning(`${seen}: every user can create files in it`, remedy)
      : failed(`${seen}: every user can create and delete files in it`, remedy);
  }
  if ((status.mode & S_IWGRP) !== 0) {
    return warning(`${seen}: its group can create and delete files in it`, `chmod g-w ${printable(path)}`);
  }
  if (status.uid !== 0 && status.uid !== geteuid()) {
    return warning(`${seen}: that user can create and delete files in it`, `chown root ${printable(path)}`);
  }
  return writableVerdict(path, seen);
}

// See inode(7).
const S_IWOTH = 0o002;
const S_IWGRP = 0o020;
const S_ISVTX = 0o1000;

function writableVerdict(path: string, seen: string): Verdict {
  try {
    requireWritable(path);
    return ok(seen);
  } catch (error) {
    const { detail, remedy } = refused(error);
    return failed(`${seen}: this process cannot write to it: ${detail}`, remedy);
  }
}
