/** Every kind of link, a line each: all that is known of a kind is in its file. */
export { bridge } from "./bridge.ts";
export { dummy } from "./dummy.ts";
export { ipvlan } from "./ipvlan.ts";
export { macvlan } from "./macvlan.ts";
export { tun } from "./tun.ts";
export { veth } from "./veth.ts";
export { vlan } from "./vlan.ts";
export { vrf } from "./vrf.ts";
