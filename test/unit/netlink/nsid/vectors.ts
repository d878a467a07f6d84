/** Messages of ids of namespaces as the kernel and `ip` write them; see ../vector.ts for how they were captured. */
import { type Vector, vector } from "../vector.ts";

/** RTM_NEWNSID */
export const NSIDS: Readonly<Record<"addNamespaceId" | "namespaceId" | "noNamespaceId", Vector>> = {
  addNamespaceId: vector(
    "ip",
    "ip netns set third 77",
    "000000000800030006000000080001004d000000",
  ),
  namespaceId: vector(
    "kernel",
    "ip netns list-id",
    "00000000080001004d000000",
  ),
  noNamespaceId: vector(
    "kernel",
    "ip netns list-id",
    "0000000008000100ffffffff",
  ),
};
