/** What the kernel can do and permits. */
import { mount, MS_SHARED, readText } from "../../../ffi/mod.ts";
import { FORWARDING } from "../../configurator/plan/uplinks.ts";
import { isErrno, NetlinkError } from "../../errors.ts";
import { namespaceCookie } from "../../named/identify.ts";
import { RTM_GETLINK } from "../../netlink/constants/messages.ts";
import { IPV6_REMEDY, lacksIpv6 } from "../../netlink/ipv6_missing.ts";
import { Netlink } from "../../netlink/netlink.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import type { NetlinkRequest } from "../../netlink/wire/framing.ts";
import { NsHandle } from "../../netns/handle.ts";
import { capabilities, hasCapability, ownStatus } from "../../proc/capabilities.ts";
import { writeSysctl } from "../../sysctl/sysctl.ts";
import { failed, ok, refused, type Topic, topicOf, type Verdict, warning } from "../check.ts";
import { counted } from "../phrases.ts";
import { inScratch, notTried, tryReturn } from "../scratch.ts";

/** The kernel's version, system calls, and netlink. */
export function kernelTopic(): Topic {
  return topicOf("Kernel", [
    { name: "version", run: () => ok(readText("/proc/sys/kernel/osrelease").trim()) },
    { name: "setns", run: trySetns },
    { name: "unshare", run: tryUnshare },
    { name: "mount", run: tryMount },
    { name: "netlink", run: tryNetlink },
    { name: "strict checking", run: tryStrictChecking },
    { name: "extended acks", run: tryExtendedAcks },
    { name: "namespace cookie", run: tryCookie },
    { name: "namespace ids", run: tryNamespaceIds },
    { name: "sysctls", run: trySysctls },
    { name: "IPv6", run: () => lacksIpv6() ? warning("none", IPV6_REMEDY) : ok("addresses and routes of IPv6") },
  ]);
}

function trySetns(): Verdict {
  try {
    tryReturn();
    return ok("a thread can return to the namespace of this process");
  } catch (error) {
    return refused(error, "failed", isRefusedDespiteCapability(error) ? SETNS_REMEDY : undefined);
  }
}

function isRefusedDespiteCapability(error: unknown): boolean {
  return isErrno(error, "EPERM") && hasCapability(capabilities(ownStatus()) ?? 0n, "CAP_SYS_ADMIN");
}

const SETNS_REMEDY = "the network namespace belongs to another user namespace, or a seccomp filter refuses the call: " +
  "run in a network namespace of your own (unshare --user --map-root-user --net), or give the container a profile " +
  "that allows setns";

function tryUnshare(): Verdict {
  try {
    tryReturn();
  } catch {
    return failed("not tried: without setns the thread could not return", "see setns");
  }
  using fresh = NsHandle.create();
  return ok(`created a namespace and returned (inode ${fresh.inode})`);
}

/**
 * Tries to change the propagation of a path that is no mount: EINVAL means that this process may mount, and nothing is
 * changed.
 */
function tryMount(): Verdict {
  try {
    mount("", "/proc/self", "none", MS_SHARED);
    return warning("unknown: /proc/self is a mount itself");
  } catch (error) {
    if (isErrno(error, "EINVAL")) return ok("permitted; a name is a mount");
    return refused(error, "failed", isRefusedDespiteCapability(error) ? MOUNT_REMEDY : undefined);
  }
}

const MOUNT_REMEDY = "only namespaces without a name can be created: for names, run in a mount namespace of your own " +
  "(unshare --mount), or give the container a profile that allows mount";

function tryNetlink(): Verdict {
  using netlink = Netlink.open();
  return ok(`${counted(netlink.listLinks().length, "link")} in this namespace`);
}

/** A dump of links with `ifi_type` set, which only a kernel without strict checking answers. */
const INVALID_DUMP: NetlinkRequest = {
  type: RTM_GETLINK,
  flags: 0,
  body: Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), // struct ifinfomsg
  label: "RTM_GETLINK",
};

/** The error of an invalid request; undefined if the kernel answers it. */
function refusal(): NetlinkError | undefined {
  using socket = NetlinkSocket.open();
  try {
    socket.dump(INVALID_DUMP, () => undefined);
    return undefined;
  } catch (error) {
    if (error instanceof NetlinkError) return error;
    throw error;
  }
}

function tryStrictChecking(): Verdict {
  return refusal() === undefined
    ? warning("the kernel answers an invalid request; the library filters lists itself", "Linux 4.20 has it")
    : ok("the kernel refuses an invalid request");
}

function tryExtendedAcks(): Verdict {
  const text = refusal()?.detail;
  return text === undefined
    ? warning("netlink errors have a code, but no text", "Linux 4.20 has them")
    : ok(`netlink errors have a text: "${text}"`);
}

function tryCookie(): Verdict {
  try {
    return ok(`the cookie of this namespace is ${namespaceCookie()}`);
  } catch (error) {
    return refused(error, "warning");
  }
}

function tryNamespaceIds(): Verdict {
  try {
    return inScratch((netlink) => {
      using home = NsHandle.home();
      netlink.addNamespaceId(home, 7);
      const id = netlink.getNamespaceId(home);
      return id === 7 ? ok("set and read back") : failed(`set 7, but read ${id}`);
    });
  } catch (error) {
    return notTried(error) ?? refused(error);
  }
}

function trySysctls(): Verdict {
  try {
    return inScratch((_netlink, namespace) => {
      writeSysctl(namespace, FORWARDING, "1");
      return ok("those of a namespace can be set");
    });
  } catch (error) {
    return notTried(error) ?? refused(error, "warning");
  }
}
