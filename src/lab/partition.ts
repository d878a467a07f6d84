/** Partitions: hosts that do not hear each other. */
import { linkLocalOf } from "../ip/arithmetic.ts";
import type { NftObject } from "../netlink/nftables/types.ts";
import type { LabHost } from "./host.ts";

/** The table in each host that is part of one. */
const TABLE = { family: "inet", name: "netns-lab-partition" } as const;
const OF_TABLE = { family: TABLE.family, table: TABLE.name } as const;
const CHAIN = { ...OF_TABLE, name: "input" } as const;

/** A hardware address of six bytes; a loopback link has zeros. */
const isEthernet = (address: string): boolean => address.length === 17 && /[^0:]/.test(address);

/** Groups of hosts that do not hear each other. */
export type Groups = readonly (readonly LabHost[])[];

/**
 * Makes each host drop what comes to it from those of the other groups. It drops what it receives, not what it sends: a
 * program that sends would get `EPERM`. Replaces the partitions before.
 */
export function setPartitions(hosts: Iterable<LabHost>, partitions: readonly Groups[]): void {
  for (const host of hosts) {
    const sources = new Set(
      partitions.flatMap((groups) => {
        const own = groups.filter((group) => group.includes(host));
        return own.length === 0 ? [] : groups.filter((group) => !own.includes(group)).flat();
      }),
    );
    sources.delete(host);
    setDropped(host, [...sources].flatMap(addressesOf));
  }
}

/** All addresses of a host but those of its loopback link; link-local ones also where the kernel has yet to add them. */
function addressesOf(host: LabHost): string[] {
  using netlink = host.handle.netlink();
  const toCome = netlink.listLinks().flatMap(({ address = "" }) => isEthernet(address) ? linkLocalOf(address) : []);
  return [...host.listAddresses().map(({ address }) => address), ...toCome];
}

function setDropped(host: LabHost, addresses: readonly string[]): void {
  using nftables = host.handle.nftables();
  const isThere = nftables.list().some((one) => "table" in one && one.table?.name === TABLE.name);
  const commands = isThere ? [{ delete: { table: TABLE } }] : [];
  if (addresses.length === 0) {
    if (isThere) nftables.apply(commands);
    return;
  }
  nftables.apply([...commands, ...objectsFor(addresses).map((one) => ({ add: one }))]);
}

function objectsFor(addresses: readonly string[]): NftObject[] {
  const families = [
    ["ip", addresses.filter((one) => !one.includes(":"))],
    ["ip6", addresses.filter((one) => one.includes(":"))],
  ] as const;
  return [
    { table: TABLE },
    { chain: { ...CHAIN, type: "filter", hook: "input", prio: -300, policy: "accept" } },
    ...families.flatMap(([protocol, all]) =>
      [...new Set(all)].map((address): NftObject => ({
        rule: {
          ...OF_TABLE,
          chain: CHAIN.name,
          expr: [
            { match: { op: "==", left: { payload: { protocol, field: "saddr" } }, right: address } },
            { drop: null },
          ],
        },
      }))
    ),
  ];
}
