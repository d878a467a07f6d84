/** Options of links in the words of `ip -j -d`, put into ours, and ours as far as `ip` says them. */

type Options = Readonly<Record<string, unknown>>;
type IndexOf = (name: string) => number | undefined;

/** What runs by itself, and what is said twice. */
const LEFT = /_timer$|^group_fwd_mask_str$|^ad_.*_port_state_str$|^bridge$|^mcast_querier_(ipv|ip|port|other)/;
/** Names that `ip` has for something else. */
const NAMES: Readonly<Record<string, string>> = {
  "tun type": "mode",
  "tun persist": "persistent",
  "tun user": "owner",
};
/** Numbers for which `ip` has words, and this library has none. */
const WORDS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "port state": { disabled: 0, listening: 1, learning: 2, forwarding: 3, blocking: 4 },
  "vlan protocol": { "802.1q": 0x8100, "802.1ad": 0x88a8 },
  "bridge vlan_protocol": { "802.1q": 0x8100, "802.1ad": 0x88a8 },
  "bridge priority": {},
};
/** Options that are links. */
const LINKS = /^(link|slave1|slave2|interlink|primary|active_slave|backup_port)$/;
const VLAN_FLAGS = ["REORDER_HDR", "GVRP", "MVRP", "LOOSE_BINDING", "BRIDGE_BINDING"];

/** What `ip` says of the options of a kind, under our names and as {@linkcode comparable} has it. */
export function optionsOf(
  kind: string | undefined,
  options: Options | undefined,
  indexOf: IndexOf,
): Options | undefined {
  if (options === undefined || kind === undefined) return undefined;
  const ours: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options)) {
    if (LEFT.test(key)) continue;
    if (kind === "vlan" && key === "flags" && Array.isArray(value)) {
      for (const flag of VLAN_FLAGS) ours[camelCase(flag.toLowerCase())] = comparable(value.includes(flag));
      continue;
    }
    if (value === "any" && (key === "remote" || key === "local")) continue;
    const word = WORDS[`${kind} ${key}`]?.[String(value).toLowerCase()];
    const index = LINKS.test(key) && typeof value === "string" ? indexOf(value) : undefined;
    ours[NAMES[`${kind} ${key}`] ?? camelCase(key)] = comparable(word ?? index ?? meaning(key, value));
  }
  return ours;
}

/** Our options, as far as `theirs` has them. */
export function asFarAs(ours: object | undefined, theirs: Options | undefined): Options | undefined {
  if (ours === undefined || theirs === undefined) return undefined;
  const given: Options = { ...ours };
  return Object.fromEntries(Object.keys(theirs).map((key) => [key, comparable(given[key])]));
}

/** What a value means that says it otherwise: null for an option that is there, or for none; a key as an address. */
function meaning(key: string, value: unknown): unknown {
  if (value === null) return key === "arp_validate" ? "none" : true;
  if (key === "ikey" || key === "okey") {
    return String(value).split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  }
  if (/^(bridge|root)_id$/.test(key)) {
    return String(value).split(/[.:]/).map((part) => part.padStart(2, "0")).join(":");
  }
  return value;
}

/** A value in one form: text, in which on is 1, and numbers are decimal. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [camelCase(key), comparable(one)]));
  }
  if (typeof value === "boolean") return String(Number(value));
  if (value === "on" || value === "off") return String(Number(value === "on"));
  if (typeof value === "string" && /^0x[0-9a-f]+$/i.test(value)) return BigInt(value).toString();
  // An identifier of a bridge: `ip` leaves zeros out, which fills up `meaning`.
  if (typeof value === "string" && /^[0-9a-f]{4}\.([0-9a-f]{2}:)+/.test(value)) return value.replace(".", ":");
  return String(value).toLowerCase();
}

function camelCase(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
