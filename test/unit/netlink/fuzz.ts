/** Random and mutated messages for every decoder. */
import { assert } from "@std/assert";
import fc from "../../support/properties.ts";
import { decodeForwardingEntry, forwardingMessage } from "../../../src/netlink/bridge/forwarding.ts";
import { bridgeVlanMessage, decodeBridgeVlans } from "../../../src/netlink/bridge/vlans.ts";
import { addressMessage } from "../../../src/netlink/address/message.ts";
import { decodeAddress } from "../../../src/netlink/address/reply.ts";
import { channelsCodec, channelsOf } from "../../../src/netlink/ethtool/channels.ts";
import { featuresCodec, featuresOf } from "../../../src/netlink/ethtool/features.ts";
import { decodeFamily, familyMessage } from "../../../src/netlink/generic/family.ts";
import { genericMessage } from "../../../src/netlink/generic/message.ts";
import { linkMessage } from "../../../src/netlink/link/message.ts";
import { decodeLink } from "../../../src/netlink/link/reply.ts";
import { neighbourMessage } from "../../../src/netlink/neighbour/message.ts";
import { decodeNeighbour } from "../../../src/netlink/neighbour/reply.ts";
import { nextHopMessage } from "../../../src/netlink/nexthop/message.ts";
import { decodeNextHop } from "../../../src/netlink/nexthop/reply.ts";
import * as nftables from "../../../src/netlink/nftables/messages.ts";
import { rulesetOf } from "../../../src/netlink/nftables/reply.ts";
import { decodeElementAttributes, decodeSet } from "../../../src/netlink/nftables/set_reply.ts";
import { decodeNsid, nsidMessage } from "../../../src/netlink/nsid/nsid.ts";
import { routeMessage } from "../../../src/netlink/route/message.ts";
import { decodeRoute } from "../../../src/netlink/route/reply.ts";
import { decodeInetSocket } from "../../../src/netlink/sockdiag/inet.ts";
import { decodeUnixSocket } from "../../../src/netlink/sockdiag/unix.ts";
import { decodeClass } from "../../../src/netlink/tc/class/reply.ts";
import { decodeFilter } from "../../../src/netlink/tc/filter/reply.ts";
import { tcMessage } from "../../../src/netlink/tc/message.ts";
import { decodeQdisc } from "../../../src/netlink/tc/qdisc/reply.ts";
import { device } from "../../../src/netlink/wireguard/message.ts";
import { deviceOf } from "../../../src/netlink/wireguard/reply.ts";
import { ruleMessage } from "../../../src/netlink/rule/message.ts";
import { decodeRule } from "../../../src/netlink/rule/reply.ts";
import { answers } from "../../../src/netlink/wire/framing.ts";
import { ADDRESSES } from "./address/vectors.ts";
import { valueOrTypedError } from "./check.ts";
import { ETHTOOL } from "./ethtool/vectors.ts";
import { FAMILIES } from "./generic/vectors.ts";
import { KIND_VECTORS } from "./link/kinds/vectors.ts";
import { FORWARDING, VLANS } from "./bridge/vectors.ts";
import { LINKS } from "./link/vectors.ts";
import { NEIGHBOURS } from "./neighbour/vectors.ts";
import { NEXT_HOPS } from "./nexthop/vectors.ts";
import { NFT_MAPS } from "./nftables/map_vectors.ts";
import { NFT_OBJECTS } from "./nftables/objects/vectors.ts";
import { NFTABLES } from "./nftables/vectors.ts";
import { NSIDS } from "./nsid/vectors.ts";
import { ROUTES } from "./route/vectors.ts";
import { SOCKETS } from "./sockdiag/vectors.ts";
import { RULES } from "./rule/vectors.ts";
import { CLASSES } from "./tc/class/vectors.ts";
import { FILTERS } from "./tc/filter/vectors.ts";
import { QDISCS } from "./tc/qdisc/vectors.ts";
import { WIREGUARD } from "./wireguard/vectors.ts";
import type { Vector } from "./vector.ts";

type Decode = (bytes: Uint8Array<ArrayBuffer>) => unknown;

/** Decoders of a family, and messages that they can read. */
export interface Subject {
  readonly name: string;
  readonly decode: Decode;
  readonly seeds: readonly Uint8Array<ArrayBuffer>[];
}

/** Every family. */
export const SUBJECTS: readonly Subject[] = [
  subject("links", LINKS, decodeLink, linkMessage.decode),
  subject("kinds of links", kinds(), decodeLink, linkMessage.decode),
  subject("bridge VLANs", VLANS, decodeBridgeVlans, bridgeVlanMessage.decode),
  subject("forwarding entries", FORWARDING, decodeForwardingEntry, forwardingMessage.decode),
  subject("addresses", ADDRESSES, decodeAddress, addressMessage.decode),
  subject("neighbours", NEIGHBOURS, decodeNeighbour, neighbourMessage.decode),
  subject("routes", ROUTES, decodeRoute, routeMessage.decode),
  subject("next hops", NEXT_HOPS, decodeNextHop, nextHopMessage.decode),
  subject("rules", RULES, decodeRule, ruleMessage.decode),
  subject("namespace ids", NSIDS, decodeNsid, nsidMessage.decode),
  subject("sockets", SOCKETS, (bytes) => decodeInetSocket("tcp", bytes), decodeUnixSocket),
  subject("qdiscs", QDISCS, decodeQdisc, tcMessage.decode),
  subject("classes", CLASSES, decodeClass, tcMessage.decode),
  subject("filters", FILTERS, decodeFilter, tcMessage.decode),
  subject("generic families", FAMILIES, decodeFamily, familyMessage.decode),
  subject(
    "ethtool",
    ETHTOOL,
    (bytes) => featuresOf(genericMessage(featuresCodec).decode(bytes).attributes),
    (bytes) => channelsOf(genericMessage(channelsCodec).decode(bytes).attributes),
  ),
  subject("wireguard", WIREGUARD, (bytes) => deviceOf([genericMessage(device).decode(bytes).attributes])),
  subject(
    "nf_tables",
    { ...NFTABLES, ...NFT_MAPS, ...NFT_OBJECTS },
    nftables.tableMessage.decode,
    nftables.chainMessage.decode,
    nftables.ruleMessage.decode,
    nftables.setMessage.decode,
    nftables.elementsMessage.decode,
    nftables.objectMessage.decode,
    nftables.flowtableMessage.decode,
    rulesetWith,
  ),
  { name: "framing", decode: (bytes) => [...answers(bytes)], seeds: framed() },
];

