/** Messages of the controller of generic netlink; see ../vector.ts for how they were captured. */
import { type Vector, vector } from "../vector.ts";

/** CTRL_CMD_NEWFAMILY, CTRL_CMD_GETFAMILY */
export const FAMILIES: Readonly<Record<"getFamily" | "family", Vector>> = {
  getFamily: vector(
    "wg",
    "wg show wg0 dump",
    "030100000e000200776972656775617264000000",
  ),
  family: vector(
    "kernel",
    "wg show wg0 dump",
    "010200000e00020077697265677561726400000006000100200000000800030001000000080004000000000008000500",
    "080000002c000600140001000800010000000000080002001c000000140002000800010001000000080002001a000000",
  ),
};
