/** The system calls by which namespaces get and lose names. */
import { constants } from "node:os";
import {
  mkdir,
  mount,
  open,
  rmdir,
  S_IFDIR,
  S_IFMT,
  statusAt,
  SyscallError,
  umount,
  unlink,
} from "../../../ffi/mod.ts";
import { isErrno } from "../../errors.ts";

/** Files and directories. */
export interface OperatingSystem {
  /** Opens a file and returns its descriptor, closed on exec. See open(2). */
  openFile(name: string, flag: number, perm: number): number;
  /** Makes a directory and its missing parents. See mkdir(2). */
  mkDirAll(path: string, perm: number): void;
  /** Removes a file or an empty directory. See unlink(2), rmdir(2). */
  remove(name: string): void;
}

/** Mounts. */
export interface Syscall {
  /** Mounts `source` at `target`, or changes the mount there. See mount(2). */
  mount(source: string, target: string, fsType: string, flags: number, data: string): void;
  /** Unmounts the topmost mount at `target`. See umount2(2). */
  unmount(target: string, flags: number): void;
}

/** The real calls. Every failure is a {@linkcode SyscallError}. */
class RealFiles implements OperatingSystem, Syscall {
  /** Opens a file and returns its descriptor, closed on exec. See open(2). */
  openFile(name: string, flag: number, perm: number): number {
    return open(name, flag, perm);
  }

  /** Makes a directory and its missing parents; one that exists is no error. See mkdir(2). */
  mkDirAll(path: string, perm: number): void {
    try {
      mkdir(path, perm);
    } catch (error) {
      if (isErrno(error, "EEXIST")) {
        if ((statusAt(path).mode & S_IFMT) === S_IFDIR) return;
        throw new SyscallError("mkdir", constants.errno.ENOTDIR, { path });
      }
      const parent = path.replace(/\/+[^/]+\/*$/, "");
      if (!isErrno(error, "ENOENT") || parent === "" || parent === path) throw error;
      this.mkDirAll(parent, perm);
      this.mkDirAll(path, perm);
    }
  }

  /** Removes a file or an empty directory. See unlink(2), rmdir(2). */
  remove(name: string): void {
    try {
      unlink(name);
    } catch (error) {
      if (!isErrno(error, "EISDIR")) throw error;
      rmdir(name);
    }
  }

  /** Mounts `source` at `target`, or changes the mount there. Needs CAP_SYS_ADMIN. See mount(2). */
  mount(source: string, target: string, fsType: string, flags: number, data: string): void {
    mount(source, target, fsType, flags, data);
  }

  /** Unmounts the topmost mount at `target`. Needs CAP_SYS_ADMIN. See umount2(2). */
  unmount(target: string, flags: number): void {
    umount(target, flags);
  }
}

/** The real calls, which keep nothing. */
export const FILES: OperatingSystem & Syscall = new RealFiles();
