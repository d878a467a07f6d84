/** The kinds of links that the kernel can make. */
import { NetlinkError, SyscallError } from "../../errors.ts";
import type { KernelPart } from "../../netlink/link/kinds/kind.ts";
import { KINDS, type RegisteredKind } from "../../netlink/link/kinds/kinds.ts";
import type { Netlink } from "../../netlink/netlink.ts";
import { failed, ok, refused, type Topic, topicOf, type Verdict } from "../check.ts";
import { inScratch, notTried } from "../scratch.ts";

/** A link of each registered kind, made in a scratch namespace; the required kinds come first. */
export function linksTopic(): Topic {
  const kinds = [...KINDS.values()].toSorted((a, b) => Number(isRequired(b)) - Number(isRequired(a)));
  return topicOf("Links", kinds.map((kind) => ({ name: kind.kind, run: () => tryKind(kind) })));
}

const isRequired = ({ kernel }: RegisteredKind): boolean => kernel.required === true;

function tryKind({ kind, kernel, probe }: RegisteredKind): Verdict {
  try {
    return inScratch((netlink, namespace) => {
      if ("make" in probe) {
        namespace.run(() => probe.make("made"));
        return ok("made");
      }
      netlink.addLink(probe.spec("made", () => addParent(netlink)));
      const made = netlink.getLink({ name: "made" });
      return made.kind === kind ? ok("made") : failed(`the kernel made a link of kind ${made.kind}`);
    });
  } catch (error) {
    return notTried(error) ?? kindRefused(error, kernel);
  }
}

/** Makes a link that can be a parent, and returns its index. */
function addParent(netlink: Netlink): number {
  netlink.addLink({ kind: "veth", name: "parent", peer: { name: "other" } });
  return netlink.getLink({ name: "parent" }).index;
}

/** The errors of a kernel without a kind, unlike those of missing privileges. */
const UNSUPPORTED: ReadonlySet<string> = new Set(["EOPNOTSUPP", "ENOENT", "ENODEV", "ENXIO"]);

function kindRefused(error: unknown, { option, module, container, required }: KernelPart): Verdict {
  const status = required ? "failed" : "warning";
  const isMissing = (error instanceof NetlinkError || error instanceof SyscallError) && UNSUPPORTED.has(error.code);
  if (!isMissing) return refused(error, status);
  return {
    status,
    detail: `not available: ${error.reason}`,
    remedy: `modprobe ${module} on the host, with a kernel that has ${option}` +
      (container === undefined ? "" : `, and give a container ${container}`),
  };
}
