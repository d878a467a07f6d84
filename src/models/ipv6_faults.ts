/** What the file asks of IPv6 on links that it makes too small for that: the kernel has none of it there. */
import { familyOf } from "../ip/address.ts";
import type { LinuxArpEntry } from "./arp.ts";
import type { LinuxInterface } from "./interface/linux_interface.ts";
import { IPV6_MIN_MTU } from "../netlink/constants/link.ts";
import type { Fault, Item } from "./item_faults.ts";
import type { InterfaceIndex } from "./references.ts";
import type { LinuxRoute } from "./route.ts";

/** A fault for each IPv6 address, route and neighbour on a link to which the file gives a smaller MTU than IPv6 takes. */
export function* ipv6Faults(
  { interfaces, routes, arpEntries }: {
    readonly interfaces: readonly Item<LinuxInterface>[];
    readonly routes: readonly Item<LinuxRoute>[];
    readonly arpEntries: readonly Item<LinuxArpEntry>[];
  },
  known: InterfaceIndex,
): Generator<Fault> {
  if (interfaces.every(({ value: { mtu } }) => mtu === undefined || mtu >= IPV6_MIN_MTU)) return; // as nearly every file
  for (const { index, value } of interfaces) {
    if (value.mtu !== undefined) continue; // checked with the addresses beside it
    const { ipAddresses = [] } = value;
    const place = ipAddresses.findIndex((address) => familyOf(address) === 6);
    const small = place < 0 ? undefined : tooSmall(value, known);
    if (small === undefined) continue;
    const keys = ["interfaces", index, "ipAddresses", place];
    yield { keys, value: ipAddresses[place], expected: withIpv6(small) };
  }
  for (const { index, value } of routes) {
    if (familyOf(value.dstIpAddr) === 4 || value.type !== undefined && value.type !== "LOCAL") continue;
    const hops = value.nextHops === undefined
      ? [{ interface: value.interface, keys: ["interface"] }]
      : value.nextHops.map((hop, place) => ({ interface: hop.interface, keys: ["nextHops", place, "interface"] }));
    for (const { interface: name, keys } of hops) {
      const link = name === undefined ? undefined : known.find({ ...value, interface: name });
      const small = link && tooSmall(link, known);
      if (small === undefined) continue;
      yield { keys: ["routes", index, ...keys], value: name, expected: withIpv6(small) };
    }
  }
  for (const { index, value } of arpEntries) {
    const link = familyOf(value.ipAddr) === 4 ? undefined : known.find(value);
    const small = link && tooSmall(link, known);
    if (small === undefined) continue;
    yield { keys: ["arpEntries", index, "interface"], value: value.interface, expected: withIpv6(small) };
  }
}

/** The interface whose MTU leaves a link no IPv6: itself, or what it stands on, whose MTU it has at most. */
function tooSmall(one: LinuxInterface, known: InterfaceIndex): LinuxInterface | undefined {
  const above = new Set<LinuxInterface>();
  let below: LinuxInterface | undefined = one;
  while (below !== undefined && below.mtu === undefined && !above.has(below)) {
    above.add(below);
    below = (below.vlan ?? below.macvlan ?? below.ipvlan) === undefined ? undefined : known.parentOf(below);
  }
  return below?.mtu !== undefined && below.mtu < IPV6_MIN_MTU ? below : undefined;
}

const withIpv6 = ({ name, mtu }: LinuxInterface): string =>
  `a link with IPv6: give ${name} an mtu of at least ${IPV6_MIN_MTU}, it has ${mtu}`;
