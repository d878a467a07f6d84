/** A network as it is drawn: namespaces, what is in them, and what joins their links. */

/** A network as it is drawn. Everything that draws one starts from this. */
export interface Picture {
  /** The namespaces, in the order in which they are drawn. */
  readonly namespaces: readonly DrawnNamespace[];
  /** What joins links, or a link and a namespace that cannot be looked into. */
  readonly edges: readonly DrawnEdge[];
}

/** A namespace. */
export interface DrawnNamespace {
  /** What it is called, as `parseNamespace` reads it; `PID:0` is the default one. No two have the same. */
  readonly name: string;
  /** What else it is called. */
  readonly aliases: readonly string[];
  /** The labels of the containers that run in it. */
  readonly containers: readonly string[];
  /** The processes in it, where these are known; those of the default namespace are not listed. */
  readonly processes: readonly DrawnProcess[];
  /** Its links, without a loopback link that has only its own addresses. */
  readonly links: readonly DrawnLink[];
  /** Its routes, without those that the kernel makes by itself. */
  readonly routes: readonly DrawnRoute[];
  /** Its neighbours that somebody set. */
  readonly neighbours: readonly DrawnNeighbour[];
  /** What it waits for, if it is not there yet. */
  readonly pending?: string;
  /** Why it cannot be looked into, if it cannot. */
  readonly unseen?: string;
}

/** A process. */
export interface DrawnProcess {
  /** Its process id. */
  readonly pid: number;
  /** Its name, as `ps -o comm` has it. */
  readonly command: string;
}

/** A link. */
export interface DrawnLink {
  /** Its name, which no other link of the namespace has. */
  readonly name: string;
  /** What it is: `"veth"`, `"bridge"`, `"tap"`; hardware has none. */
  readonly kind?: string;
  /** The tag of a VLAN. */
  readonly vlan?: number;
  /** Set up, set down, or set up without anything at the other end. */
  readonly state: "up" | "down" | "no carrier";
  /** Its largest packet in bytes, where this is known. */
  readonly mtu?: number;
  /** Its addresses: `"10.0.0.1/24"`. */
  readonly addresses: readonly string[];
  /** The link, in the same namespace, of which it is a port. */
  readonly master?: string;
  /** The link, in the same namespace, on which it is: of a VLAN, a macvlan. */
  readonly on?: string;
  /** What else is to be said of it. */
  readonly note?: string;
  /** What it waits for, if it is not there yet. */
  readonly pending?: string;
}

/** A route. */
export interface DrawnRoute {
  /** The network it is for: `"10.0.0.0/24"`, `"0.0.0.0/0"`. */
  readonly destination: string;
  /** What becomes of a packet, if it is not sent on: `"blackhole"`. */
  readonly type?: string;
  /** The next router. */
  readonly gateway?: string;
  /** The link it leaves by. */
  readonly link?: string;
  /** Its table, if that is not the main one. */
  readonly table?: number;
  /** What it waits for, if it is not there yet. */
  readonly pending?: string;
}

/** A neighbour. */
export interface DrawnNeighbour {
  /** Its address. */
  readonly ip: string;
  /** Its hardware address. */
  readonly address?: string;
  /** The link on which it is. */
  readonly link: string;
  /** What it waits for, if it is not there yet. */
  readonly pending?: string;
}

/** One end of an edge. */
export interface DrawnEnd {
  /** The name of the namespace. */
  readonly namespace: string;
  /** The name of the link; missing where the namespace cannot be looked into. */
  readonly link?: string;
}

/** What joins two links: a veth pair, or a link and the one in another namespace on which it is. */
export interface DrawnEdge {
  /** One end; of a link that is on another, this one. */
  readonly from: DrawnEnd;
  /** The other end. */
  readonly to: DrawnEnd;
  /** What it is: `"veth"`, `"macvlan"`. */
  readonly kind: string;
  /** What it waits for, if it is not there yet. */
  readonly pending?: string;
}

/** The name of the default namespace. */
export const DEFAULT_NAMESPACE = "PID:0";

/** A link with its ports. */
export interface LinkTree {
  /** The link. */
  readonly link: DrawnLink;
  /** The ports of the link, in order. */
  readonly ports: readonly LinkTree[];
}

/** The links of a namespace, each bridge with its ports. */
export function linkTrees({ links }: DrawnNamespace): LinkTree[] {
  const names = new Set(links.map(({ name }) => name));
  const byMaster = new Map<string | undefined, DrawnLink[]>();
  for (const link of links) {
    const master = link.master !== undefined && names.has(link.master) ? link.master : undefined;
    byMaster.set(master, [...byMaster.get(master) ?? [], link]);
  }
  const below = (master?: string): LinkTree[] => (
    (byMaster.get(master) ?? []).map((link) => ({ link, ports: below(link.name) }))
  );
  return below();
}
