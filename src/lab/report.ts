/** What a lab looks like, for whoever finds out why a test failed. */
import { drawSvg } from "../graph/formats/svg/svg.ts";
import { pictureOfConfig } from "../graph/sources/config.ts";
import type { NetworkConfig } from "../models/config.ts";
import type { Link } from "../netlink/link/types.ts";
import type { Neighbour } from "../netlink/neighbour/types.ts";
import type { Route } from "../netlink/route/types.ts";
import type { SocketEntry } from "../netlink/sockdiag/types.ts";
import type { LabHost } from "./host.ts";

/** A host in a {@linkcode LabReport}. */
export interface HostReport {
  /** Its name. */
  readonly name: string;
  /** Its links, with their counters. */
  readonly links: readonly Link[];
  /** Its addresses: `"10.0.0.1"`. */
  readonly addresses: readonly string[];
  /** Its neighbours. */
  readonly neighbours: readonly Neighbour[];
  /** Its routes. */
  readonly routes: readonly Route[];
  /** Its sockets of TCP and UDP. */
  readonly sockets: readonly SocketEntry[];
  /** The files of its captures. */
  readonly captures: readonly string[];
}

/** What {@linkcode Lab.report} gives. */
export interface LabReport {
  /** A picture of the topology, as SVG. */
  readonly picture: string;
  /** The hosts. */
  readonly hosts: readonly HostReport[];
}

/** Looks at a lab. */
export function reportOf(config: NetworkConfig, hosts: Iterable<LabHost>): LabReport {
  return { picture: drawSvg(pictureOfConfig(config)), hosts: [...hosts].map(hostReport) };
}

function hostReport(host: LabHost): HostReport {
  using netlink = host.handle.netlink();
  using sockets = host.handle.sockets();
  return {
    name: host.name,
    links: netlink.listLinks({ stats: true }),
    addresses: host.addresses,
    neighbours: netlink.listNeighbours(),
    routes: netlink.listRoutes(),
    sockets: [...sockets.list({ protocol: "tcp" }), ...sockets.list({ protocol: "udp" })],
    captures: [...host.captures],
  };
}