function subject(
  name: string,
  vectors: Readonly<Record<string, { readonly bytes: Uint8Array<ArrayBuffer> }>>,
  ...decoders: Decode[]
): Subject {
  return {
    name,
    decode: (bytes: Uint8Array<ArrayBuffer>) => decoders.map((decode) => valueOrTypedError(() => decode(bytes))),
    seeds: Object.values(vectors).map(({ bytes }) => bytes),
  };
}

/** Links of every kind, as they are asked for and as they are listed. */
function kinds(): Readonly<Record<string, Vector>> {
  const all = KIND_VECTORS.flatMap(({ request, reply }) => reply === undefined ? [request] : [request, reply]);
  return Object.fromEntries(all.map((vector, index) => [index, vector]));
}

/** A ruleset in which each dump gave the same message. */
function rulesetWith(body: Uint8Array): unknown {
  const set = decodeSet(body);
  return rulesetOf({
    tables: [body],
    chains: [body],
    rules: [body],
    objects: [body],
    flowtables: [body],
    sets: set === undefined ? [] : [set],
    elementsOf: () => decodeElementAttributes(body),
  });
}

/** A message behind a header, as a socket receives it: as a message, as an error with the request, and as an end. */
function framed(): Uint8Array<ArrayBuffer>[] {
  const { bytes } = ROUTES.byRouter;
  return [[24, 2], [2, 0], [2, 0x300], [3, 0x202]].map(([type = 0, flags = 0]) => {
    const whole = new Uint8Array(16 + bytes.length);
    const view = new DataView(whole.buffer);
    view.setUint32(0, whole.length, true);
    view.setUint16(4, type, true);
    view.setUint16(6, flags, true);
    whole.set(bytes, 16);
    return whole;
  });
}

/** How a message is changed: a byte set, a length set, a piece removed, doubled or inserted, the end cut off. */
export const MUTATIONS = ["set", "length", "cut", "double", "insert", "truncate"] as const;
/** Bytes at which something ends. */
export const EDGES: readonly number[] = [0, 1, 2, 3, 4, 5, 0x7f, 0x80, 0xff];

/** A change of a message: how, where, with which byte, and how many bytes long. */
export type Mutation = readonly [kind: typeof MUTATIONS[number], position: number, value: number, size: number];

const mutation: fc.Arbitrary<Mutation> = fc.tuple(
  fc.constantFrom(...MUTATIONS),
  fc.nat(),
  fc.oneof(fc.constantFrom(...EDGES), fc.integer({ min: 0, max: 255 })),
  fc.integer({ min: 1, max: 12 }),
);

/** Changes a copy of a message. */
export function mutate(
  bytes: Uint8Array<ArrayBuffer>,
  [kind, position, value, size]: Mutation,
): Uint8Array<ArrayBuffer> {
  if (bytes.length === 0) return Uint8Array.of(value);
  const at = position % bytes.length;
  switch (kind) {
    case "set": {
      const changed = bytes.slice();
      changed[at] = value;
      return changed;
    }
    case "length": {
      // Lengths are the first two bytes of four.
      const changed = bytes.slice();
      changed[at & ~3] = value;
      changed[(at & ~3) + 1] = size === 12 ? value : 0;
      return changed;
    }
    case "cut":
      return Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + size));
    case "double":
      return Uint8Array.of(...bytes.subarray(0, at + size), ...bytes.subarray(at));
    case "insert":
      return Uint8Array.of(...bytes.subarray(0, at), ...new Uint8Array(size).fill(value), ...bytes.subarray(at));
    default:
      return bytes.slice(0, at);
  }
}

/** A message of a decoder with a few mutations, or random bytes. */
const hostile = fc.constantFrom(...SUBJECTS).chain(({ decode, seeds }) =>
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc.tuple(fc.constantFrom(...seeds), fc.array(mutation, { minLength: 1, maxLength: 4 })).map((
        [seed, mutations],
      ) => mutations.reduce(mutate, seed)),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 256 }).map((bytes) => Uint8Array.from(bytes)) },
  ).map((bytes) => ({ decode, bytes }))
);

/** How long one message may take at most: a slow machine needs some hundred milliseconds, a hang takes for ever. */
const LIMIT_MS = 2000;

/** Checks `count` hostile messages: each gives a value or a MalformedMessageError, at once. */
export function fuzz(count: number): void {
  fc.assert(
    fc.property(hostile, ({ decode, bytes }) => checkHostile(decode, bytes)),
    { numRuns: count },
  );
}

/** Checks that a message gives a value or a MalformedMessageError, at once. */
export function checkHostile(decode: Decode, bytes: Uint8Array<ArrayBuffer>): void {
  const start = performance.now();
  valueOrTypedError(() => decode(bytes));
  assert(performance.now() - start < LIMIT_MS, "it took too long");
}
