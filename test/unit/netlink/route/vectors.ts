/** Messages of routes as the kernel and `ip` write them; see ../vector.ts for how they were captured. */
import { type Vector, vector } from "../vector.ts";

/** RTM_NEWROUTE, RTM_DELROUTE */
export const ROUTES: Readonly<
  Record<
    | "addByRouter"
    | "addDefault"
    | "addInTable"
    | "addMultipath"
    | "addBlackhole"
    | "addUnreachable"
    | "addVia"
    | "addOnLink"
    | "addExpiring"
    | "addMultipath6"
    | "replaceRoute"
    | "deleteRoute"
    | "inTable"
    | "defaultRoute"
    | "byRouter"
    | "multipath"
    | "blackhole"
    | "unreachable"
    | "via"
    | "onLink"
    | "local"
    | "broadcastRoute"
    | "expiring"
    | "multipath6"
    | "connected6",
    Vector
  >
> = {
  addByRouter: vector(
    "ip",
    "ip route add 10.2.0.0/16 via 10.0.0.2 metric 10 src 10.0.0.1 mtu 1200",
    "02100000fe03000100000000080001000a020000080005000a000002080006000a000000080007000a0000010c000800",
    "08000200b0040000",
  ),
  addDefault: vector(
    "ip",
    "ip route add default via 10.0.0.2",
    "02000000fe03000100000000080005000a000002",
  ),
  addInTable: vector(
    "ip",
    "ip route add 10.3.0.0/16 table 1000 dev v0",
    "021000000003fd0100000000080001000a03000008000f00e8030000080004000a000000",
  ),
  addMultipath: vector(
    "ip",
    "ip route add 10.4.0.0/16 nexthop via 10.0.0.2 dev v0 weight 2 nexthop via 10.77.0.1 dev d0 weight 3 onlink",
    "02100000fe03000100000000080001000a04000024000900100000010a000000080005000a0000021000040203000000",
    "080005000a4d0001",
  ),
  addBlackhole: vector(
    "ip",
    "ip route add blackhole 10.5.0.0/16",
    "02100000fe03000600000000080001000a050000",
  ),
  addUnreachable: vector(
    "ip",
    "ip route add unreachable 10.6.0.0/16",
    "02100000fe03000700000000080001000a060000",
  ),
  addVia: vector(
    "ip",
    "ip route add 10.7.0.0/16 via inet6 2001:db8::2",
    "02100000fe03000100000000080001000a070000160012000a0020010db80000000000000000000000020000",
  ),
  addOnLink: vector(
    "ip",
    "ip route add 10.8.0.0/16 via 10.66.0.1 dev v0 onlink",
    "02100000fe03000104000000080001000a080000080005000a420001080004000a000000",
  ),
  addExpiring: vector(
    "ip",
    "ip -6 route add 2001:db8:2::/48 via 2001:db8::2 metric 5 expires 600",
    "0a300000fe030001000000001400010020010db80002000000000000000000001400050020010db80000000000000000",
    "0000000208000600050000000800170058020000",
  ),
  addMultipath6: vector(
    "ip",
    "ip -6 route add 2001:db8:3::/48 nexthop via 2001:db8::2 dev v0 nexthop via 2001:db8::3 dev v0",
    "0a300000fe030001000000001400010020010db80003000000000000000000003c0009001c0000000a00000014000500",
    "20010db80000000000000000000000021c0000000a0000001400050020010db8000000000000000000000003",
  ),
  replaceRoute: vector(
    "ip",
    "ip route replace 10.2.0.0/16 via 10.0.0.2 metric 10",
    "02100000fe03000100000000080001000a020000080005000a000002080006000a000000",
  ),
  deleteRoute: vector(
    "ip",
    "ip route del 10.8.0.0/16",
    "02100000fe00ff0000000000080001000a080000",
  ),
  inTable: vector(
    "kernel",
    "ip route show table all",
    "02100000fc03fd010000000008000f00e8030000080001000a030000080004000a000000",
  ),
  defaultRoute: vector(
    "kernel",
    "ip route show table all",
    "02000000fe0300010000000008000f00fe000000080005000a000002080004000a000000",
  ),
  byRouter: vector(
    "kernel",
    "ip route show table all",
    "02100000fe0300010000000008000f00fe000000080001000a020000080006000a000000080005000a00000208000400",
    "0a000000",
  ),
  multipath: vector(
    "kernel",
    "ip route show table all",
    "02100000fe0300010000000008000f00fe000000080001000a04000024000900100000010a000000080005000a000002",
    "1000040203000000080005000a4d0001",
  ),
  blackhole: vector(
    "kernel",
    "ip route show table all",
    "02100000fe0300060000000008000f00fe000000080001000a050000",
  ),
  unreachable: vector(
    "kernel",
    "ip route show table all",
    "02100000fe0300070000000008000f00fe000000080001000a060000",
  ),
  via: vector(
    "kernel",
    "ip route show table all",
    "02100000fe0300010000000008000f00fe000000080001000a070000160012000a0020010db800000000000000000000",
    "00020000080004000a000000",
  ),
  onLink: vector(
    "kernel",
    "ip route show table all",
    "02100000fe0300010400000008000f00fe000000080001000a080000080005000a420001080004000a000000",
  ),
  local: vector(
    "kernel",
    "ip route show table all",
    "02200000ff02fe020000000008000f00ff000000080001000a000001080007000a000001080004000a000000",
  ),
  broadcastRoute: vector(
    "kernel",
    "ip route show table all",
    "02200000ff02fd030000000008000f00ff000000080001000a0000ff080007000a000001080004000a000000",
  ),
  expiring: vector(
    "kernel",
    "ip -6 route show table all",
    "0a300000fe0300010000000008000f00fe0000001400010020010db80002000000000000000000000800060005000000",
    "1400050020010db8000000000000000000000002080004000a00000024000c000000000000000000fde9000000000000",
    "000000000000000000000000000000000500140000000000",
  ),
  multipath6: vector(
    "kernel",
    "ip -6 route show table all",
    "0a300000fe0300010000000008000f00fe0000001400010020010db80003000000000000000000000800060000040000",
    "3c0009001c0000000a0000001400050020010db80000000000000000000000021c0000000a0000001400050020010db8",
    "00000000000000000000000324000c000000000000000000000000000000000000000000000000000000000000000000",
    "0500140000000000",
  ),
  connected6: vector(
    "kernel",
    "ip -6 route show table all",
    "0a400000fe0200010000000008000f00fe0000001400010020010db80000000000000000000000000800060000010000",
    "080004000a00000024000c00000000000000000000000000000000000000000000000000000000000000000005001400",
    "00000000",
  ),
};
