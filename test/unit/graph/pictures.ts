/** Pictures for the tests of formats. */
import type { Picture, PictureEdge, PictureLink, PictureNamespace } from "../../../src/graph/picture.ts";

/** A link that is up. */
export function link(name: string, fields: Partial<PictureLink> = {}): PictureLink {
  return { name, kind: "veth", state: "up", addresses: [], ...fields };
}

/** A namespace with these links. */
export function namespace(
  name: string,
  links: readonly PictureLink[] = [],
  fields: Partial<PictureNamespace> = {},
): PictureNamespace {
  return { name, aliases: [], containers: [], processes: [], links, routes: [], neighbours: [], ...fields };
}

/** An edge between two links, or a link and a namespace, each written as `"namespace/link"`. */
export function edge(from: string, to: string, fields: Partial<PictureEdge> = {}): PictureEdge {
  const [a, b] = [from, to].map((text) => {
    const [namespace = "", link] = text.split("/");
    return link === undefined ? { namespace } : { namespace, link };
  });
  if (a === undefined || b === undefined) throw new Error("two go in, two come out");
  return { from: a, to: b, kind: "veth", ...fields };
}

const MISSING = 'no container with the label "web" runs';

/** A bridge with ports, a pending container, a macvlan, a pair within a namespace, and a namespace that cannot be inspected. */
export const OFFICE: Picture = {
  namespaces: [
    namespace("PID:0", [
      { name: "eth0", state: "up", mtu: 9000, addresses: ["192.0.2.10/24"] },
      link("br0", { kind: "bridge", mtu: 1500, addresses: ["10.0.0.1/24", "fd00::1/64"] }),
      link("p0", { master: "br0" }),
      link("p1", { master: "br0", state: "no carrier" }),
      link("p2", { master: "br0" }),
      link("home", { state: "down" }),
      link("lost", { note: "its other end, link 5, is in a namespace that was not found" }),
      link("gone"),
    ], {
      routes: [
        { destination: "0.0.0.0/0", gateway: "192.0.2.1", link: "eth0" },
        { destination: "10.9.0.0/16", type: "blackhole" },
      ],
      neighbours: [{ ip: "10.0.0.9", address: "02:00:00:00:00:09", link: "br0" }],
    }),
    namespace("blue", [
      link("eth0", { addresses: ["10.0.0.2/24"] }),
      link("mv0", { kind: "macvlan", mtu: 1400 }),
    ], { aliases: ["azure"], processes: [{ pid: 42, command: "sleep" }] }),
    namespace("MICROSERVICE:web", [link("eth0", { addresses: ["10.0.0.3/24"], pending: MISSING })], {
      containers: ["web"],
      pending: MISSING,
    }),
    namespace("shut", [], { unseen: "setns: Operation not permitted (EPERM)" }),
    namespace("empty"),
  ],
  edges: [
    edge("PID:0/p0", "blue/eth0"),
    edge("MICROSERVICE:web/eth0", "PID:0/p1", { pending: MISSING }),
    edge("PID:0/p2", "PID:0/home"),
    edge("blue/mv0", "PID:0/eth0", { kind: "macvlan" }),
    edge("PID:0/gone", "shut"),
  ],
};
