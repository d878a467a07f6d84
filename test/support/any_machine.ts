/** Arbitrary small machines, and files that collide with what is on them: the same names, networks and keys. */
import fc from "./properties.ts";
import { type NetworkConfigInput, readConfig } from "@netns/netns";
import { vethEnd } from "./topologies.ts";

/** The default namespace, in which a test gives links names of their own and sets no default route. */
export const DEFAULT = "";
/** The namespace of the container, which a file names by its process. */
export const BOX = "box";

/** A link with its addresses. */
export interface AnyLink {
  readonly namespace: string;
  readonly name: string;
  readonly up: boolean;
  readonly mtu: number;
  readonly address: string | undefined;
  readonly addresses: readonly string[];
}

/** A route by a link that is named as the kernel names it. */
export interface AnyRoute {
  readonly namespace: string;
  readonly link: string;
  readonly dst: string;
  readonly gateway: string | undefined;
  readonly metric: number | undefined;
  readonly table: number;
}

/** A route by no link. */
export interface AnyDroppingRoute extends Pick<AnyRoute, "namespace" | "dst" | "metric" | "table"> {
  readonly type: "blackhole" | "unreachable" | "prohibit" | "throw";
  /** Who made it, RTPROT_…: `ip`, or one with the mark of this program. */
  readonly protocol: number;
}

/** A TAP of another program, in the default namespace. */
export interface AnyTap {
  readonly name: string;
  readonly up: boolean;
  readonly addresses: readonly string[];
}

/** A neighbour that somebody set. */
export interface AnyNeighbour {
  readonly namespace: string;
  readonly link: string;
  readonly ip: string;
  readonly address: string;
  readonly state: "permanent";
}

/** What somebody has on the machine. What the kernel refuses of it is not there. */
export interface AnyMachine {
  readonly namespaces: readonly string[];
  /** Those in which `lo` is down. */
  readonly loopbackDown: readonly string[];
  readonly pairs: readonly (readonly [AnyLink, AnyLink])[];
  /** Bridges, whose ports are the ends of pairs in the same namespace. */
  readonly bridges: readonly AnyLink[];
  readonly loopback: readonly { readonly namespace: string; readonly cidr: string }[];
  readonly routes: readonly AnyRoute[];
  /** Routes by no link, which a namespace with nothing but its loopback link may have, too. */
  readonly dropping: readonly AnyDroppingRoute[];
  readonly neighbours: readonly AnyNeighbour[];
  /** TAPs, which a file may borrow. */
  readonly taps: readonly AnyTap[];
  /** True if a container runs: {@linkcode BOX}, with `e0` wired to a bridge in the default namespace. */
  readonly container: boolean;
  /** Namespaces that forward. */
  readonly forwarding: readonly string[];
  /** Links that get a queueing discipline. */
  readonly qdiscs: readonly { readonly namespace: string; readonly link: string }[];
}

/** What somebody does between two applies. */
export type AnyIntrusion =
  | { readonly kind: "bridge"; readonly link: AnyLink }
  /** Deletes a link of the configuration, and makes one with its name and number. */
  | { readonly kind: "anew"; readonly namespace: string; readonly name: string }
  | { readonly kind: "route"; readonly route: AnyRoute }
  | { readonly kind: "neighbour"; readonly neighbour: AnyNeighbour };

/** The life of one configuration beside a machine that is somebody else's. */
export interface AnyLife {
  readonly machine: AnyMachine;
  /** Another configuration, which is applied first. */
  readonly other: NetworkConfigInput | undefined;
  readonly file: NetworkConfigInput;
  readonly intrusions: readonly AnyIntrusion[];
  readonly edited: NetworkConfigInput;
  /** True if an agent makes a round. */
  readonly agent: boolean;
  /** True if what is in the way is adopted. */
  readonly adopt: boolean;
}

const ADDRESSES = [
  "198.51.100.1/24",
  "198.51.100.2/24",
  "198.51.100.3/24",
  "203.0.113.1/25",
  "2001:db8::1/64",
  "2001:db8::2/64",
];
const NEIGHBOURS = ["198.51.100.9", "2001:db8::9"];
const DESTINATIONS = [
  "198.18.0.0/16",
  "198.19.0.0/16",
  "198.51.100.0/24",
  "2001:db8::/64",
  "2001:db8:7::/48",
  "0.0.0.0/0",
  "::/0",
];

/** How the file of a namespace is named. */
const BY_FILE = "FILE:/var/run/netns/";

