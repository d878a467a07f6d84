/** The JavaScript runtime, its access to libc, and its permissions. */
import { libraryFile, type Permission, permissions, runtime } from "../../../ffi/mod.ts";
import { type Check, ok, refused, type Topic, topicOf, type Verdict, warning } from "../check.ts";

/** What each permission of the runtime is for. */
const PURPOSES: Readonly<Record<Permission["name"], string>> = {
  ffi: "everything",
  read: "reading FILE, workers, following names and sockets",
  write: "the state of apply, and the sockets of container runtimes",
  net: "container runtimes",
  env: "DOCKER_HOST, and starting programs",
  run: "starting programs",
};

/** True if libc can be called, which every other topic needs. */
export function hasFfi(): boolean {
  try {
    return libraryFile() !== "";
  } catch {
    return false;
  }
}

/** The runtime and what it permits. */
export function runtimeTopic(): Topic {
  const { name, ffi, platform } = runtime();
  return topicOf("Runtime", [
    { name: "runtime", run: () => ok(`${name} on ${platform}`) },
    { name: "FFI", run: () => ffiVerdict(ffi) },
    ...permissions().filter(({ name }) => name !== "ffi").map(permissionCheck),
  ]);
}

function ffiVerdict(ffi: string): Verdict {
  try {
    return ok(`${libraryFile()} by ${ffi}`);
  } catch (error) {
    const isDenied = error instanceof Error && error.name === "NotCapable";
    return refused(error, "failed", isDenied ? "give Deno --allow-ffi" : undefined);
  }
}

function permissionCheck({ name, state }: Permission): Check {
  const option = `--allow-${name}`;
  return {
    name: option,
    run: () => {
      if (state === "granted") return ok("granted");
      const detail = state === "partial" ? "granted in part" : "not granted, or only for some uses";
      return warning(`${detail}; needed for ${PURPOSES[name]}`, `give Deno ${option} if you need that`);
    },
  };
}
