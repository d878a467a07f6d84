/** The environment of the process, without the permission that Deno's own way needs. */
import { libc } from "./library.ts";
import { cstring } from "./text.ts";

/** The value of an environment variable; undefined if it is not set. See getenv(3). */
export function environmentVariable(name: string): string | undefined {
  const value = libc().functions.getenv(cstring(name));
  return value === null ? undefined : Deno.UnsafePointerView.getCString(value);
}
