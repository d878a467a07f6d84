/** What a refusal of the kernel means that says no more than the name of an error. */
import { printable } from "../../../ffi/mod.ts";
import { isErrno, NetlinkError, SyscallError } from "../../errors.ts";
import { familyOf } from "../../ip/address.ts";
import { IPV6_MIN_MTU } from "../../netlink/constants/link.ts";
import { kernelNamespace } from "../observed/kernel_namespace.ts";
import type { Action, ActionOf } from "../plan/actions.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
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
  if (isOfIpv6(action)) return hintOfSmall(action.link);
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
  if (error.code === "EOPNOTSUPP" && error.detail === undefined && typeof master === "object") {
    return `a bond gives its members its own hardware address, which ${link.label} may not take: name another link`;
  }
  if (error.code !== "EBUSY" || typeof master !== "object") return undefined;
  return `a MACVLAN or IPVLAN stands on ${link.label}: with that it is no port of ${printable(master.label)}`;
}

/** True of what the kernel takes only on a link with IPv6. */
function isOfIpv6(action: Action): action is ActionOf<"add-address" | "add-route" | "replace-route" | "set-neighbour"> {
  switch (action.kind) {
    case "add-address":
      return familyOf(action.address) === 6;
    case "add-route":
    case "replace-route":
      return familyOf(action.route.destination) === 6;
    case "set-neighbour":
      return familyOf(action.ip) === 6;
    default:
      return false;
  }
}

/** Of a link whose MTU only the kernel knows: that of what is below it, less the headers that it adds. */
function hintOfSmall({ namespace, index, label }: PlannedLink): string | undefined {
  if (index === undefined) return undefined;
  try {
    const { mtu } = kernelNamespace(namespace).netlink.getLink({ index });
    return mtu < IPV6_MIN_MTU
      ? `the mtu of ${label} is ${mtu}, and below ${IPV6_MIN_MTU} it has no IPv6: give it or the link below it a larger one`
      : undefined;
  } catch (error) {
    if (error instanceof NetlinkError || error instanceof SyscallError) return undefined; // it is gone meanwhile
    throw error;
  }
}
