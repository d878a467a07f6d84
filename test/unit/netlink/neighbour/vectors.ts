/** Messages of neighbours as the kernel and `ip` write them; see ../vector.ts for how they were captured. */
import { type Vector, vector } from "../vector.ts";

/** RTM_NEWNEIGH, RTM_DELNEIGH */
export const NEIGHBOURS: Readonly<
  Record<"addNeighbour" | "replaceNeighbour" | "deleteNeighbour" | "neighbour4" | "neighbour6", Vector>
> = {
  addNeighbour: vector(
    "ip",
    "ip neighbour add 10.0.0.9 lladdr 02:00:00:00:00:09 dev v0",
    "020000000a00000080000000080001000a0000090a0002000200000000090000",
  ),
  replaceNeighbour: vector(
    "ip",
    "ip neighbour replace 2001:db8::9 lladdr 02:00:00:00:00:0a nud stale dev v0",
    "0a0000000a000000040000001400010020010db80000000000000000000000090a00020002000000000a0000",
  ),
  deleteNeighbour: vector(
    "ip",
    "ip neighbour del 10.0.0.9 dev v0",
    "020000000a00000080000000080001000a000009",
  ),
  neighbour4: vector(
    "kernel",
    "ip neighbour show",
    "020000000a00000080000001080001000a0000090a00020002000000000900000800040000000000140003002a000000",
    "2a0000002a00000000000000",
  ),
  neighbour6: vector(
    "kernel",
    "ip neighbour show",
    "0a0000000a000000040000011400010020010db80000000000000000000000090a00020002000000000a000008000400",
    "000000001400030082170000120000001200000000000000",
  ),
};
