/** Topologies that many tests use, as `readConfig()` takes them. */

import type { InterfaceInput, OptionalFields } from "@netns/netns";

/** What the end of a pair can have besides its name and its peer. */
type EndFields = OptionalFields<Omit<InterfaceInput, "name">>;

/** One end of a veth pair. */
export function vethEnd(name: string, peer: string, fields: EndFields = {}): InterfaceInput {
  return { name, veth: { peerIfName: peer }, ...fields };
}

/** The end of {@linkcode PAIR} that is `eth0` in `blue`. */
export function leftEnd(fields: EndFields = {}): InterfaceInput {
  return vethEnd("left", "right", {
    hostIfName: "eth0",
    namespace: "blue",
    ipAddresses: ["10.1.0.1/24", "fd00::1/64"],
    ...fields,
  });
}

/** The end of {@linkcode PAIR} that is `eth0` in `green`. */
export function rightEnd(fields: EndFields = {}): InterfaceInput {
  return vethEnd("right", "left", {
    hostIfName: "eth0",
    namespace: "green",
    ipAddresses: ["10.1.0.2/24", "fd00::2/64"],
    ...fields,
  });
}

/** Two namespaces and a pair between them. */
export const PAIR: { readonly namespaces: readonly string[]; readonly interfaces: readonly InterfaceInput[] } = {
  namespaces: ["blue", "green"],
  interfaces: [leftEnd(), rightEnd()],
};

/** A pair from the namespace `hub` to each of `leaves` others; no namespace is listed. */
export function star(leaves: number, hub = "blue"): { interfaces: InterfaceInput[] } {
  const numbers = Array.from({ length: leaves }, (_, i) => i);
  return {
    interfaces: numbers.flatMap((i) => [
      vethEnd(`hub${i}`, `leaf${i}`, { namespace: hub }),
      vethEnd(`leaf${i}`, `hub${i}`, { namespace: `leaf${i}`, hostIfName: "eth0" }),
    ]),
  };
}
