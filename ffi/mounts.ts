/** Mounting and unmounting. */
import { checked } from "./errors.ts";
import { libc } from "./library.ts";
import { cpath, cstring } from "./text.ts";

/** Mounts `source` at `target`, or changes the mount there, as `flags` say. See mount(2). */
export function mount(source: string, target: string, fsType: string, flags: number, data = ""): void {
  const { functions, errno } = libc();
  const result = functions.mount(
    cpath(source),
    cpath(target),
    cstring(fsType),
    flags,
    data === "" ? null : cstring(data),
  );
  checked("mount", result, errno[0], target);
}

/** Unmounts the topmost mount at `target`. See umount2(2). */
export function umount(target: string, flags: number): void {
  const { functions, errno } = libc();
  checked("umount2", functions.umount2(cpath(target), flags), errno[0], target);
}
