/** Arbitrary files for property tests. */
import fc from "./properties.ts";
import { type NetworkConfigInput, readConfig } from "@netns/netns";
import { vethEnd } from "./topologies.ts";

/** The namespaces that an arbitrary file is about. */
export const NAMESPACES: readonly string[] = ["blue", "green", "red"];

const ADDRESSES = ["10.0.0.1/24", "10.0.0.2/24", "10.0.0.3/24", "10.1.0.1/16", "fd00::1/64", "fd00::2/64"];
const interfaceName = fc.constantFrom("a0", "b0", "a1");

const end = fc.record({
  hostIfName: fc.constantFrom("e0", "e1", "e2"),
  namespace: fc.constantFrom(...NAMESPACES),
  mtu: fc.constantFrom(1400, 1500),
  physAddress: fc.constantFrom("02:00:00:00:00:01", "02:00:00:00:00:02"),
  enabled: fc.boolean(),
  ipAddresses: fc.uniqueArray(fc.constantFrom(...ADDRESSES), { maxLength: 4 }),
});
const route = fc.record({
  interface: interfaceName,
  dstIpAddr: fc.constantFrom("10.7.0.0/16", "10.8.0.0/16", "fd07::/32"),
  metric: fc.constantFrom(5, 6),
  table: fc.constantFrom(254, 77),
});
const entry = fc.record({
  interface: interfaceName,
  ipAddr: fc.constantFrom("10.0.0.9", "fd00::9"),
  hwAddress: fc.constantFrom("02:00:00:00:00:08", "02:00:00:00:00:09"),
  state: fc.constantFrom("PERMANENT", "NOARP", "STALE"),
});

/**
 * Any valid file about {@linkcode NAMESPACES}, with every field that has no default of its own. If two such files are
 * applied one after the other, the end must be the same as of the second alone.
 *
 * @param maxPairs The most veth pairs that it has.
 */
export function anyFile(maxPairs: number): fc.Arbitrary<NetworkConfigInput> {
  return fc.record({
    namespaces: fc.subarray([...NAMESPACES]),
    pairs: fc.array(fc.tuple(end, end), { maxLength: maxPairs }),
    routes: fc.array(route, { maxLength: 3 }),
    arpEntries: fc.array(entry, { maxLength: 3 }),
  }).map(({ namespaces, pairs, routes, arpEntries }) => ({
    namespaces,
    interfaces: pairs.flatMap(([a, b], i) => [vethEnd(`a${i}`, `b${i}`, a), vethEnd(`b${i}`, `a${i}`, b)]),
    routes: routes.map((one, i) => ({ name: `r${i}`, ...one })),
    arpEntries: arpEntries.map((one, i) => ({ name: `n${i}`, ...one })),
  })).filter((document) => {
    try {
      return readConfig(document) !== undefined;
    } catch {
      return false; // two links of one name, two routes with one key
    }
  });
}
