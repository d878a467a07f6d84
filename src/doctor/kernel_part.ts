/** A kind that the kernel may lack. */
import { NetlinkError, SyscallError } from "../errors.ts";
import { howToHave, type KernelPart } from "../netlink/link/kinds/link_kind.ts";
import { refused, type Verdict } from "./check.ts";

/** The errors of a kernel without a kind, unlike those of missing privileges. */
const UNSUPPORTED: ReadonlySet<string> = new Set(["EOPNOTSUPP", "ENOENT", "ENODEV", "ENXIO"]);

/** The verdict on a kind that the kernel refused to make. */
export function kindRefused(error: unknown, part: KernelPart): Verdict {
  const status = part.required ? "failed" : "warning";
  const isMissing = (error instanceof NetlinkError || error instanceof SyscallError) && UNSUPPORTED.has(error.code);
  if (!isMissing) return refused(error, status);
  return { status, detail: `not available: ${error.reason}`, remedy: howToHave(part) };
}
