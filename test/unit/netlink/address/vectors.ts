/** Messages of addresses as the kernel and `ip` write them; see ../vector.ts for how they were captured. */
import { type Vector, vector } from "../vector.ts";

/** RTM_NEWADDR, RTM_DELADDR */
export const ADDRESSES: Readonly<
  Record<
    | "addAddress"
    | "addPointToPoint"
    | "addNoDad"
    | "addWithLifetimes"
    | "deletePointToPoint"
    | "ipv4"
    | "pointToPoint"
    | "noDad"
    | "withLifetimes"
    | "linkLocal"
    | "addWithMetric"
    | "addHome"
    | "withMetric"
    | "home",
    Vector
  >
> = {
  addAddress: vector(
    "ip",
    "ip address add 10.0.0.1/24 broadcast + dev v0 label v0:x",
    "021800000a000000080002000a0000010900030076303a7800000000080001000a000001080004000a0000ff",
  ),
  addPointToPoint: vector(
    "ip",
    "ip address add 10.9.0.1 peer 10.9.0.2/32 dev v0",
    "022000000a000000080002000a090001080001000a090002",
  ),
  addNoDad: vector(
    "ip",
    "ip address add 2001:db8::1/64 dev v0 nodad",
    "0a4002000a0000001400020020010db80000000000000000000000011400010020010db8000000000000000000000001",
  ),
  addWithLifetimes: vector(
    "ip",
    "ip address add 2001:db8::5/64 dev v0 valid_lft 600 preferred_lft 300",
    "0a4000000a0000001400020020010db80000000000000000000000051400010020010db8000000000000000000000005",
    "140006002c010000580200000000000000000000",
  ),
  deletePointToPoint: vector(
    "ip",
    "ip address del 10.9.0.1 peer 10.9.0.2/32 dev v0",
    "022000000a000000080002000a090001080001000a090002",
  ),
  ipv4: vector(
    "kernel",
    "ip address show dev v0",
    "021880000a000000080001000a000001080002000a000001080004000a0000ff0900030076303a780000000008000800",
    "8000000014000600ffffffffffffffffb87b0600b87b0600",
  ),
  pointToPoint: vector(
    "kernel",
    "ip address show dev v0",
    "022080000a000000080001000a090002080002000a0900010700030076300000080008008000000014000600ffffffff",
    "ffffffffcc7b0600cc7b0600",
  ),
  noDad: vector(
    "kernel",
    "ip address show dev v0",
    "0a4082000a0000001400010020010db800000000000000000000000114000600ffffffffffffffffe27b0600e27b0600",
    "0800080082000000",
  ),
  withLifetimes: vector(
    "kernel",
    "ip address show dev v0",
    "0a4040000a0000001400010020010db8000000000000000000000005140006002c01000058020000f67b0600f67b0600",
    "0800080040000000",
  ),
  linkLocal: vector(
    "kernel",
    "ip address show dev v0",
    "0a40c0fd0a00000014000100fe80000000000000000000fffe00000114000600ffffffffffffffffa47b0600a47b0600",
    "08000800c000000005000b0003000000",
  ),
  addWithMetric: vector(
    "ip",
    "ip address add 10.1.0.1/24 metric 50 noprefixroute dev v0",
    "021800000a000000080002000a01000108000900320000000800080000020000080001000a010001",
  ),
  addHome: vector(
    "ip",
    "ip address add 2001:db8:1::1/64 home mngtmpaddr nodad dev v0",
    "0a4000000a0000001400020020010db800010000000000000000000108000800120100001400010020010db800010000",
    "0000000000000001",
  ),
  withMetric: vector(
    "kernel",
    "ip -4 address show dev v0 to 10.1.0.1",
    "021880000a000000080001000a010001080002000a010001070003007630000008000800800200000800090032000000",
    "14000600ffffffffffffffff4cc719004cc71900",
  ),
  home: vector(
    "kernel",
    "ip -6 address show dev v0 to 2001:db8:1::1",
    "0a4092000a0000001400010020010db800010000000000000000000114000600ffffffffffffffff4fc719004fc71900",
    "0800080092010000",
  ),
};
