/** Messages of next-hop objects as the kernel and `ip` write them; see ../vector.ts for how they were captured. */
import { type Vector, vector } from "../vector.ts";

/** RTM_NEWNEXTHOP, RTM_DELNEXTHOP */
export const NEXT_HOPS: Readonly<
  Record<
    | "addByRouter"
    | "addBlackhole"
    | "addWithEncap"
    | "addGroup"
    | "addResilient"
    | "replace"
    | "byRouter"
    | "blackhole"
    | "withEncap"
    | "group"
    | "resilient"
    | "remove",
    Vector
  >
> = {
  addByRouter: vector(
    "ip",
    "ip nexthop add id 21 via 10.0.0.2 dev v0 onlink protocol static",
    "02000400040000000800010015000000080006000a000002080005000a000000",
  ),
  addBlackhole: vector(
    "ip",
    "ip nexthop add id 22 blackhole",
    "0200000000000000080001001600000004000400",
  ),
  addWithEncap: vector(
    "ip",
    "ip nexthop add id 23 encap ip id 9 dst 10.0.0.9 via 10.0.0.3 dev v0",
    "02000000000000000800010017000000180008800c0001000000000000000009080002000a0000090600070002000000",
    "080006000a000003080005000a000000",
  ),
  addGroup: vector(
    "ip",
    "ip nexthop add id 30 group 21,3/23,1",
    "0000000000000000080001001e0000001400020015000000020000001700000000000000",
  ),
  addResilient: vector(
    "ip",
    "ip nexthop add id 31 group 21/23 type resilient buckets 8 idle_timer 60 unbalanced_timer 300",
    "0000000000000000080001001f00000014000200150000000000000017000000000000001c000c800600010008000000",
    "080002007017000008000300307500000600030001000000",
  ),
  replace: vector(
    "ip",
    "ip nexthop replace id 21 via 10.0.0.4 dev v0",
    "02000000000000000800010015000000080006000a000004080005000a000000",
  ),
  byRouter: vector(
    "kernel",
    "ip nexthop show id 21",
    "02fd0000000000000800010015000000080005000a000000080006000a000004",
  ),
  blackhole: vector(
    "kernel",
    "ip nexthop show id 22",
    "0200000000000000080001001600000004000400",
  ),
  withEncap: vector(
    "kernel",
    "ip nexthop show id 23",
    "02fd0000000000000800010017000000080005000a000000080006000a000003380008000c0001000000000000000009",
    "080002000a00000908000300000000000500050000000000050004000000000006000600000000000600070002000000",
  ),
  group: vector(
    "kernel",
    "ip nexthop show id 30",
    "0000000000000000080001001e0000000600030000000000140002001500000002000000170000000000000008000e00",
    "00000080",
  ),
  resilient: vector(
    "kernel",
    "ip nexthop show id 31",
    "0000000000000000080001001f0000000600030001000000140002001500000000000000170000000000000028000c80",
    "0600010008000000080002007017000008000300307500000c000400000000000000000008000e0000000080",
  ),
  remove: vector(
    "ip",
    "ip nexthop del id 22",
    "00000000000000000800010016000000",
  ),
};
