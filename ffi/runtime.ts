/** Which runtime this is: for people, and for the one fault of a runtime that its users work around. */
import process from "node:process";
import { libc } from "./library.ts";

/** What the calls go through. */
export interface Runtime {
  /** `"Deno 2.9.5"`, `"Node 20.19.2"`. */
  readonly name: string;
  /** What opens libc: `"Deno.dlopen"`, `"koffi"`. */
  readonly ffi: string;
  /** The machine: `"linux x64"`. */
  readonly platform: string;
}

/** The runtime, its way to libc, and the machine. */
export function runtime(): Runtime {
  const { bun, deno, node } = process.versions;
  return {
    name: deno !== undefined ? `Deno ${deno}` : bun !== undefined ? `Bun ${bun}` : `Node ${node}`,
    ffi: deno === undefined ? "koffi" : "Deno.dlopen",
    platform: `${process.platform} ${process.arch}`,
  };
}

/**
 * True if the runtime closes the descriptor of a unix socket twice that it connected itself, as Deno 2.9 does. By the
 * second time the number may belong to a file that another thread has just opened. A connected descriptor that the
 * runtime is given, it closes once.
 */
export function closesUnixSocketsTwice(): boolean {
  return process.versions.deno !== undefined;
}

/**
 * The name by which the C library was opened, which opens it.
 *
 * @throws {Error} It cannot be opened: no permission, no binary for this machine, another system than Linux.
 */
export function libraryFile(): string {
  return libc().file;
}

/** A permission of the runtime's own, beside what the kernel allows. */
export interface Permission {
  /** Its name, as in `--allow-ffi`. */
  readonly name: "ffi" | "read" | "write" | "net" | "env" | "run";
  /** What the runtime says: all of it, for some things alone, or not. */
  readonly state: "granted" | "partial" | "missing";
}

const PERMISSIONS: readonly Permission["name"][] = ["ffi", "read", "write", "net", "env", "run"];

/** The permissions of the runtime, without asking for any; none where the runtime has no such thing. */
export function permissions(): readonly Permission[] {
  if (process.versions.deno === undefined) return [];
  return PERMISSIONS.map((name) => {
    const status = Deno.permissions.querySync({ name });
    return { name, state: status.state !== "granted" ? "missing" : status.partial ? "partial" : "granted" };
  });
}
