/** Pairs of links that BPF programs connect: IFLA_NETKIT_…. See ip-link(8), linux/if_link.h. */
import { encodeEnd, type LinkBase } from "../base.ts";
import { attributes } from "../../wire/attributes.ts";
import { messageCodec } from "../../wire/codec.ts";
import { bytes } from "../../wire/bytes.ts";
import { flag } from "../../wire/flags.ts";
import { named } from "../../wire/named_numbers.ts";
import { u16, u32 } from "../../wire/numbers.ts";
import type { Kind } from "./link_kind.ts";
import { type KeptOptions, optionsOf } from "./kind_options.ts";
import { checkPeer, type LinkPeer } from "./veth.ts";

/** What packets have: Ethernet headers (l2), or none (l3). */
export type NetkitMode = "l2" | "l3";

/** NETKIT_L2, NETKIT_L3 */
const MODES: Readonly<Record<NetkitMode, number>> = { l2: 0, l3: 1 };

/** What happens to packets that no program handles: they pass, or are dropped. */
export type NetkitPolicy = "forward" | "blackhole";

/** NETKIT_PASS, NETKIT_DROP */
const POLICIES: Readonly<Record<NetkitPolicy, number>> = { forward: 0, blackhole: 2 };

/** Whether the mark and the priority of packets are cleared. */
export type NetkitScrub = "none" | "default";

/** NETKIT_SCRUB_… */
const SCRUBS: Readonly<Record<NetkitScrub, number>> = { none: 0, default: 1 };

/** What is particular to a netkit pair. Numbers are values that this library has no name for. */
export interface NetkitOptions extends KeptOptions {
  /** What packets have. @default {"l3"} */
  readonly mode?: NetkitMode | number | undefined;
  /** What happens to packets of this end that no program handles. @default {"forward"} */
  readonly policy?: NetkitPolicy | number | undefined;
  /** The same for the other end. @default {"forward"} */
  readonly peerPolicy?: NetkitPolicy | number | undefined;
  /** Whether marks of packets of this end are cleared. @default {"default"} */
  readonly scrub?: NetkitScrub | number | undefined;
  /** The same for the other end. @default {"default"} */
  readonly peerScrub?: NetkitScrub | number | undefined;
  /** Bytes kept free before each packet. */
  readonly headroom?: number | undefined;
  /** Bytes kept free behind each packet. */
  readonly tailroom?: number | undefined;
  /** True of the end that was made first, which can be changed. Listed only. */
  readonly primary?: boolean | undefined;
}

/** Two links, whose packets BPF programs handle. Both are made in one request. */
export interface NetkitSpec extends LinkBase, NetkitOptions {
  /** The tag of the union. */
  readonly kind: "netkit";
  /** The other end. Its index can be chosen only together with that of the first. */
  readonly peer: LinkPeer;
}

const options = optionsOf<NetkitOptions>({
  primary: [2, flag, "listed"], // IFLA_NETKIT_PRIMARY
  policy: [3, named(u32, POLICIES)], // IFLA_NETKIT_POLICY
  peerPolicy: [4, named(u32, POLICIES)], // IFLA_NETKIT_PEER_POLICY
  mode: [5, named(u32, MODES)], // IFLA_NETKIT_MODE
  scrub: [6, named(u32, SCRUBS)], // IFLA_NETKIT_SCRUB
  peerScrub: [7, named(u32, SCRUBS)], // IFLA_NETKIT_PEER_SCRUB
  headroom: [8, u16], // IFLA_NETKIT_HEADROOM
  tailroom: [9, u16], // IFLA_NETKIT_TAILROOM
});

const peerInfo = messageCodec(attributes({ peer: [1, bytes] })); // IFLA_NETKIT_PEER_INFO

/** {@linkcode NetkitSpec} */
export const netkit: Kind<"netkit", NetkitSpec, NetkitOptions> = {
  kind: "netkit",
  about: "a pair of links, whose packets BPF programs handle",
  kernel: { option: "CONFIG_NETKIT", module: "netkit" },
  fields: () => ({ peer: true, ...options.fields }),
  probe: { spec: (name) => ({ kind: "netkit", name, peer: { name: "peer" } }) },
  options,
  encode(spec) {
    checkPeer(spec);
    return Uint8Array.of(...options.encode(spec), ...peerInfo.encode({ peer: encodeEnd(spec.peer) }));
  },
};
