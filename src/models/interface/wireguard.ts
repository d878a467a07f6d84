/** The model of a WireGuard link: its keys, its port and its peers. See wg(8). */
import * as v from "npm:valibot@1.5.0";
import { defined } from "../../collections.ts";
import { parseIp } from "../../ip/address.ts";
import { networkOf } from "../../ip/arithmetic.ts";
import { IP_OR_PREFIX_PATTERN, IPV4_PATTERN, IPV6_PATTERN } from "../../ip/pattern.ts";
import { parseIpOrPrefix } from "../../ip/prefix.ts";
import { type Field, integer, label, list, message, optional, type OptionalFields, text } from "../fields.ts";
import { type InterfaceNamespace, interfaceNamespaceSchema, type NamespaceInput } from "../namespace.ts";
import { isGiven } from "../json_schema.ts";
import { isWireguardKey } from "../secrets.ts";

/** A peer of a WireGuard link. What is absent is left as it is. */
export interface WireguardPeerFields {
  /** Its public key in base64, by which it is known. */
  readonly publicKey: string;
  /** The file with the secret that both ends have, in base64. */
  readonly presharedKeyFile?: string;
  /** Where it is: `"192.0.2.1:51820"`, `"[2001:db8::1]:51820"`. One that roams stays where it was seen last. */
  readonly endpoint?: string;
  /** The networks from which it may send, and that are sent to it. */
  readonly allowedIps?: readonly string[];
  /** How often a packet is sent to it, whether or not there is something to say, in seconds; 0 is never. */
  readonly persistentKeepalive?: number;
}

/** What is particular to a WIREGUARD. What is absent is left as it is. */
export interface WireguardFields {
  /** The file with its private key in base64, as `wg genkey` prints it; read at each apply. */
  readonly privateKeyFile?: string;
  /** The private key itself. A file of its own is safer: `privateKeyFile`. */
  readonly privateKey?: string;
  /** The UDP port on which it listens. */
  readonly listenPort?: number;
  /** The mark of the packets that it sends; 0 is none. */
  readonly fwMark?: number;
  /** The namespace in which it is made, and in which its UDP packets stay. Absent: its own. */
  readonly birthNamespace?: InterfaceNamespace;
  /** Its peers, and no others. */
  readonly peers?: readonly WireguardPeerFields[];
}

/** {@linkcode WireguardFields} as they may be written. */
export interface WireguardInput extends OptionalFields<Omit<WireguardFields, "birthNamespace" | "peers">> {
  /** The namespace in which it is made, and in which its UDP packets stay. */
  readonly birthNamespace?: NamespaceInput | undefined;
  /** Its peers, and no others. */
  readonly peers?: readonly WireguardPeerInput[] | undefined;
}

/** {@linkcode WireguardPeerFields} as they may be written. */
export interface WireguardPeerInput extends OptionalFields<Omit<WireguardPeerFields, "publicKey">> {
  /** Its public key in base64, by which it is known. */
  readonly publicKey: string;
}

const wireguardKey: Field<string> = text(
  "44 digits of base64, as wg genkey and wg pubkey print them",
  (given) => isWireguardKey(given) ? given : undefined,
  "^(?!A{43}=$)[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$",
);

const PORT = "(?:6553[0-5]|655[0-2]\\d|65[0-4]\\d\\d|6[0-4]\\d{3}|[1-5]\\d{4}|[1-9]\\d{0,3})";
const ENDPOINT = `^(?:${IPV4_PATTERN}|\\[${IPV6_PATTERN}(?:%\\d{1,10})?\\]):${PORT}$`;

/** An address with a port, in canonical text. */
const endpoint: Field<string> = text("an address and a port, as 192.0.2.1:51820 or [2001:db8::1]:51820", (given) => {
  const [, six, scope = "", four, port] = /^(?:\[([^\]%]+)(%\d{1,10})?\]|([^:[\]]+)):([1-9]\d{0,4})$/.exec(given) ?? [];
  const address = parseIp(six ?? four ?? "");
  if (address === undefined || Number(port) > 65_535 || address.family !== (six === undefined ? 4 : 6)) {
    return undefined;
  }
  return six === undefined ? `${address.text}:${port}` : `[${address.text}${scope}]:${port}`;
}, ENDPOINT);

/** A network or a host, in canonical text. Bits beyond the prefix go, as `wg` has it. */
const allowedIp: Field<string> = text("a network or a host, such as 10.0.0.2/32, 10.1.0.0/16 or ::/0", (given) => {
  const prefix = parseIpOrPrefix(given);
  return prefix && networkOf(prefix).text;
}, `^${IP_OR_PREFIX_PATTERN}$`);

const peerSchema: Field<WireguardPeerFields> = v.pipe(
  message("a mapping with publicKey and allowedIps", {
    publicKey: wireguardKey,
    presharedKeyFile: optional(label("the path of a file")),
    endpoint: optional(endpoint),
    allowedIps: optional(list("a list of networks", allowedIp)),
    persistentKeepalive: optional(integer(0, 65_535, "a number of seconds")),
  }),
  v.transform((peer): WireguardPeerFields => defined(peer)),
);

/** Reads the object of a WIREGUARD. */
export const wireguardSchema: Field<WireguardFields> = v.pipe(
  message("a mapping with privateKeyFile and peers", {
    privateKeyFile: optional(label("the path of a file")),
    privateKey: optional(wireguardKey),
    listenPort: optional(integer(1, 65_535, "a UDP port")),
    fwMark: optional(integer(0, 2 ** 32 - 1)),
    birthNamespace: optional(interfaceNamespaceSchema),
    peers: optional(list("a list of peers", peerSchema)),
  }, ({ peers = [] }, given, report): void => {
    if (given("privateKey") && given("privateKeyFile")) {
      report("privateKey", "only one of privateKeyFile and privateKey");
    }
    const keys = peers.map(({ publicKey }) => publicKey);
    if (new Set(keys).size < keys.length) report("peers", "each publicKey once");
    const networks = peers.flatMap(({ allowedIps = [] }) => allowedIps);
    const twice = networks.find((one, position) => networks.indexOf(one) < position);
    if (twice !== undefined) report("peers", `each network in allowedIps once; ${twice} is there twice`);
  }, () => [{ not: { allOf: [isGiven("privateKey"), isGiven("privateKeyFile")] } }]),
  v.transform((fields): WireguardFields => defined(fields)),
);
