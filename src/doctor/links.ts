/** The kinds of links: one of each is made, in a namespace that is gone afterwards. */
import { SyscallError } from "../../ffi/mod.ts";
import { NetlinkError } from "../errors.ts";
import type { KernelPart } from "../netlink/link/kinds/kind.ts";
import { KINDS, type RegisteredKind } from "../netlink/link/kinds/kinds.ts";
import type { Netlink } from "../netlink/netlink.ts";
import { type Check, failed, ok, refused, type Section, section, type Verdict } from "./check.ts";
import { inScratch, notTried } from "./scratch.ts";

/** The kinds of links that this kernel, with the modules that it finds, can make: the required ones first. */
export function linksSection(): Section {
  const kinds = [...KINDS.values()];
  const sorted = [...kinds.filter(isRequired), ...kinds.filter((kind) => !isRequired(kind))];
  return section("Links", sorted.map((kind): Check => ({ name: kind.kind, look: () => tryKind(kind) })));
}

const isRequired = ({ kernel }: RegisteredKind): boolean => kernel.required === true;

function tryKind({ kind, kernel, probe }: RegisteredKind): Verdict {
  try {
    return inScratch((netlink, namespace) => {
      if ("make" in probe) {
        namespace.run(() => probe.make("made"));
        return ok("made");
      }
      netlink.addLink(probe.spec("made", () => lower(netlink)));
      const made = netlink.getLink({ name: "made" });
      return made.kind === kind ? ok("made") : failed(`made, and is ${made.kind}`);
    });
  } catch (error) {
    return notTried(error) ?? refusal(error, kernel);
  }
}

/** The index of a link to stand on. */
function lower(netlink: Netlink): number {
  netlink.addLink({ kind: "veth", name: "lower", peer: { name: "other" } });
  return netlink.getLink({ name: "lower" }).index;
}

/** Errors that mean that the kernel has no such thing, rather than that this process may not have it. */
const ABSENT: ReadonlySet<string> = new Set(["EOPNOTSUPP", "ENOENT", "ENODEV", "ENXIO"]);

function refusal(error: unknown, { option, module, container, required }: KernelPart): Verdict {
  const status = required ? "failed" : "warning";
  const isAbsent = (error instanceof NetlinkError || error instanceof SyscallError) && ABSENT.has(error.code);
  if (!isAbsent) return refused(error, status);
  return {
    status,
    detail: `not available: ${refused(error).detail}`,
    remedy: `modprobe ${module} on the host, with a kernel that has ${option}` +
      (container === undefined ? "" : `, and give a container ${container}`),
  };
}