const named = fc.constantFrom("blue", "green", "red");
const namespace = fc.oneof({ weight: 5, arbitrary: named }, { weight: 1, arbitrary: fc.constant(DEFAULT) });
const linkName = fc.constantFrom("e0", "e1", "e2");
const hardwareAddress = fc.constantFrom("02:00:00:00:00:08", "02:00:00:00:00:09");

const link: fc.Arbitrary<AnyLink> = fc.record({
  namespace,
  name: linkName,
  up: fc.constantFrom(true, true, true, false),
  mtu: fc.constantFrom(1500, 1500, 1400),
  address: fc.constantFrom(undefined, "02:00:00:00:00:01", "02:00:00:00:00:02"),
  addresses: fc.uniqueArray(fc.constantFrom(...ADDRESSES), { maxLength: 3 }),
});

const isDefaultRoute = (dst: string): boolean => dst.endsWith("/0");
/** A gateway of the destination's family, for every second route; one to everywhere always has one. */
const gatewayOf = (dst: string, wanted: boolean): string | undefined => (
  wanted || isDefaultRoute(dst) ? NEIGHBOURS[Number(dst.includes(":"))] : undefined
);
const key = {
  dst: fc.constantFrom(...DESTINATIONS),
  wanted: fc.boolean(),
  metric: fc.constantFrom(undefined, 5, 256, 1024),
  table: fc.constantFrom(254, 254, 77),
};
const withGateway = <T extends { readonly dst: string; readonly wanted: boolean }>({ wanted, ...rest }: T) => (
  { ...rest, gateway: gatewayOf(rest.dst, wanted) }
);

const route: fc.Arbitrary<AnyRoute> = fc.record({ namespace, link: linkName, ...key }).map(withGateway)
  .filter(({ namespace, dst }) => namespace !== DEFAULT || !isDefaultRoute(dst));
const dropping: fc.Arbitrary<AnyDroppingRoute> = fc.record({
  namespace: named,
  dst: key.dst,
  metric: key.metric,
  table: key.table,
  type: fc.constantFrom("blackhole", "unreachable", "prohibit", "throw"),
  protocol: fc.constantFrom(3, 3, 110),
});
const neighbour: fc.Arbitrary<AnyNeighbour> = fc.record({
  namespace,
  link: linkName,
  ip: fc.constantFrom(...NEIGHBOURS),
  address: hardwareAddress,
  state: fc.constant("permanent"),
});

const tap: fc.Arbitrary<AnyTap> = fc.record({
  name: fc.constantFrom("t0", "t1"),
  up: fc.boolean(),
  addresses: fc.uniqueArray(fc.constantFrom(...ADDRESSES), { maxLength: 2 }),
});

/** Mostly `usual`, now and then what `arbitrary` gives. */
function rarely<T>(arbitrary: fc.Arbitrary<T>, usual: T): fc.Arbitrary<T> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary });
}

/** Any machine with links in up to three namespaces and in the default one. */
export const anyMachine: fc.Arbitrary<AnyMachine> = fc.record({
  namespaces: fc.subarray(["blue", "green", "red"]),
  loopbackDown: rarely(fc.subarray(["blue"]), []),
  pairs: fc.array(fc.tuple(link, link), { maxLength: 3 }),
  bridges: fc.array(link, { maxLength: 1 }),
  loopback: fc.array(fc.record({ namespace: named, cidr: fc.constantFrom(...ADDRESSES) }), { maxLength: 2 }),
  routes: fc.array(route, { maxLength: 4 }),
  dropping: rarely(fc.array(dropping, { minLength: 1, maxLength: 3 }), []),
  neighbours: fc.array(neighbour, { maxLength: 3 }),
  taps: rarely(fc.array(tap, { minLength: 1, maxLength: 2 }), []),
  container: rarely(fc.constant(true), false),
  forwarding: rarely(fc.subarray(["blue", "red"], { minLength: 1 }), []),
  qdiscs: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.tuple(fc.record({ namespace, link: linkName })) },
  ),
});

const anyIntrusion: fc.Arbitrary<AnyIntrusion> = fc.oneof(
  link.map((link): AnyIntrusion => ({ kind: "bridge", link })),
  fc.tuple(namespace, linkName).map(([namespace, name]): AnyIntrusion => ({ kind: "anew", namespace, name })),
  route.map((route): AnyIntrusion => ({ kind: "route", route })),
  neighbour.map((neighbour): AnyIntrusion => ({ kind: "neighbour", neighbour })),
);

