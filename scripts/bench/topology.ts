/** The network that is wired for a measurement: a hub, and a pair from it to each leaf. */

/** The file for `count` leaves: for each a pair, an address at both ends, a route and a neighbour in the leaf. */
export function topology(hub: string, prefix: string, count: number): string {
  const leaves = Array.from({ length: count }, (_, i) => ({ i, net: `10.${100 + (i >> 8)}.${i & 255}` }));
  const interfaces = leaves.flatMap(({ i, net }) => [
    `  - { name: hub${i}, type: VETH, namespace: ${hub}, hostIfName: leaf${i}, ipAddresses: [${net}.1/24], ` +
    `veth: { peerIfName: leaf${i} } }`,
    `  - { name: leaf${i}, type: VETH, namespace: ${prefix}${i}, hostIfName: eth0, ipAddresses: [${net}.2/24], ` +
    `veth: { peerIfName: hub${i} } }`,
  ]);
  const routes = leaves.map(({ i, net }) =>
    `  - { name: route${i}, namespace: ${prefix}${i}, interface: leaf${i}, dstIpAddr: 11.0.0.0/8, gwAddr: ${net}.1 }`
  );
  const neighbours = leaves.map(({ i, net }) =>
    `  - { name: arp${i}, namespace: ${prefix}${i}, interface: leaf${i}, ipAddr: ${net}.9, ` +
    `hwAddress: "02:00:00:00:00:09" }`
  );
  return ["interfaces:", ...interfaces, "routes:", ...routes, "arpEntries:", ...neighbours, ""].join("\n");
}

/** What `ip -batch` does for the same network, in the way most people write it: make the pair, then move one end. */
export function ipBatches(prefix: string, count: number): { hub: string; leaves: string[] } {
  const leaves = Array.from({ length: count }, (_, i) => `10.${100 + (i >> 8)}.${i & 255}`);
  return {
    hub: leaves.map((net, i) =>
      `link add leaf${i} type veth peer name eth0\nlink set eth0 netns ${prefix}${i}\n` +
      `addr add ${net}.1/24 dev leaf${i}\nlink set leaf${i} up\n`
    ).join(""),
    leaves: leaves.map((net) =>
      `addr add ${net}.2/24 dev eth0\nlink set eth0 up\nroute add 11.0.0.0/8 via ${net}.1 dev eth0\n` +
      `neigh replace ${net}.9 lladdr 02:00:00:00:00:09 dev eth0\n`
    ),
  };
}
