/** Files: each is replaced as a whole, and keeps its owner and its mode. */
import { chmodSync, chownSync, lstatSync, renameSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { makeDirectories } from "../../directories.ts";
import { codeOf } from "../../reason.ts";
import { unfinishedPath } from "../observed/owned_file.ts";
import type { Task } from "../plan/actions.ts";
import { type ApplyContext, attempt, MissingError } from "./executor.ts";

/** Everybody may read it: programs of any user resolve names. */
const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;
const MODE_BITS = 0o7777;

/** Writes and deletes the files of `set-file` and `delete-file`. */
export async function setFiles(tasks: readonly Task[], context: ApplyContext): Promise<void> {
  for (const task of tasks) {
    const { action } = task;
    if (action.kind !== "set-file" && action.kind !== "delete-file") continue;
    if (await context.isInterrupted()) return;
    const { namespace, path, folders } = action;
    if (action.kind === "set-file" && namespace?.exists === false) {
      context.finish(task, new MissingError(`the namespace ${namespace.label} was not made`));
      continue;
    }
    attempt(task, context, () => action.kind === "set-file" ? write(path, action.text) : remove(path, folders));
  }
}

function write(path: string, text: string): void {
  makeDirectories(dirname(path), DIRECTORY_MODE);
  const unfinished = unfinishedPath(path);
  try {
    rmSync(unfinished, { force: true }); // of a run that was killed
    writeFileSync(unfinished, text, { flag: "wx" });
    const before = lstatSync(path, { throwIfNoEntry: false });
    // The owner first: who is not root loses what the mode gives to others.
    if (before?.isFile()) chownSync(unfinished, before.uid, before.gid);
    chmodSync(unfinished, before?.isFile() ? before.mode & MODE_BITS : FILE_MODE); // whatever the umask is
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/** Deletes a file, and so many directories above it, of which each goes only if nothing else is in it. */
function remove(path: string, folders: number): void {
  const tolerate = (act: () => void, ...codes: string[]): void => {
    try {
      act();
    } catch (error) {
      if (!codes.includes(codeOf(error))) throw error;
    }
  };
  for (const file of [path, unfinishedPath(path)]) tolerate(() => unlinkSync(file), "ENOENT", "ENOTDIR");
  let folder = path;
  for (let i = 0; i < folders; i++) {
    folder = dirname(folder);
    tolerate(() => rmdirSync(folder), "ENOENT", "ENOTEMPTY", "EEXIST", "EBUSY", "ENOTDIR");
  }
}
