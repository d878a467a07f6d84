/** The files that a configuration reads or writes, which the agent reads again and again: keys, and resolvers. */
import { createHash } from "node:crypto";
import { close, O_NONBLOCK, O_RDONLY, open, readTextOf } from "../../../ffi/mod.ts";
import type { NetworkConfig } from "../../models/config.ts";
import { resolverPath, uplinkName } from "../../models/uplinks.ts";
import { HOST_FILES } from "../plan/resolv_conf.ts";

/** The most that is read of a file, in bytes. */
const MOST = 65_536;

/** The files of the keys of its WireGuard links, and those that name the resolvers of its uplinks and of the host. */
export function watchedFiles({ interfaces, uplinks = [] }: NetworkConfig): string[] {
  const keys = interfaces.flatMap(({ wireguard }) => [
    wireguard?.privateKeyFile,
    ...(wireguard?.peers ?? []).map(({ presharedKeyFile }) => presharedKeyFile),
  ]);
  const resolvers = uplinks.filter(({ dns }) => dns.length > 0)
    .flatMap((one) => [resolverPath(uplinkName(one)), ...one.dns === "host" ? HOST_FILES : []]);
  return [...new Set([...keys, ...resolvers])].filter((path) => path !== undefined);
}

/** A text that is another one when the content of the file is: a digest, so that no key is kept. */
export function fileText(path: string): string {
  const fd = open(path, O_RDONLY | O_NONBLOCK); // a pipe would wait for a writer
  try {
    return createHash("sha256").update(readTextOf(fd, path, MOST)).digest("base64");
  } finally {
    close(fd);
  }
}
