/** The runtime, its way to libc, and the permissions that it asks for beside the kernel's. */
import { libraryFile, type Permission, permissions, runtime } from "../../ffi/mod.ts";
import { type Check, ok, refused, type Section, section, warning } from "./check.ts";

/** What each permission of the runtime is needed for. */
const NEEDED_FOR: Readonly<Record<Permission["name"], string>> = {
  ffi: "everything",
  read: "reading FILE, workers, following names and sockets",
  write: "remembering what was applied, and the sockets of container runtimes",
  net: "container runtimes",
  env: "DOCKER_HOST, and starting programs",
  run: "starting programs",
};

/** True if libc can be called, without which nothing else can be tried. */
export function hasFfi(): boolean {
  try {
    return libraryFile() !== "";
  } catch {
    return false;
  }
}

/** Which runtime this is, and what it allows. */
export function runtimeSection(): Section {
  const { name, ffi, platform } = runtime();
  return section("Runtime", [
    { name: "runtime", look: () => ok(`${name} on ${platform}`) },
    { name: "FFI", look: () => tryFfi(ffi) },
    ...permissions().filter(({ name }) => name !== "ffi").map(permissionCheck),
  ]);
}

function tryFfi(ffi: string) {
  try {
    return ok(`${libraryFile()} by ${ffi}`);
  } catch (error) {
    const denied = error instanceof Error && error.name === "NotCapable";
    return refused(error, "failed", denied ? "give Deno --allow-ffi" : undefined);
  }
}

function permissionCheck({ name, state }: Permission): Check {
  const option = `--allow-${name}`;
  return {
    name: option,
    look: () => {
      if (state === "granted") return ok("granted");
      const detail = state === "partial" ? "granted in part" : "not granted, or for some things alone";
      return warning(`${detail}; it is for ${NEEDED_FOR[name]}`, `give Deno ${option} if that is needed`);
    },
  };
}
