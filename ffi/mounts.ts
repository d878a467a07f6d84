/** Mounting and unmounting. */
import { checked } from "./errors.ts";
import { libc } from "./library.ts";
import { cstring } from "./text.ts";

/** Mounts `source` at `target`, or changes the mount there, as `flags` say. See mount(2). */
export function mount(source: string, target: string, fsType: string, flags: number, data = ""): void {
  const result = libc().functions.mount(
    cstring(source),
    cstring(target),
    cstring(fsType),
    flags,
    data === "" ? null : cstring(data),
  );
  checked("mount", result, target);
}

/** Takes away the topmost mount at `target`. See umount2(2). */
export function umount(target: string, flags: number): void {
  checked("umount2", libc().functions.umount2(cstring(target), flags), target);
}
