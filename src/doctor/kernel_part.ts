/** A kind that the kernel may lack. */
import { NetlinkError, SyscallError } from "../errors.ts";
import type { KernelPart } from "../netlink/link/kinds/link_kind.ts";
import { refused, type Verdict } from "./check.ts";

/** The errors of a kernel without a kind, unlike those of missing privileges. */
const UNSUPPORTED: ReadonlySet<string> = new Set(["EOPNOTSUPP", "ENOENT", "ENODEV", "ENXIO"]);

/** The verdict on a kind that the kernel refused to make. */
export function kindRefused(error: unknown, { option, module, container, required }: KernelPart): Verdict {
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
