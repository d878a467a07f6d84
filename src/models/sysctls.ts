/** The model of a namespace with its sysctls: an entry of `namespaces`. */
import * as v from "npm:valibot@1.5.0";
import { InvalidNamespaceError } from "../errors.ts";
import { type Namespace, namespaceToString, parseNamespace } from "../namespace.ts";
import { type Field, isMapping, LONGEST_TEXT, message, optional, text } from "./fields.ts";
import { described, fieldFits, ifThen, isGiven, jsonSchema } from "./json_schema.ts";
import { NAMED_PATTERN, NAMESPACE_PATTERN } from "./namespace_pattern.ts";
import { listedValue } from "./sysctl_values.ts";

/** A namespace with what is set in it. */
export interface NamespaceWithSysctls {
  /** Its name; or another namespace as text, such as `"PID:0"`, which is never made. */
  readonly name: string;
  /** What sysctl(8) would set in it, by key: `{ "net.ipv4.ip_forward": "1" }`. */
  readonly sysctls: Readonly<Record<string, string>>;
}

/** A namespace as it may be written: its name, or a mapping with its name and its sysctls. */
export type DescribedNamespaceInput = string | {
  /** Its name; or, beside sysctls, another namespace as text, such as `"PID:0"`. */
  readonly name: string;
  /** What sysctl(8) would set in it, by key; a link's name with a dot is written with a slash. */
  readonly sysctls?: Readonly<Record<string, string | number>> | undefined;
};

/** One sysctl of a namespace. */
export interface Sysctl {
  /** As the file has it: `"net.ipv4.ip_forward"`. */
  readonly key: string;
  /** What it is set to, with one blank between parts. */
  readonly value: string;
}

/** Keys of `net` that the whole machine has; those of `net.core` are listed the other way round. */
const GLOBAL: ReadonlySet<string> = new Set([
  "net.nf_conntrack_max",
  "net.netfilter.nf_log_all_netns",
  ...["tcp_mem", "udp_mem", "tcp_max_orphans", "tcp_low_latency", "tcp_available_ulp", "fib_sync_mem"]
    .map((key) => `net.ipv4.${key}`),
  ...["inet_peer_maxttl", "inet_peer_minttl", "inet_peer_threshold", "ipfrag_secret_interval"]
    .map((key) => `net.ipv4.${key}`),
  ...["ip6frag_secret_interval", "mld_max_msf", "mld_qrv"].map((key) => `net.ipv6.${key}`),
]);
const GLOBAL_FOLDERS = /^net\.(ipv4\.(route|cipso_)|ipv6\.calipso_)/;
/** `net.ipv4.route` has this key of a namespace, and one of {@linkcode COMMANDS}. */
const EXCEPTIONS: ReadonlySet<string> = new Set(["net.ipv4.route.min_adv_mss"]);
/** Keys without a value: to write them does something, each time. */
const COMMANDS: ReadonlySet<string> = new Set(["net.ipv4.route.flush", "net.ipv6.route.flush"]);
const OF_CORE: ReadonlySet<string> = new Set(
  [
    "somaxconn",
    "optmem_max",
    "rmem_default",
    "rmem_max",
    "wmem_default",
    "wmem_max",
    "rps_default_mask",
    "tstamp_allow_data",
    "txrehash",
    "xfrm_acq_expires",
    "xfrm_aevent_etime",
    "xfrm_aevent_rseqth",
    "xfrm_larval_drop",
  ].map((key) => `net.core.${key}`),
);

/** The longest value: what one page of the kernel holds. */
const VALUE_MAX = 4095;

const KEY = "a key of sysctl(8) such as net.ipv4.ip_forward, with / in place of a dot in a link's name";

/** The folders with one for each link, which has no further ones. */
const OF_LINKS: ReadonlySet<string> = new Set(["conf", "neigh"]);

/** Why a key cannot be set in a namespace; undefined if it can. */
function faultOfKey(key: string): string | undefined {
  if (key.length > LONGEST_TEXT) return KEY;
  const parts = key.split(".");
  if (parts.length < 2 || parts.some((part) => !/^[^\s\p{Cc}]+$/u.test(part) || part === "." || part === "..")) {
    return KEY;
  }
  if (key.startsWith("net/") || parts.some((part) => part.split("/").some((one) => one === ""))) return KEY;
  const [, family, folder, ...link] = parts;
  if (OF_LINKS.has(folder ?? "") && link.length > 2) {
    const name = link.slice(0, -1).join("/");
    return `${KEY}: net.${family}.${folder}.${name}.${link.at(-1)}`;
  }
  if (COMMANDS.has(key)) return "a key that has a value; to write this one flushes routes, each time";
  const isGlobal = parts[0] !== "net" || GLOBAL.has(key) ||
    (GLOBAL_FOLDERS.test(key) && !EXCEPTIONS.has(key)) || (parts[1] === "core" && !OF_CORE.has(key));
  return isGlobal ? "a key that each namespace has of its own; this one is the whole machine's" : undefined;
}

