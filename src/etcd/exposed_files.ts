/** Whether the secrets that etcd.conf names are secret. */
import { S_IFMT, S_IFREG, statusAt } from "../../ffi/mod.ts";
import { SyscallError } from "../errors.ts";
import type { EtcdConf } from "./etcd_conf.ts";

/** What every user may do with a file: its lowest bits are read, write and execute. */
const OTHERS = 0o6;

/** What is to be said of the files with secrets that every user can read or write, one line each. */
export function exposedFiles({ passwordFile, tls }: EtcdConf): string[] {
  const files = [["key-file", tls?.keyFile], ["password-file", passwordFile]] as const;
  return files.flatMap(([name, path]) => {
    if (path === undefined || !isExposed(path)) return [];
    return [`${name}: every user can read or write ${path}, which is a secret; chmod 600 ${path}`];
  });
}

function isExposed(path: string): boolean {
  try {
    const { mode } = statusAt(path);
    return (mode & S_IFMT) === S_IFREG && (mode & OTHERS) !== 0;
  } catch (error) {
    if (error instanceof SyscallError) return false; // the connection says why it cannot be read
    throw error;
  }
}
