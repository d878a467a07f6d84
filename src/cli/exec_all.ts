/** `netns exec --all`: the command runs in each named namespace. */
import { once } from "node:events";
import { constants } from "node:os";
import { keepDescriptors, printable, setFileLimit } from "../../ffi/mod.ts";
import { reasonOf } from "../errors.ts";
import { listNamedNamespaces } from "../named/list.ts";
import { NsHandle } from "../netns/handle.ts";
import { ReportedError, UsageError } from "./errors.ts";
import { type ExecOptions, userOf } from "./exec_process.ts";
import type { Io } from "./io.ts";
import { inherited, wordsAsGiven } from "./inherited.ts";
import { reasonNotRun } from "./replace_process.ts";

/**
 * Runs a command in each named namespace, one after the other, below a line with the name, as `ip -all netns exec`. One
 * that fails does not stop the others.
 *
 * @throws {UsageError} There is no such user, or an argument is no text.
 * @throws {ReportedError} The command failed in a namespace.
 */
export async function execInAll(
  words: readonly [string, ...string[]],
  { user, sys, etc }: ExecOptions,
  io: Io,
): Promise<void> {
  const bytes = wordsAsGiven(words);
  if (bytes.some((word, index) => typeof word !== "string" && new TextDecoder().decode(word) !== words[index])) {
    throw new UsageError("netns exec: expected arguments in UTF-8 with --all");
  }
  const [command, ...args] = words;
  const credentials = user === undefined ? {} : { user: userOf(user).uid, group: userOf(user).gid };
  const given = inherited();
  if (given !== undefined) {
    keepDescriptors(given.descriptors);
    setFileLimit(given.fileLimit);
  }
  let failed = false;
  for (const name of listNamedNamespaces()) {
    io.print(`\nnetns: ${printable(name)}`);
    await io.flushed();
    try {
      using ns = NsHandle.fromName(name);
      const options = { stdio: "inherit", sysfs: sys, etc: etc ? name : undefined, ...credentials } as const;
      const [status] = await once(ns.spawn(command, args, options), "exit");
      failed ||= status !== 0;
    } catch (error) {
      io.complain(`error: ${printable(name)}: ${reasonOfStart(error, command)}`);
      failed = true;
    }
  }
  if (failed) throw new ReportedError("The command failed in a namespace");
}

/** Why a command did not run, in the words that it has in one namespace. */
function reasonOfStart(error: unknown, command: string): string {
  if (!(error instanceof Error && "syscall" in error && `${error.syscall}`.startsWith("spawn") && "code" in error)) {
    return reasonOf(error);
  }
  const found = Object.entries(constants.errno).find(([name]) => name === error.code);
  return found === undefined ? reasonOf(error) : reasonNotRun(printable(command), found[1], found[0]);
}
