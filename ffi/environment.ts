/** The environment of the process, as the C library has it: without the permission that Deno's own way needs. */
import { checked } from "./errors.ts";
import { libc } from "./library.ts";
import { cstring } from "./text.ts";

/** The value of an environment variable; undefined if it is not set. See getenv(3). */
export function environmentVariable(name: string): string | undefined {
  const value = libc().functions.getenv(cstring(name));
  return value === null ? undefined : Deno.UnsafePointerView.getCString(value);
}

/**
 * Sets or removes an environment variable where execvp(3) finds it, which is not where every runtime keeps its own. See
 * setenv(3).
 */
export function setEnvironmentVariable(name: string, value: string | undefined): void {
  const { functions, errno } = libc();
  if (value === undefined) checked("unsetenv", functions.unsetenv(cstring(name)), errno[0]);
  else checked("setenv", functions.setenv(cstring(name), cstring(value), 1), errno[0]);
}
