/** Programs that start in a namespace, with what `ip netns exec` and `setpriv` give theirs. */
import { type ChildProcess, spawn, type SpawnOptions as NodeSpawnOptions } from "node:child_process";
import process from "node:process";
import { isReadOnlyAt, statusAt } from "../../ffi/mod.ts";
import { namedNs } from "../namespace.ts";
import { checkProgram } from "./checks.ts";
import { type Credentials, credentialsOf, variablesOf } from "./user.ts";

export type { ChildProcess };

/** What a program gets that `ip netns exec` and `setpriv` give theirs. */
export interface ProgramOptions {
  /** The name whose files in `/etc/netns/<name>` the program sees in place of those in `/etc`, as with `ip netns exec`. */
  readonly etc?: string | undefined;
  /** True: its `/sys` shows the namespace. Without it, it sees that of this process. @default {false} */
  readonly sysfs?: boolean | undefined;
  /**
   * Runs it as this user, by name or number: with its group and its supplementary groups, and `HOME`, `USER` and `LOGNAME`
   * unless there is an `env`. A number that no account has needs a `group`. Needs CAP_SETUID and CAP_SETGID.
   */
  readonly user?: string | number | undefined;
  /** Its group, by name or number. @default {that of the user} */
  readonly group?: string | number | undefined;
  /** True: it gets no privileges by set-user-ID programs and file capabilities. See PR_SET_NO_NEW_PRIVS. */
  readonly noNewPrivileges?: boolean | undefined;
  /** True: it is killed when the thread that started it ends, whatever ends it. See PR_SET_PDEATHSIG. */
  readonly dieWithParent?: boolean | undefined;
}

/**
 * How a program starts: the options of `node:child_process`, and {@linkcode ProgramOptions}. Programs of util-linux do what
 * these ask for, each in place of the one before, so the process id is that of the program: `unshare`, `mount`, `setpriv`.
 */
export interface SpawnOptions extends NodeSpawnOptions, ProgramOptions {}

/**
 * Mounts over `/sys` and `/etc`, and becomes the program: `sh -c SCRIPT sh OPTIONS DIRECTORY PROGRAM…`, where empty words ask
 * for nothing. A mount that fails leaves what was there; `mount` says why.
 */
const MOUNT = `sys=$1 etc=$2; shift 2
[ -z "$sys" ] || mount -t sysfs -o "$sys" netns /sys
[ -z "$etc" ] || for file in "$etc"/* "$etc"/.[!.]*; do
  [ ! -e "$file" ] || mount --bind "$file" "/etc/\${file##*/}"
done
exec "$@"`;

/**
 * Starts a program where the thread is.
 *
 * @throws {TypeError} There is no such user or group.
 * @throws {InvalidNamespaceError} `etc` is no name.
 */
export function start(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  checkProgram(command, args, options);
  const { etc, sysfs, user, group, noNewPrivileges, dieWithParent, ...others } = options;
  const mounts = mountWords(etc, sysfs === true);
  const credentials = user === undefined ? undefined : credentialsOf(user, group);
  const privileges = privilegeWords(credentials, { group, noNewPrivileges, dieWithParent });
  const words = others.shell ? shellWords(command, args, others.shell) : [command, ...args];
  const [first, ...rest] = [...mounts, ...privileges];
  if (first === undefined) return spawn(command, args, others);
  if (!isFound(words[0] ?? "", others)) return spawnNothing(command, others);
  const env = credentials === undefined || others.env !== undefined
    ? others.env
    : { ...process.env, ...variablesOf(credentials) };
  return spawn(first, [...rest, ...words], { ...others, shell: false, ...(env === undefined ? {} : { env }) });
}

function mountWords(etc: string | undefined, sysfs: boolean): string[] {
  if (etc === undefined && !sysfs) return [];
  const directory = etc === undefined ? "" : `/etc/netns/${namedNs(etc).name}`;
  const sys = !sysfs ? "" : isReadOnlyAt("/sys") ? "ro" : "rw";
  return ["unshare", "--mount", "--propagation", "slave", "sh", "-c", MOUNT, "sh", sys, directory];
}

function privilegeWords(
  credentials: Credentials | undefined,
  { group, noNewPrivileges, dieWithParent }: ProgramOptions,
): string[] {
  const words: string[] = [];
  if (credentials !== undefined) {
    const { uid, gid, account } = credentials;
    words.push("--reuid", `${uid}`, "--regid", `${gid}`, account === undefined ? "--clear-groups" : "--init-groups");
  } else if (group !== undefined) {
    words.push("--regid", `${credentialsOf(0, group).gid}`, "--keep-groups");
  }
  if (noNewPrivileges) words.push("--no-new-privs");
  if (dieWithParent) words.push("--pdeathsig", "KILL");
  return words.length === 0 ? [] : ["setpriv", ...words, "--"];
}

/** A command line for a shell, as node:child_process makes it. */
function shellWords(command: string, args: readonly string[], shell: boolean | string): string[] {
  return [shell === true ? "/bin/sh" : String(shell), "-c", [command, ...args].join(" ")];
}

/**
 * A child that is not there: its `error` event is that of a program that is not, rather than the status of a program
 * before it. The runtime may look in other folders than {@linkcode isFound}, and must not run what it finds there without
 * what was asked for.
 */
export function spawnNothing(command: string, options: NodeSpawnOptions): ChildProcess {
  const path = `/proc/self/none/${command.replaceAll("/", "\\")}`;
  const child = spawn(path, [], { ...options, shell: false });
  const emit = child.emit.bind(child);
  child.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    const [error] = args;
    if (event === "error" && error instanceof Error) {
      error.message = error.message.replaceAll(path, command);
      Object.assign(error, { path: command, syscall: `spawn ${command}` });
    }
    return emit(event, ...args);
  };
  return child;
}

/** True if there is a file of this name in `PATH`, or at this path. */
export function isFound(command: string, { cwd, env = process.env }: NodeSpawnOptions): boolean {
  const from = cwd === undefined ? "." : cwd instanceof URL ? decodeURIComponent(cwd.pathname) : cwd;
  const folders = command.includes("/") ? [""] : (env["PATH"] ?? "/usr/local/bin:/bin:/usr/bin").split(":");
  return folders.some((folder) => {
    const path = command.includes("/") ? command : `${folder || "."}/${command}`;
    try {
      return statusAt(path.startsWith("/") ? path : `${from}/${path}`) !== undefined;
    } catch {
      return false;
    }
  });
}