/** An item of the file on one of its own interfaces, or on a link that it does not describe. */
const targetOf = (...links: string[]) =>
  fc.oneof(
    fc.record({ interface: fc.constantFrom("a0", "b0", "a1", "b1", "t0") }),
    fc.record({ interface: fc.constantFrom(...links), namespace: named }),
  );
const end = fc.record({
  link,
  has: fc.boolean(),
  says: fc.boolean(),
  byFile: fc.constantFrom(false, false, false, false, false, true),
  inBox: fc.constantFrom(false, false, false, false, false, true),
}).map(({ link: { name, address, up, addresses, ...rest }, has, says, byFile, inBox }) => ({
  ...rest,
  hostIfName: name,
  enabled: up,
  ...address === undefined ? {} : { physAddress: address },
  namespace: inBox ? BOX : byFile && rest.namespace !== DEFAULT ? BY_FILE + rest.namespace : rest.namespace,
  ...has ? { ipAddresses: addresses } : {},
  ...says ? {} : { mtu: undefined },
}));

/** An interface that is one of the TAPs of a machine. */
const tapInterface = fc.record({
  tempIfName: fc.constantFrom("t0", "t1"),
  namespace: named,
  hostIfName: fc.constantFrom("e0", "e1", "e2", "t0"),
  has: fc.boolean(),
  addresses: fc.uniqueArray(fc.constantFrom(...ADDRESSES), { maxLength: 2 }),
  enabled: fc.boolean(),
}).map(({ tempIfName, has, addresses, ...rest }) => ({
  type: "AUTO_TAP" as const,
  tap: { tempIfName },
  ...rest,
  ...has ? { ipAddresses: addresses } : {},
}));

/** Any valid file of the same names as {@linkcode anyMachine}; an interface without `namespace` has {@linkcode DEFAULT}. */
const anyCollidingFile: fc.Arbitrary<NetworkConfigInput> = fc.record({
  namespaces: fc.subarray(["blue", "green", "red"]),
  pairs: fc.array(fc.tuple(end, end), { maxLength: 2 }),
  taps: rarely(fc.array(tapInterface, { minLength: 1, maxLength: 1 }), []),
  routes: fc.array(fc.tuple(targetOf("e0", "e1", "e2", "lo"), fc.record(key).map(withGateway)), { maxLength: 3 }),
  arpEntries: fc.array(
    fc.record({
      target: targetOf("e0", "e1", "e2"),
      ipAddr: fc.constantFrom(...NEIGHBOURS),
      hwAddress: hardwareAddress,
      state: fc.constantFrom("PERMANENT", "NOARP", "STALE"),
    }),
    { maxLength: 2 },
  ),
}).map(({ namespaces, pairs, taps, routes, arpEntries }) => ({
  namespaces,
  interfaces: [
    ...pairs.flatMap(([a, b], i) => [vethEnd(`a${i}`, `b${i}`, clean(a)), vethEnd(`b${i}`, `a${i}`, clean(b))]),
    ...taps.map((one, i) => ({ name: `t${i}`, ...one })),
  ],
  routes: routes.map(([target, { dst, gateway, metric, table }], i) => (
    { name: `r${i}`, ...target, dstIpAddr: dst, gwAddr: gateway, metric, table }
  )),
  arpEntries: arpEntries.map(({ target, ...entry }, i) => ({ name: `n${i}`, ...target, ...entry })),
})).filter(isValid);

/** Without the name of the default namespace, which a file does not write. */
function clean<T extends { readonly namespace: string }>(fields: T): T | Omit<T, "namespace"> {
  const { namespace, ...rest } = fields;
  return namespace === DEFAULT ? rest : fields;
}

function isValid(document: NetworkConfigInput): boolean {
  try {
    const { interfaces, routes } = readConfig(document);
    readConfig(JSON.parse(JSON.stringify(document).replaceAll(BY_FILE, "")));
    const home = new Set(interfaces.filter(({ namespace }) => namespace === undefined).map(({ name }) => name));
    return !routes.some(({ interface: name, dstIpAddr }) => isDefaultRoute(dstIpAddr) && home.has(name ?? ""));
  } catch {
    return false; // two links of one name, two routes with one key
  }
}

/** Any life of a configuration. */
export const anyLife: fc.Arbitrary<AnyLife> = fc.record({
  machine: anyMachine,
  other: fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: anyCollidingFile },
  ),
  file: anyCollidingFile,
  intrusions: fc.array(anyIntrusion, { maxLength: 2 }),
  edited: anyCollidingFile,
  agent: fc.integer({ min: 0, max: 19 }).map((number) => number === 19),
  adopt: rarely(fc.constant(true), false),
});
