/** What is said of a directory that this library keeps files in. */
import { type FileStatus, geteuid, printable, requireWritable, S_IFDIR, S_IFMT, statusAt } from "../../ffi/mod.ts";
import { isErrno } from "../errors.ts";
import { failed, ok, refused, type Verdict, warning } from "./check.ts";

/** The status of the directory at `path`; undefined if nothing is there. */
export function directoryAt(path: string): FileStatus | undefined {
  try {
    return statusAt(path);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Whose a directory is, and who may write there. `made` says what makes it where it is missing. */
export function directoryVerdict(path: string, made: string): Verdict {
  const status = directoryAt(path);
  if (status === undefined) return ok(`not there yet: ${made} makes it`);
  if ((status.mode & S_IFMT) !== S_IFDIR) return failed("it is no directory", `remove ${printable(path)}`);
  const mode = (status.mode & 0o7777).toString(8).padStart(3, "0");
  const seen = `mode ${mode}, of uid ${status.uid}`;
  if ((status.mode & OTHERS_WRITE) !== 0) {
    const sticky = (status.mode & STICKY) !== 0;
    const may = sticky ? "everybody may put names there" : "everybody may put names there and take them away";
    return (sticky ? warning : failed)(`${seen}: ${may}`, `chmod o-w ${printable(path)}`);
  }
  if ((status.mode & GROUP_WRITE) !== 0) {
    return warning(`${seen}: its group may put names there and take them away`, `chmod g-w ${printable(path)}`);
  }
  if (status.uid !== 0 && status.uid !== geteuid()) {
    return warning(`${seen}, who may put names there and take them away`, `chown root ${printable(path)}`);
  }
  return writable(path, seen);
}

const OTHERS_WRITE = 0o002;
const GROUP_WRITE = 0o020;
const STICKY = 0o1000;

function writable(path: string, seen: string): Verdict {
  try {
    requireWritable(path);
    return ok(seen);
  } catch (error) {
    const { detail, remedy } = refused(error);
    return { status: "failed", detail: `${seen}, and this process may not write there: ${detail}`, remedy };
  }
}
