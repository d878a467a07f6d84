/** Which runtime this is: for messages, and for what callers do in another way in each. */
import process from "node:process";
import { libc } from "./library.ts";

/** The runtime, and how it calls libc. */
export interface Runtime {
  /** `"Deno 2.9.5"`, `"Node 20.19.2"`. */
  readonly name: string;
  /** What opens libc: `"Deno.dlopen"`, `"koffi"`. */
  readonly ffi: string;
  /** The machine: `"linux x64"`. */
  readonly platform: string;
}

/** Which runtime this is, for what is done in another way in each. */
export function runtimeKind(): "node" | "deno" | "bun" {
  const { bun, deno } = process.versions;
  return deno !== undefined ? "deno" : bun !== undefined ? "bun" : "node";
}

/** The runtime of this process. */
export function runtime(): Runtime {
  const { bun, deno, node } = process.versions;
  return {
    name: deno !== undefined ? `Deno ${deno}` : bun !== undefined ? `Bun ${bun}` : `Node ${node}`,
    ffi: deno === undefined ? "koffi" : "Deno.dlopen",
    platform: `${process.platform} ${process.arch}`,
  };
}

/**
 * True if the runtime closes the descriptor of a unix socket that it connected itself twice, as Deno 2.9 does. At the
 * second time the number may belong to a file that another thread has just opened. It closes a connected descriptor
 * that it is given once.
 */
export function closesUnixSocketsTwice(): boolean {
  return process.versions.deno !== undefined;
}

/**
 * How a session of HTTP/2 is ended without harm: at once; later, or with its socket.
 *
 * Deno 2.9 goes on with a session that is closed while it handles a frame, though its memory is freed: a GOAWAY then
 * ends the process. See https://github.com/denoland/deno/issues/36788. Node 20.20 was seen to write frames into its
 * memory without an end, below the reset of a stream; a session that is destroyed resets each of its streams.
 */
export function http2SessionEnd(): "now" | "later" | "socket" {
  const { bun, deno } = process.versions;
  return deno !== undefined ? "later" : bun !== undefined ? "now" : "socket";
}

/**
 * The name by which the C library was opened; it is opened if it was not yet.
 *
 * @throws {Error} It cannot be opened: no permission, no binary for this machine, another system than Linux.
 */
export function libraryFile(): string {
  return libc().file;
}

/** A permission of the runtime, on top of what the kernel allows. */
export interface Permission {
  /** Its name, as in `--allow-ffi`. */
  readonly name: "ffi" | "read" | "write" | "net" | "env" | "run";
  /** Whether the runtime grants it: for everything, for some paths or hosts only, or not at all. */
  readonly state: "granted" | "partial" | "missing";
}

const PERMISSIONS: readonly Permission["name"][] = ["ffi", "read", "write", "net", "env", "run"];

/** The permissions of the runtime, without a prompt for any; none in a runtime that has no permissions. */
export function permissions(): readonly Permission[] {
  if (process.versions.deno === undefined) return [];
  return PERMISSIONS.map((name) => {
    const status = Deno.permissions.querySync({ name });
    return { name, state: status.state !== "granted" ? "missing" : status.partial ? "partial" : "granted" };
  });
}
