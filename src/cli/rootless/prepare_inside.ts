/** What `netns rootless` does before its command, as root of the new user namespace. */
import { mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isReadOnlyAt, mount, MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY } from "../../../ffi/mod.ts";
import { isErrno } from "../../errors.ts";
import { LOOPBACK_INDEX } from "../../netlink/constants/link.ts";
import { Netlink } from "../../netlink/netlink.ts";

const RESOLV_CONF = "/etc/resolv.conf";

/**
 * Gives the command a `/run` of its own, a `/sys` that shows its network, and a loopback link that is up.
 *
 * @param nameserver The name server of the way out, if there is one.
 * @param warn Called with a line for what is not as it should be.
 */
export function prepareStage(nameserver: string | undefined, warn: (line: string) => void): void {
  const resolver = resolverFile(nameserver);
  for (const directory of ["/run", "/var/run"]) {
    if (directory === "/run" || !isSameDirectory(directory, "/run")) {
      mount("netns-rootless", directory, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755");
    }
  }
  if (resolver !== undefined) writeResolver(resolver, nameserver !== undefined);
  mountSys(warn);
  using netlink = Netlink.open();
  netlink.setLink({ index: LOOPBACK_INDEX }, { up: true });
}

function isSameDirectory(one: string, other: string): boolean {
  try {
    const [first, second] = [statSync(one), statSync(other)];
    return first.dev === second.dev && first.ino === second.ino;
  } catch (error) {
    if (isErrno(error, "ENOENT") || error instanceof Error && "code" in error && error.code === "ENOENT") return true;
    throw error;
  }
}

interface Resolver {
  readonly path: string;
  readonly text: string;
}

/** The file that `/etc/resolv.conf` is, and its text; undefined if there is none. */
function resolverFile(nameserver: string | undefined): Resolver | undefined {
  try {
    const path = realpathSync(RESOLV_CONF);
    const text = readFileSync(path, "utf8");
    if (nameserver === undefined) return { path, text };
    const others = text.split("\n").filter((line) => !/^\s*nameserver\b/.test(line));
    return { path, text: [`nameserver ${nameserver}`, ...others].join("\n") };
  } catch {
    return nameserver === undefined ? undefined : { path: RESOLV_CONF, text: `nameserver ${nameserver}\n` };
  }
}

/** Puts the file back if the new `/run` hides it, and over the machine's own if it is another one. */
function writeResolver({ path, text }: Resolver, isChanged: boolean): void {
  if (/^\/(var\/)?run\//.test(path)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } else if (isChanged) {
    writeFileSync("/run/netns-resolv.conf", text);
    mount("/run/netns-resolv.conf", path, "none", MS_BIND);
  }
}

function mountSys(warn: (line: string) => void): void {
  const flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | (isReadOnlyAt("/sys") ? MS_RDONLY : 0);
  try {
    mount("netns-rootless", "/sys", "sysfs", flags);
  } catch (error) {
    if (!isErrno(error, "EPERM")) throw error;
    warn("warning: /sys shows the links of the machine: part of it is covered here, as in a container");
  }
}
