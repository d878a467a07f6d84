/** What a refusal of the kernel means that says no more than the name of an error. */
import { printable } from "../../../ffi/mod.ts";
import { isErrno, NetlinkError } from "../../errors.ts";
import { missingSysctl, OF_MISSING } from "../plan/sysctls.ts";
import type { Failure } from "./execute.ts";

/** The kinds that take the packets of the link below. */
const TAKING: ReadonlySet<string> = new Set(["macvlan", "ipvlan"]);

/** What to do about a failure; undefined where its own words say it. */
export function hintOf({ task: { action }, error }: Failure): string | undefined {
  if (action.kind === "set-sysctl" && isErrno(error, "ENOENT")) {
    return `${missingSysctl(action.namespace, action.key)}; ${OF_MISSING}`;
  }
  if (!(error instanceof NetlinkError)) return undefined;
  const isTooLarge = error.code === "EINVAL" || error.code === "ERANGE";
  if (action.kind === "create-link") {
    const { kind, parent, links: [link] } = action.creation;
    if (parent === undefined) return undefined;
    if (error.code === "EBUSY" && TAKING.has(kind)) {
      return `${parent.label} is a port of a bridge or bond, or has links of another kind on it: name another parent`;
    }
    if (!isTooLarge) return undefined;
    if (link?.mtu !== undefined) {
      return `its mtu ${link.mtu} may be above that of ${parent.label}, or what this leaves it`;
    }
    return TAKING.has(kind)
      ? `${parent.label} may be a link that has no Ethernet packets: name another parent`
      : undefined;
  }
  if (action.kind !== "change-link") return undefined;
  const { link, change: { mtu, master } } = action;
  if (mtu !== undefined && isTooLarge) {
    return `mtu ${mtu} of ${link.label} may be above that of the link below, or what this leaves it`;
  }
  if (error.code !== "EBUSY" || typeof master !== "object") return undefined;
  return `a MACVLAN or IPVLAN stands on ${link.label}: with that it is no port of ${printable(master.label)}`;
}
