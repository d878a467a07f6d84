/** Makes every system call of a piece of work fail in turn, with every errno that its man page lists. */
import { assert, assertEquals } from "@std/assert";
import { constants } from "node:os";
import { NamespaceSwitchError, NsHandle, SyscallError } from "@netns/netns";
import { type Errno, ERRNOS, failuresOf } from "../../errnos.ts";
import { type Functions, interceptLibc } from "../../../ffi/mod.ts";
import { traces } from "../support/traces.ts";

/**
 * What the work survives by intention: a call that waits is made again after a signal, Linux frees the number whatever
 * close(2) says, a kernel may lack an option of a socket, and a name that is busy once a namespace was unmounted there
 * is looked at again for another.
 */
const SURVIVED: { readonly [K in keyof Functions]?: readonly Errno[] } = {
  open: ["EINTR"],
  flock: ["EINTR"],
  close: ["EINTR", "EIO", "ENOSPC", "EDQUOT"],
  setsockopt: ["ENOPROTOOPT"],
  unlink: ["EBUSY"],
};

/** Calls whose failure the work is meant to survive: what they would say is found out in another way. */
const HARMLESS: ReadonlySet<keyof Functions> = new Set(["__errno_location", "strerror", "geteuid", "ioctl", "usleep"]);

/**
 * What is in one run and not in the next: it fills Deno's pool before a section, if that is some seconds ago, and the random
 * numbers for many sockets, once these are used.
 */
const FILLING: ReadonlySet<keyof Functions> = new Set([
  "eventfd",
  "parkOnRead",
  "unparkByWrite",
  "closeParking",
  "getrandom",
]);

/** A piece of work whose calls are made to fail. */
export interface Work {
  /** Prepares what the work needs; called before each attempt. */
  readonly prepare?: () => unknown;
  readonly run: () => unknown;
  /** Takes the effect of a successful run away. */
  readonly undo: () => unknown;
  /** True of a failure that the work survives by intention at this place: after these calls. */
  readonly survives?: (name: keyof Functions, code: Errno, earlier: readonly (keyof Functions)[]) => boolean;
}

/** Lets each call of `work` fail in turn; afterwards everything is as before, and the work succeeds. */
export async function failEachCall(
  { prepare = () => undefined, run, undo, survives = () => false }: Work,
): Promise<number> {
  const calls = await record({ prepare, run, undo });
  let failures = 0;
  for (const [index, name] of calls.entries()) {
    for (const code of failuresOf(name)) {
      await prepare();
      const before = traces();
      const error = await attempt(run, index, constants.errno[code]);
      const label = `${name} (call ${index + 1} of ${calls.join(" ")}) fails with ${code}`;
      if (error === undefined) {
        const isIntended = SURVIVED[name]?.includes(code) || survives(name, code, calls.slice(0, index));
        assert(isIntended, `${label}, and nothing was thrown`);
        await undo();
        continue;
      }
      failures++;
      comeBack();
      assertEquals(traces(), before, label);
      assertNames(error, name, label);
      await run();
      await undo();
    }
  }
  return failures;
}

/** The calls that the work makes, in order. */
async function record({ prepare, run, undo }: Required<Omit<Work, "survives">>): Promise<(keyof Functions)[]> {
  await prepare();
  const calls: (keyof Functions)[] = [];
  {
    using _door = interceptLibc((name, _args, proceed) => {
      if (!FILLING.has(name)) calls.push(name);
      return proceed();
    });
    await run();
  }
  await undo();
  for (const name of calls) {
    assert(ERRNOS[name] !== undefined || HARMLESS.has(name), `the table of errors has no row for ${name}`);
  }
  return calls;
}

async function attempt(run: () => unknown, index: number, errno: number): Promise<unknown> {
  let count = 0;
  using _door = interceptLibc((name, _args, proceed) => {
    if (FILLING.has(name) || count++ !== index) return proceed();
    if (name === "close") proceed(); // Linux closes the number also when it reports a failure
    return { errno };
  });
  try {
    await run();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** A thread that could not return tries again with its next switch. */
function comeBack(): void {
  using home = NsHandle.home();
  home.run(() => undefined);
}

function assertNames(error: unknown, name: string, label: string): void {
  const cause = error instanceof NamespaceSwitchError ? error.cause : error;
  if (cause instanceof SyscallError) assertEquals(cause.syscall, name, label);
  else assert(error instanceof Error && error.name === "InvalidNamespaceError", `${label}: ${error}`);
}