/** True of a key that can be set in a namespace, as a file has it. */
export function isSysctlKey(key: string): boolean {
  return faultOfKey(key) === undefined;
}

const KEYS = "a mapping of keys such as net.ipv4.ip_forward to values";

/** A mapping of keys to values. */
const sysctls: Field<Readonly<Record<string, string>>> = v.pipe(
  v.unknown(),
  v.rawTransform(({ dataset: { value: input }, addIssue, NEVER }) => {
    if (!isMapping(input)) {
      addIssue({ message: KEYS });
      return NEVER;
    }
    const result: Record<string, string> = {};
    let isSound = true;
    for (const [key, given] of Object.entries(input)) {
      const value = valueOf(given);
      const expected = faultOfKey(key) ??
        (value === undefined ? "a number, or text without line breaks; 1 or 0 for on or off" : undefined);
      if (expected === undefined && value !== undefined) {
        result[key] = listedValue(key, value);
        continue;
      }
      isSound = false;
      const message = expected ?? KEY;
      addIssue({ message, input: given, path: [{ type: "object", origin: "value", input, key, value: given }] });
    }
    return isSound ? result : NEVER;
  }),
  jsonSchema(() => ({
    type: "object",
    description: KEYS,
    propertyNames: {
      pattern: "^(?!net\\.[^.]+\\.(?:conf|neigh)(?:\\.[^.]+){3})net(?:\\.[^\\s.\\u0000-\\u001F\\u007F-\\u009F]+)+$",
      patternErrorMessage: "Expected a key of sysctl(8) below net, such as net.ipv4.ip_forward",
    },
    additionalProperties: {
      type: ["number", "string"],
      maxLength: VALUE_MAX,
      pattern: "^[^\\u0000-\\u0008\\u000A-\\u001F\\u007F-\\u009F]*$",
      patternErrorMessage: "Expected a value in one line, without control characters",
    },
  })),
);

function valueOf(given: unknown): string | undefined {
  if (typeof given === "number" && Number.isFinite(given)) return String(given);
  if (typeof given !== "string" || given.length > VALUE_MAX || /[\p{Cc}]/u.test(given.replaceAll("\t", " "))) {
    return undefined;
  }
  return given.trim().replace(/\s+/g, " ");
}

const NAME = 'the name of a namespace: 1 to 255 bytes, no "/", not "." or ".."; others than named ones cannot be made';

function namespaceOf(given: string): Namespace | undefined {
  try {
    return parseNamespace(given);
  } catch (error) {
    if (error instanceof InvalidNamespaceError) return undefined;
    throw error;
  }
}

const madeName: Field<string> = text(NAME, (given) => {
  const ns = namespaceOf(given);
  return ns?.type === "named" ? ns.name : undefined;
}, NAMED_PATTERN);

const anyName: Field<string> = text('a namespace: its name, "PID:1", "CONTAINER:web-1"', (given) => {
  const ns = namespaceOf(given);
  return ns === undefined ? undefined : namespaceToString(ns);
}, NAMESPACE_PATTERN);

const mapping: Field<string | NamespaceWithSysctls> = v.pipe(
  message(
    "a mapping with name and sysctls",
    { name: anyName, sysctls: optional(sysctls) },
    (values, _given, report) => {
      const isMade = values.name === undefined || namespaceOf(values.name)?.type === "named";
      const hasSysctls = Object.keys(values.sysctls ?? {}).length > 0;
      if (!isMade && !hasSysctls) report("name", NAME);
    },
    () => [ifThen({ not: isGiven("sysctls") }, fieldFits("name", { description: NAME, pattern: NAMED_PATTERN }))],
  ),
  v.transform(({ name, sysctls = {} }) => Object.keys(sysctls).length === 0 ? name : { name, sysctls }),
);

/** Reads an entry of `namespaces`: a name, or a mapping with sysctls. One without sysctls is its name. */
export const describedNamespaceSchema: Field<string | NamespaceWithSysctls> = described(
  v.lazy((input): Field<string | NamespaceWithSysctls> => isMapping(input) ? mapping : madeName),
  (of) => ({ anyOf: [of(madeName), of(mapping)] }),
);

/** The namespace of an entry as `namespaceToString` writes it: a name that looks like a process is distinct from that. */
export function nameOfEntry(entry: string | NamespaceWithSysctls): string {
  return typeof entry === "string" ? namespaceToString(namespaceOfEntry(entry)) : entry.name;
}

/** The namespace of an entry. */
export function namespaceOfEntry(entry: string | NamespaceWithSysctls): Namespace {
  return typeof entry === "string" ? { type: "named", name: entry } : parseNamespace(entry.name);
}

/** The sysctls of an entry, in their order in the file. */
export function sysctlsOfEntry(entry: string | NamespaceWithSysctls): readonly Sysctl[] {
  return typeof entry === "string" ? [] : Object.entries(entry.sysctls).map(([key, value]) => ({ key, value }));
}
