/** Ethernet over UDP with options (Generic Network Virtualization Encapsulation): IFLA_GENEVE_…. See ip-link(8). */
import type { LinkBase } from "../base.ts";
import { ip } from "../../wire/ip.ts";
import { flag } from "../../wire/flags.ts";
import { named } from "../../wire/named_numbers.ts";
import { be16, be32, u32, u8 } from "../../wire/numbers.ts";
import { endAddresses } from "./end_addresses.ts";
import type { Kind } from "./link_kind.ts";
import { optionsOf, present, translated } from "./kind_options.ts";
import { portRange } from "./port_range.ts";
import { DONT_FRAGMENT, type UdpTunnelOptions } from "./udp_tunnel.ts";

/** What is particular to a GENEVE link. */
export interface GeneveOptions extends UdpTunnelOptions {
  /** The UDP port to which packets go. @default {6081} */
  readonly port?: number | undefined;
  /** The time to live of packets that go out; 0 for that of the system. @default {0} */
  readonly ttl?: number | undefined;
  /** Sends checksums over IPv4. */
  readonly udpCsum?: boolean | undefined;
  /** Holds other packets than Ethernet frames too. */
  readonly innerProtoInherit?: boolean | undefined;
  /** Tells the receiver how packets may be joined. */
  readonly groHint?: boolean | undefined;
}

/** Ethernet over UDP, with options in its header. */
export interface GeneveSpec extends LinkBase, GeneveOptions {
  /** The tag of the union. */
  readonly kind: "geneve";
}

const options = translated<GeneveOptions, GeneveOptions>(
  optionsOf<GeneveOptions>({
    id: [1, u32], // IFLA_GENEVE_ID
    remote: [2, ip], // IFLA_GENEVE_REMOTE
    ttl: [3, u8], // IFLA_GENEVE_TTL
    tos: [4, u8], // IFLA_GENEVE_TOS
    port: [5, be16], // IFLA_GENEVE_PORT
    external: [6, present], // IFLA_GENEVE_COLLECT_METADATA
    remote6: [7, ip], // IFLA_GENEVE_REMOTE6
    udpCsum: [8, flag], // IFLA_GENEVE_UDP_CSUM
    udpZeroCsum6Tx: [9, flag], // IFLA_GENEVE_UDP_ZERO_CSUM6_TX
    udpZeroCsum6Rx: [10, flag], // IFLA_GENEVE_UDP_ZERO_CSUM6_RX
    label: [11, be32], // IFLA_GENEVE_LABEL
    ttlInherit: [12, flag], // IFLA_GENEVE_TTL_INHERIT
    df: [13, named(u8, DONT_FRAGMENT)], // IFLA_GENEVE_DF
    innerProtoInherit: [14, present], // IFLA_GENEVE_INNER_PROTO_INHERIT
    portRange: [15, portRange], // IFLA_GENEVE_PORT_RANGE
    groHint: [16, present], // IFLA_GENEVE_GRO_HINT
    local: [17, ip], // IFLA_GENEVE_LOCAL
    local6: [18, ip], // IFLA_GENEVE_LOCAL6
  }),
  {},
  // Kernels before 6.2 ignore `ttl` beside `ttlInherit`, even if that is false.
  (given) => ({ ...given, ...endAddresses(given), ttlInherit: given.ttlInherit || undefined }),
  (listed) => listed,
);

/** {@linkcode GeneveSpec} */
export const geneve: Kind<"geneve", GeneveSpec, GeneveOptions> = {
  kind: "geneve",
  about: "Ethernet over UDP, with options in its header",
  kernel: { option: "CONFIG_GENEVE", module: "geneve" },
  fields: () => ({ ...options.fields }),
  probe: { spec: (name) => ({ kind: "geneve", name, id: 7, remote: "192.0.2.1" }) },
  options,
};
