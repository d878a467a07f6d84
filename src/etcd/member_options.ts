/** How the members of a cluster are called: what etcd.conf names is read anew for each connection. */
import { close, O_NONBLOCK, O_RDONLY, open, readTextOf } from "../../ffi/mod.ts";
import { defined } from "../collections.ts";
import type { EtcdConf, EtcdTls } from "./etcd_conf.ts";
import type { MemberOptions } from "./member.ts";

const DIAL_TIMEOUT = 2_000;
const OPERATION_TIMEOUT = 3_000;
/** The largest file of a certificate, a key or a password, in bytes. */
const FILE_MAX = 1024 * 1024;

/** How the members are called, with the certificates as their files are now. */
export function memberOptions(conf: EtcdConf, signal: AbortSignal): MemberOptions {
  const { passwordFile, username } = conf;
  return {
    dialTimeout: conf.dialTimeout ?? DIAL_TIMEOUT,
    operationTimeout: conf.operationTimeout ?? OPERATION_TIMEOUT,
    tls: conf.tls === undefined ? undefined : tlsOptions(conf.tls),
    signal,
    username,
    password: () =>
      new Promise((resolve) => resolve(passwordFile === undefined ? "" : read(passwordFile).replace(/\r?\n$/, ""))),
  };
}

function tlsOptions({ caFile, certFile, keyFile, skipVerify = false }: EtcdTls): MemberOptions["tls"] {
  const text = (path: string | undefined): string | undefined => path === undefined ? undefined : read(path);
  return defined({
    ca: text(caFile),
    cert: text(certFile),
    key: text(keyFile),
    rejectUnauthorized: !skipVerify,
  });
}

/** @throws {Error} It cannot be read, or it is longer than a certificate. */
function read(path: string): string {
  const fd = open(path, O_RDONLY | O_NONBLOCK); // a pipe would wait for a writer
  try {
    const text = readTextOf(fd, path, FILE_MAX);
    if (new TextEncoder().encode(text).length <= FILE_MAX) return text;
    throw new Error(`${path} has more than ${FILE_MAX} bytes, the most for a password or a certificate`);
  } finally {
    close(fd);
  }
}
