/** Messages of rules as the kernel and `ip` write them; see ../vector.ts for how they were captured. */
import { type Vector, vector } from "../vector.ts";

/** RTM_NEWRULE, RTM_DELRULE */
export const RULES: Readonly<
  Record<
    | "addMarked"
    | "addByPorts"
    | "addGoto"
    | "addNot"
    | "addL3mdev"
    | "addProhibit"
    | "addTunnel"
    | "marked"
    | "byPorts"
    | "goto"
    | "inverted"
    | "l3mdev"
    | "prohibit"
    | "tunnel"
    | "remove",
    Vector
  >
> = {
  addMarked: vector(
    "ip",
    "ip rule add fwmark 0x10/0xff lookup 100 priority 1000",
    "02000000640000010000000008000a001000000008001000ff00000008000600e8030000",
  ),
  addByPorts: vector(
    "ip",
    "ip rule add from 10.0.0.0/8 to 10.1.2.3 ipproto tcp sport 1000-2000 dport 80 tos 0x10 table 1000 priority 1001",
    "022008100000000100000000080002000a000000080001000a010203050016000600000008001700e803d00708001800",
    "5000500008000f00e803000008000600e9030000",
  ),
  addGoto: vector(
    "ip",
    "ip rule add iif v0 oif v1 goto 32766 priority 1002",
    "0200000000000002000000000700030076300000070011007631000008000400fe7f000008000600ea030000",
  ),
  addNot: vector(
    "ip",
    "ip rule add not from 10.0.0.0/24 uidrange 1000-2000 table 7 suppress_prefixlength 0 suppress_ifgroup 5 priority 1003",
    "020018000700000102000000080002000a0000000c001400e8030000d007000008000e000000000008000d0005000000",
    "08000600eb030000",
  ),
  addL3mdev: vector(
    "ip",
    "ip rule add l3mdev priority 1004",
    "020000000000000100000000050013000100000008000600ec030000",
  ),
  addProhibit: vector(
    "ip",
    "ip -6 rule add from 2001:db8::/32 prohibit priority 1005",
    "0a00200000000008000000001400020020010db800000000000000000000000008000600ed030000",
  ),
  addTunnel: vector(
    "ip",
    "ip rule add tun_id 5 table 8 realms 3/7 priority 1006",
    "0200000008000001000000000c000c00000000000000000508000b000700030008000600ee030000",
  ),
  marked: vector(
    "kernel",
    "ip rule show priority 1000",
    "02000000640000010000000008000f006400000008000e00ffffffff050015000000000008000600e803000008000a00",
    "1000000008001000ff000000",
  ),
  byPorts: vector(
    "kernel",
    "ip rule show priority 1001",
    "02200810fc0000010000000008000f00e803000008000e00ffffffff050015000000000008000600e903000008001700",
    "e803d007080018005000500006001d00ffff00000500160006000000080001000a010203080002000a000000",
  ),
  goto: vector(
    "kernel",
    "ip rule show priority 1002",
    "02000000000000020000000008000f000000000008000e00ffffffff0500150000000000070003007630000007001100",
    "7631000008000600ea03000008000400fe7f0000",
  ),
  inverted: vector(
    "kernel",
    "ip rule show priority 1003",
    "02001800070000010200000008000f000700000008000e0000000000050015000000000008000600eb0300000c001400",
    "e8030000d007000008000d0005000000080002000a000000",
  ),
  l3mdev: vector(
    "kernel",
    "ip rule show priority 1004",
    "02000000000000010000000008000f000000000008000e00ffffffff050015000000000008000600ec03000005001300",
    "01000000",
  ),
  prohibit: vector(
    "kernel",
    "ip -6 rule show priority 1005",
    "0a002000000000080000000008000f000000000008000e00ffffffff050015000000000008000600ed03000014000200",
    "20010db8000000000000000000000000",
  ),
  tunnel: vector(
    "kernel",
    "ip rule show priority 1006",
    "02000000080000010000000008000f000800000008000e00ffffffff050015000000000008000600ee0300000c000c00",
    "000000000000000508000b0007000300",
  ),
  remove: vector(
    "ip",
    "ip rule del fwmark 0x10/0xff lookup 100 priority 1000",
    "02000000640000000000000008000a001000000008001000ff00000008000600e8030000",
  ),
};
