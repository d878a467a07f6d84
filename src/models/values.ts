/** The values of the models that the kernel has rules for: names and addresses of links, IP addresses. */
import { IFNAMSIZ, utf8Length } from "../../ffi/mod.ts";
import { type Field, integer, text } from "./fields.ts";
import { definition } from "./json_schema.ts";
import { parseIp } from "../ip/address.ts";
import { isMulticast, isUnspecified, networkOf } from "../ip/arithmetic.ts";
import { HOST_IP_PATTERN, IP_OR_PREFIX_PATTERN, IP_PREFIX_PATTERN, LINK_IP_PATTERN } from "../ip/pattern.ts";
import { parseIpOrPrefix, parseIpPrefix } from "../ip/prefix.ts";

/** The largest number of 32 bits without a sign. */
export const UINT32_MAX = 4_294_967_295;

/** What the kernel takes as the name of a link, in words. */
export const HOST_NAME_RULE =
  'a name of 1 to 15 bytes for a host interface, without "/", ":", "%" and space, not ".", "..", "all" or "default"';

/**
 * True if a link may have this name. The kernel refuses `/`, `:` and white space; `%d` it replaces by a number, so
 * that the link gets another name; `all` and `default` are taken by the directories of sysctl.
 */
export function isHostIfName(name: string): boolean {
  return name !== "" && name.length < IFNAMSIZ && utf8Length(name) < IFNAMSIZ && !/[/:%\s\p{Cc}]/u.test(name) &&
    name.isWellFormed() &&
    ![".", "..", "all", "default"].includes(name);
}

/** A name for which {@linkcode isHostIfName} is true, but for its length in bytes. */
export const HOST_NAME_PATTERN = "(?!(?:\\.\\.?|all|default)(?:\\s|$))[^/:%\\s\\u0000-\\u001F\\u007F-\\u009F]{1,15}";

/** The name of a link. */
export const hostIfName: Field<string> = definition(
  "hostIfName",
  text(HOST_NAME_RULE, (name) => isHostIfName(name) ? name : undefined, `^${HOST_NAME_PATTERN}$`),
);

/** The smallest packet that each host of IPv4 takes whole, in bytes: RFC 791. A link with less has no IPv4. */
export const MTU_MIN = 68;
/** The largest MTU of any link, in bytes: the kernel reads it as a signed number. Most kinds have a smaller one. */
const MTU_MAX = 2_147_483_647;

/** The largest packet of a link, in bytes. What a kind does not take, the kernel refuses. */
export const linkMtu: Field<number> = integer(MTU_MIN, MTU_MAX, "a number of bytes");

/** The six bytes of an Ethernet address, in lower case, or undefined. */
function macText(given: string): string | undefined {
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(given) ? given.toLowerCase() : undefined;
}

/** True of the hardware address of one link. */
export function isUnicastMac(given: string): boolean {
  const mac = macText(given);
  return mac !== undefined && parseInt(mac.slice(0, 2), 16) % 2 === 0 && mac !== "00:00:00:00:00:00";
}

/** The hardware address of one link: not a group's (lowest bit of the first byte), not all zero. */
export const unicastMac: Field<string> = text(
  'a unicast MAC address such as "02:00:00:00:00:01" (the first byte even, not all zero)',
  (given) => isUnicastMac(given) ? macText(given) : undefined,
  "^(?!00:00:00:00:00:00$)[0-9a-fA-F][02468aceACE](?::[0-9a-fA-F]{2}){5}$",
);

/** Any hardware address. */
export const mac: Field<string> = text(
  'a MAC address such as "02:00:00:00:00:01"',
  macText,
  "^[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}$",
);

/** The address of a host, without a prefix. */
export const hostIp: Field<string> = definition(
  "hostIp",
  text(
    "the IP address of a host, without a prefix, such as 10.0.0.1 or fd00::1",
    (given) => {
      const address = parseIp(given);
      return address === undefined || isMulticast(address) || isUnspecified(address) ? undefined : address.text;
    },
    `^${HOST_IP_PATTERN}$`,
  ),
);

/** The address of a link, with the prefix of its network. */
export const linkIp: Field<string> = definition(
  "linkIp",
  text(
    "the IP address of a host with the prefix of its network, such as 10.0.0.1/24 or fd00::1/64",
    (given) => {
      const prefix = parseIpPrefix(given);
      return prefix === undefined || isMulticast(prefix.address) || isUnspecified(prefix.address)
        ? undefined
        : prefix.text;
    },
    `^${LINK_IP_PATTERN}$`,
  ),
);

/** The destination of a route. Bits beyond the prefix are allowed here: who checks them names the network. */
export const destination: Field<string> = definition(
  "destination",
  text(
    "a network with its prefix, such as 10.2.0.0/16 or fd00:2::/32 (one host: 10.2.0.1/32, fd00::1/128)",
    (given) => parseIpPrefix(given)?.text,
    `^${IP_PREFIX_PATTERN}$`,
  ),
);

/** A network, or one host: an address without a prefix. */
export const network: Field<string> = definition(
  "network",
  text(
    "a network with its prefix and without bits beyond it, or a host, such as 10.2.0.0/16, fd00:2::/32 or 10.2.0.1",
    (given) => {
      const prefix = parseIpOrPrefix(given);
      return prefix === undefined || networkOf(prefix).text !== prefix.text ? undefined : prefix.text;
    },
    `^${IP_OR_PREFIX_PATTERN}$`,
  ),
);

/** The network of a destination that has bits beyond its prefix; undefined if it has none. */
export function meantNetwork(destination: string): string | undefined {
  const prefix = parseIpPrefix(destination);
  const network = prefix === undefined ? undefined : networkOf(prefix).text;
  return network === destination ? undefined : network;
}
