/** The model of a picture: namespaces, what is in them, and which links are connected. */
import { groupBy } from "../collections.ts";

/** What sources make and formats draw. */
export interface Picture {
  /** The namespaces, in the order of the picture. */
  readonly namespaces: readonly PictureNamespace[];
  /** The connections between links, or between a link and a namespace that cannot be inspected. */
  readonly edges: readonly PictureEdge[];
}

/** A namespace. */
export interface PictureNamespace {
  /** Its unique name, as `parseNamespace` reads it; `PID:0` is the default one. */
  readonly name: string;
  /** Its other names. */
  readonly aliases: readonly string[];
  /** The labels of the containers in it, and the names of those without a label. */
  readonly containers: readonly string[];
  /** The processes in it, if known; those of the default namespace are left out. */
  readonly processes: readonly PictureProcess[];
  /** The processes that hold it open by a descriptor, if no process is in it. */
  readonly holders?: readonly PictureProcess[];
  /** Its links, without a loopback link that has only its usual addresses. */
  readonly links: readonly PictureLink[];
  /** Its routes, without those that the kernel adds. */
  readonly routes: readonly PictureRoute[];
  /** Its static neighbours. */
  readonly neighbours: readonly PictureNeighbour[];
  /** Its rules, without those that the kernel adds; absent if there are none. */
  readonly rules?: readonly PictureEntry[];
  /** What it does with packets: `"nat by eth0"`, `"in: drop"`; absent if nothing. */
  readonly filters?: readonly PictureEntry[];
  /** Its sysctls that somebody set, as far as they are known; absent if there are none. */
  readonly sysctls?: readonly PictureEntry[];
  /** What it waits for, if it does not exist yet. */
  readonly pending?: string;
  /** Why it cannot be inspected, if it cannot. */
  readonly unseen?: string;
}

/** A process. */
export interface PictureProcess {
  /** Its process id. */
  readonly pid: number;
  /** Its name, as `ps -o comm` prints it. */
  readonly command: string;
}

/** A link. */
export interface PictureLink {
  /** Its name, unique in the namespace. */
  readonly name: string;
  /** Its kind: `"veth"`, `"bridge"`, `"tap"`; hardware has none. */
  readonly kind?: string;
  /** The id of a VLAN. */
  readonly vlan?: number;
  /** Up, down, or up without a carrier. */
  readonly state: "up" | "down" | "no carrier";
  /** Its MTU in bytes, if known. */
  readonly mtu?: number;
  /** Its addresses: `"10.0.0.1/24"`. */
  readonly addresses: readonly string[];
  /** Its master, in the same namespace. */
  readonly master?: string;
  /** Its parent, in the same namespace: the link below a VLAN or a macvlan. */
  readonly on?: string;
  /** What it does to the packets that leave it: `"delay 20ms, loss 1%"`. */
  readonly impairment?: string;
  /** A remark. */
  readonly note?: string;
  /** What it waits for, if it does not exist yet. */
  readonly pending?: string;
}

/** A route. */
export interface PictureRoute {
  /** Its destination: `"10.0.0.0/24"`, `"0.0.0.0/0"`. */
  readonly destination: string;
  /** Its type, unless it is unicast: `"blackhole"`. */
  readonly type?: string;
  /** Its gateway. */
  readonly gateway?: string;
  /** Its outgoing link; a route of several next hops is listed once for each. */
  readonly link?: string;
  /** Its table, unless it is the main one. */
  readonly table?: number;
  /** What it waits for, if it does not exist yet. */
  readonly pending?: string;
}

/** A rule, a packet filter or a sysctl, in words. */
export interface PictureEntry {
  /** What it is, as a line for people. */
  readonly text: string;
  /** What it waits for, if it does not exist yet. */
  readonly pending?: string;
}

/** A static neighbour. */
export interface PictureNeighbour {
  /** Its IP address. */
  readonly ip: string;
  /** Its hardware address. */
  readonly address?: string;
  /** Its link. */
  readonly link: string;
  /** What it waits for, if it does not exist yet. */
  readonly pending?: string;
}

/** One end of an edge. */
export interface PictureEnd {
  /** The name of the namespace. */
  readonly namespace: string;
  /** The name of the link; absent if the namespace cannot be inspected. */
  readonly link?: string;
}

/** A connection of two links: a veth pair, or a link and its parent in another namespace. */
export interface PictureEdge {
  /** One end; of a link and its parent, the link. */
  readonly from: PictureEnd;
  /** The other end. */
  readonly to: PictureEnd;
  /** Its kind: `"veth"`, `"macvlan"`. */
  readonly kind: string;
  /** What it waits for, if it does not exist yet. */
  readonly pending?: string;
}

/** The name of the default namespace. */
export const DEFAULT_NAMESPACE = "PID:0";

/** A link with its ports. */
export interface LinkTree {
  /** The link. */
  readonly link: PictureLink;
  /** The links whose master it is, in order. */
  readonly ports: readonly LinkTree[];
}

/** The links of a namespace as trees: ports below their master. */
export function linkTrees({ links }: PictureNamespace): LinkTree[] {
  const names = new Set(links.map(({ name }) => name));
  const byMaster = groupBy(links, ({ master }) => master !== undefined && names.has(master) ? master : undefined);
  const below = (master?: string): LinkTree[] => (
    (byMaster.get(master) ?? []).map((link) => ({ link, ports: below(link.name) }))
  );
  return below();
}
