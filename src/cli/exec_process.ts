/** The process of `netns exec`, which becomes the command. */
import { becomeUser, setEnvironmentVariable } from "../../ffi/mod.ts";
import { reasonOf } from "../errors.ts";
import type { Namespace } from "../namespace.ts";
import { type Credentials, parseCredentials, variablesOf } from "../netns/user.ts";
import { commandNamespace } from "./command_namespace.ts";
import { UsageError } from "./errors.ts";
import { mountForExec } from "./exec_mounts.ts";
import type { Io } from "./io.ts";
import { replaceProcess } from "./replace_process.ts";
import { inherited, wordsAsGiven } from "./inherited.ts";

/** Options of the command. */
export interface ExecOptions {
  /** `USER` or `USER:GROUP`. */
  readonly user?: string;
  /** False with `--no-sys`. */
  readonly sys: boolean;
  /** False with `--no-etc`. */
  readonly etc: boolean;
}

/**
 * Runs a command in a namespace, in place of this process.
 *
 * @throws {NotStartedError} There is no such command, or it cannot be run.
 * @throws {UsageError} There is no such user.
 * @throws As {@linkcode commandNamespace}.
 */
export async function execIn(
  ns: Namespace,
  words: readonly string[],
  { user, sys, etc }: ExecOptions,
  io: Io,
): Promise<never> {
  const credentials = user === undefined ? undefined : userOf(user);
  const [command = "", ...args] = wordsAsGiven(words);
  const given = inherited();
  const handle = await commandNamespace(ns);
  handle.descriptor.enter(); // for good: this process becomes the command, or ends
  mountForExec({ sys, etc: etc && ns.type === "named" ? ns.name : undefined }, io.complain);
  if (credentials !== undefined) become(credentials);
  return replaceProcess(command, args, given);
}

/**
 * The user of `--user`.
 *
 * @throws {UsageError} There is no such user.
 */
export function userOf(text: string): Credentials {
  try {
    return parseCredentials(text);
  } catch (error) {
    throw new UsageError(reasonOf(error), { cause: error });
  }
}

function become(credentials: Credentials): void {
  const { uid, gid, account } = credentials;
  for (const [name, value] of Object.entries(variablesOf(credentials))) setEnvironmentVariable(name, value);
  becomeUser(uid, gid, account);
}
