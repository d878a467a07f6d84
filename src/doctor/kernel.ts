/** What the kernel can do: each is tried. */
import { mount, MS_SHARED, readText } from "../../ffi/mod.ts";
import { isErrno, NetlinkError } from "../errors.ts";
import { namespaceCookie } from "../named/identify.ts";
import { RTM_GETLINK } from "../netlink/constants/messages.ts";
import { Netlink } from "../netlink/netlink.ts";
import type { NetlinkRequest } from "../netlink/wire/framing.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import { NsHandle } from "../netns/handle.ts";
import { capabilities, hasCapability, ownStatus } from "../system/capabilities.ts";
import { type Check, failed, ok, refused, type Section, section, type Verdict, warning } from "./check.ts";
import { inScratch, notTried, tryReturn } from "./scratch.ts";

/** The kernel, and what it can do. */
export function kernelSection(): Section {
  const checks: readonly Check[] = [
    { name: "version", look: () => ok(readText("/proc/sys/kernel/osrelease").trim()) },
    { name: "setns", look: trySetns },
    { name: "unshare", look: tryUnshare },
    { name: "mount", look: tryMount },
    { name: "netlink", look: tryNetlink },
    { name: "strict checking", look: tryStrictChecking },
    { name: "extended acks", look: tryExtendedAcks },
    { name: "namespace cookie", look: tryCookie },
    { name: "namespace ids", look: tryNamespaceIds },
  ];
  return section("Kernel", checks);
}

function trySetns(): Verdict {
  try {
    tryReturn();
    return ok("switched to where this thread is");
  } catch (error) {
    return refused(error, "failed", isForeign(error) ? FOREIGN : undefined);
  }
}

/** Refused in spite of the capability: the namespace belongs to those who have it elsewhere. */
function isForeign(error: unknown): boolean {
  if (!isErrno(error, "EPERM")) return false;
  return hasCapability(capabilities(ownStatus()) ?? 0n, "CAP_SYS_ADMIN");
}

const FOREIGN = "this process is in a network namespace of another user namespace, or a seccomp filter refuses it: " +
  "give it one of its own (unshare --user --map-root-user --net), or the container a profile that allows setns";

function tryUnshare(): Verdict {
  try {
    tryReturn();
  } catch {
    return failed("not tried: without setns there is no way back", "see setns");
  }
  using fresh = NsHandle.create();
  return ok(`made a namespace and came back (inode ${fresh.inode})`);
}

/** Asks for a change of a mount that is none: whoever may mount hears that it is none, and nothing is changed. */
function tryMount(): Verdict {
  try {
    mount("", "/proc/self", "none", MS_SHARED);
    return warning("/proc/self is a mount of its own; whether others can be made is not known");
  } catch (error) {
    if (isErrno(error, "EINVAL")) return ok("allowed; names are mounts");
    return refused(error, "failed", isForeign(error) ? FOREIGN_MOUNTS : undefined);
  }
}

const FOREIGN_MOUNTS = "without mounts no names can be made, but namespaces without names can; for names, " +
  "give this process mounts of its own (unshare --mount), or the container a profile that allows mount";

function tryNetlink(): Verdict {
  using netlink = Netlink.open();
  const links = netlink.listLinks().length;
  return ok(`${links} ${links === 1 ? "link" : "links"} here`);
}

/** All links, in a form that only a kernel that does not look takes: the type of hardware is none of the question. */
const WRONG_QUESTION: NetlinkRequest = {
  type: RTM_GETLINK,
  flags: 0,
  body: Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), // struct ifinfomsg, ifi_type 1
  label: "RTM_GETLINK",
};

/** How the kernel refuses the wrong question; undefined if it answers it. */
function refusal(): NetlinkError | undefined {
  using socket = NetlinkSocket.open();
  try {
    socket.dump(WRONG_QUESTION);
    return undefined;
  } catch (error) {
    if (error instanceof NetlinkError) return error;
    throw error;
  }
}

function tryStrictChecking(): Verdict {
  return refusal() === undefined
    ? warning("a wrong request was answered; lists are filtered here instead", "Linux 4.20 has it")
    : ok("a wrong request was refused");
}

function tryExtendedAcks(): Verdict {
  const detail = refusal()?.detail;
  return detail === undefined
    ? warning("the kernel refuses without words; errors of netlink have only a code", "Linux 4.20 has them")
    : ok(`the kernel says why: "${detail}"`);
}

function tryCookie(): Verdict {
  try {
    return ok(`this namespace has ${namespaceCookie()}`);
  } catch (error) {
    const old = isErrno(error, "ENOPROTOOPT");
    return refused(error, "warning", old ? "Linux 5.14 has it; `netns identify` needs it" : undefined);
  }
}

function tryNamespaceIds(): Verdict {
  try {
    return inScratch((netlink) => {
      using home = NsHandle.home();
      netlink.addNamespaceId(home, 7);
      const id = netlink.getNamespaceId(home);
      return id === 7 ? ok("given and read back") : failed(`gave 7, and read ${id}`);
    });
  } catch (error) {
    return notTried(error) ?? refused(error);
  }
}
