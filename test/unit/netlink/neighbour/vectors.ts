/** Messages of neighbours as the kernel and `ip` write them; see ../vector.ts for how they were captured. */
import { type Vector, vector } from "../vector.ts";

/** RTM_NEWNEIGH, RTM_DELNEIGH */
export const NEIGHBOURS: Readonly<
  Record<
    | "addNeighbour"
    | "replaceNeighbour"
    | "deleteNeighbour"
    | "neighbour4"
    | "neighbour6"
    | "addProxy"
    | "addRouter"
    | "addManaged"
    | "addExternal"
    | "proxy"
    | "router"
    | "managed"
    | "external",
    Vector
  >
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
  addProxy: vector(
    "ip",
    "ip neighbour add proxy 10.0.0.20 dev v0",
    "020000000a00000080000800080001000a000014",
  ),
  addRouter: vector(
    "ip",
    "ip -6 neighbour add 2001:db8::20 lladdr 02:00:00:00:00:20 router dev v0 protocol static",
    "0a0000000a0000008000800005000c00040000001400010020010db80000000000000000000000200a00020002000000",
    "00200000",
  ),
  addManaged: vector(
    "ip",
    "ip neighbour add 10.0.0.21 managed dev v0",
    "020000000a00000000000000080001000a00001508000f0001000000",
  ),
  addExternal: vector(
    "ip",
    "ip neighbour add 10.0.0.22 lladdr 02:00:00:00:00:22 extern_learn dev v0",
    "020000000a00000080001000080001000a0000160a0002000200000000220000",
  ),
  proxy: vector(
    "kernel",
    "ip neighbour show proxy",
    "020000000a00000000000801080001000a000014",
  ),
  router: vector(
    "kernel",
    "ip -6 neighbour show 2001:db8::20 dev v0",
    "0a0000000a000000800080011400010020010db80000000000000000000000200a000200020000000020000008000400",
    "00000000140003000f0000000f0000000f0000000000000005000c0004000000",
  ),
  managed: vector(
    "kernel",
    "ip neighbour show 10.0.0.21 dev v0",
    "020000000a00000001000001080001000a0000150800040004000000140003007f1700000f0000000f00000001000000",
    "08000f0001000000",
  ),
  external: vector(
    "kernel",
    "ip neighbour show 10.0.0.22 dev v0",
    "020000000a00000080001001080001000a0000160a000200020000000022000008000400000000001400030011000000",
    "110000001100000000000000",
  ),
};
