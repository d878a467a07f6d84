/** Makes every system call of a piece of work fail in turn, with every errno that its man page lists. */
import { assert, assertEquals } from "@std/assert";
import { constants } from "node:os";
import { NamespaceSwitchError, NsHandle, SyscallError } from "netns";
import { type Functions, interceptLibc } from "../../../ffi/mod.ts";
import { traces } from "../support/traces.ts";

type Errno = keyof typeof constants.errno;

/** The errors of the man pages, for the calls that the namespace core makes. */
const ERRORS: { readonly [K in keyof Functions]?: readonly Errno[] } = {
  open: ["EACCES", "EINVAL", "EIO", "ELOOP", "EMFILE", "ENAMETOOLONG", "ENFILE", "ENOMEM", "ENOSPC", "EPERM", "EROFS"],
  close: ["EINTR", "EIO", "ENOSPC"],
  fcntl: ["EINVAL", "EMFILE"],
  flock: ["EBADF", "EINVAL", "ENOLCK"],
  fstatfs: ["EFAULT", "EIO", "ENOMEM", "ENOSYS", "EOVERFLOW"],
  statfs: ["EACCES", "EIO", "ELOOP", "ENOMEM", "ENOSYS", "EOVERFLOW"],
  statx: ["EACCES", "EINVAL", "ELOOP", "ENOMEM", "ENAMETOOLONG"],
  mkdir: ["EACCES", "EDQUOT", "EIO", "EMLINK", "ENOMEM", "ENOSPC", "EPERM", "EROFS"],
  unlink: ["EACCES", "EBUSY", "EIO", "ENOMEM", "EPERM", "EROFS"],
  mount: ["EACCES", "EBUSY", "ELOOP", "EMFILE", "ENODEV", "ENOENT", "ENOMEM", "ENOTDIR", "EPERM"],
  umount2: ["EAGAIN", "EBUSY", "EINVAL", "ENAMETOOLONG", "ENOMEM", "EPERM"],
  setns: ["EBADF", "EINVAL", "ENOMEM", "EPERM", "ESRCH"],
  unshare: ["EINVAL", "ENOMEM", "ENOSPC", "EPERM"],
};

/** Calls whose failure the work is meant to survive: what they would say is found out in another way. */
const HARMLESS: ReadonlySet<keyof Functions> = new Set(["__errno_location", "strerror", "geteuid", "ioctl"]);

/** A piece of work whose calls are made to fail. */
export interface Work {
  /** Prepares what the work needs; called before each attempt. */
  readonly prepare?: () => void;
  readonly run: () => void;
  /** Takes the effect of a successful run away. */
  readonly undo: () => void;
}

/** Lets each call of `work` fail in turn; afterwards everything is as before, and the work succeeds. */
export function failEachCall({ prepare = () => undefined, run, undo }: Work): number {
  const calls = record({ prepare, run, undo });
  let failures = 0;
  calls.forEach((name, index) => {
    for (const code of ERRORS[name] ?? []) {
      prepare();
      const before = traces();
      const error = attempt(run, index, constants.errno[code]);
      const label = `${name} (call ${index + 1} of ${calls.join(" ")}) fails with ${code}`;
      NsHandle.current().close();
      if (error === undefined) {
        assertEquals(name, "close", `${label}, and nothing was thrown`); // the number is free all the same
        undo();
        continue;
      }
      failures++;
      comeBack();
      assertEquals(traces(), before, label);
      assertNames(error, name, label);
      run();
      undo();
    }
  });
  return failures;
}

/** The calls that the work makes, in order. */
function record({ prepare, run, undo }: Required<Work>): (keyof Functions)[] {
  prepare();
  const calls: (keyof Functions)[] = [];
  {
    using _door = interceptLibc((name, _args, proceed) => {
      calls.push(name);
      return proceed();
    });
    run();
  }
  undo();
  for (const name of calls) {
    assert(ERRORS[name] !== undefined || HARMLESS.has(name), `the table of errors has no row for ${name}`);
  }
  return calls;
}

function attempt(run: () => void, index: number, errno: number): unknown {
  let count = 0;
  using _door = interceptLibc((name, _args, proceed) => {
    if (count++ !== index) return proceed();
    if (name === "close") proceed(); // Linux closes the number also when it reports a failure
    return { errno };
  });
  try {
    run();
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
