/** etcd.conf, as Ligato's agents read it, and the environment that stands in for it. */
import { ConfigError, type ConfigIssue } from "../errors.ts";
import { readDocument } from "../models/document.ts";
import { isMapping } from "../models/fields.ts";
import { nearest } from "../suggest.ts";

/** How a cluster is reached. */
export interface EtcdConf {
  /** The members, as `HOST:PORT`. @default {["127.0.0.1:2379"]} */
  readonly endpoints?: readonly string[] | undefined;
  /** How long a connection may take, in milliseconds. @default {2000} */
  readonly dialTimeout?: number | undefined;
  /** How long a call may take, in milliseconds. @default {3000} */
  readonly operationTimeout?: number | undefined;
  /** The first wait after every member has failed, in milliseconds. @default {500} */
  readonly reconnectInterval?: number | undefined;
  /** The files of TLS; undefined: plain text. */
  readonly tls?: EtcdTls | undefined;
  /** The name of the user. Absent: none, or the common name of the certificate. */
  readonly username?: string | undefined;
  /** The file with the password of the user; a newline at its end is cut off. */
  readonly passwordFile?: string | undefined;
  /** What of the file counts for nothing, for people: names that there are not. Absent: nothing. */
  readonly ignored?: readonly string[] | undefined;
}

/** How a member proves who it is, and this client. */
export interface EtcdTls {
  /** The certificates of the authorities that are trusted. Absent: those of the system. */
  readonly caFile?: string | undefined;
  /** The certificate of this client. */
  readonly certFile?: string | undefined;
  /** Its key. */
  readonly keyFile?: string | undefined;
  /** Whether any certificate of a member is accepted. @default {false} */
  readonly skipVerify?: boolean | undefined;
}

/** The names that count. */
const NAMES = [
  "endpoints",
  "dial-timeout",
  "operation-timeout",
  "reconnect-interval",
  "insecure-transport",
  "insecure-skip-tls-verify",
  "ca-file",
  "cert-file",
  "key-file",
  "username",
  "password-file",
] as const;
type Name = (typeof NAMES)[number];

/**
 * The names of what this agent never needs: it starts without a cluster, reads all keys again where that is needed, elects
 * nobody, and compacts nothing.
 */
const NEEDLESS: readonly string[] = [
  "allow-delayed-start",
  "delayed-start",
  "resync-after-reconnect",
  "session-ttl",
  "auto-compact",
];

/** Where a cluster is if nothing says where. */
export const USUAL_ENDPOINT = "127.0.0.1:2379";
/** The most members that are tried. */
const ENDPOINTS_MAX = 64;
/** The longest time that can be given, in milliseconds. */
const HOUR = 3_600_000;

/** The environment variables that name members, the first that is set counts. */
const ENDPOINT_VARIABLES = ["ETCD_ENDPOINTS", "ETCDV3_ENDPOINTS"] as const;

/** The environment that is looked at. */
export type EtcdEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Reads etcd.conf: YAML with the names that Ligato's agents know, and `username` and `password-file`. Other names are
 * ignored, as they do, and named in `ignored`.
 *
 * @param source What the text is called in errors.
 * @throws {ConfigError} With every fault; also if it would send in plain text without saying so.
 */
export function parseEtcdConf(text: string, source?: string, environment: EtcdEnvironment = {}): EtcdConf {
  const document = readDocument(text, source);
  if (!isMapping(document)) throw new ConfigError([{ path: "", value: document, expected: "a mapping" }], source);
  const fields = new Fields(document);
  const insecure = fields.flag("insecure-transport");
  const tls = tlsOf(fields, insecure);
  const conf = {
    endpoints: endpointsIn(fields, insecure ? "http" : "https", environment),
    dialTimeout: fields.duration("dial-timeout"),
    operationTimeout: fields.duration("operation-timeout"),
    reconnectInterval: fields.duration("reconnect-interval"),
    tls: insecure ? undefined : tls,
    username: fields.text("username"),
    passwordFile: fields.text("password-file"),
  };
  if (conf.username !== undefined && conf.passwordFile === undefined) {
    fields.fault("password-file", undefined, "a file with the password of the user");
  }
  if (fields.issues.length > 0) throw new ConfigError(fields.issues, source);
  const ignored = Object.keys(document).filter((name) => ![...NAMES, ...NEEDLESS].includes(name)).map((name) => {
    const close = nearest(name, NAMES);
    return `${name} is ignored: there is no such name${close === undefined ? "" : `; did you mean ${close}?`}`;
  });
  return ignored.length === 0 ? conf : { ...conf, ignored };
}

/** The fields of an etcd.conf, and what is wrong with them. */
class Fields {
  /** Every fault that was found. */
  readonly issues: ConfigIssue[] = [];
  readonly #document: Readonly<Record<string, unknown>>;

  constructor(document: Readonly<Record<string, unknown>>) {
    this.#document = document;
  }

  fault(path: string, value: unknown, expected: string): undefined {
    this.issues.push({ path, value, expected });
    return undefined;
  }

  value(name: Name): unknown {
    return this.#document[name] ?? undefined;
  }

  text(name: Name): string | undefined {
    const given = this.value(name);
    if (given === undefined || given === "") return undefined;
    return typeof given === "string" && !given.includes("\0") ? given : this.fault(name, given, "text");
  }

  flag(name: Name): boolean {
    const given = this.value(name) ?? false;
    return typeof given === "boolean" ? given : this.fault(name, given, "true or false") ?? false;
  }

  /** In milliseconds. */
  duration(name: Name): number | undefined {
    const given = this.value(name);
    if (given === undefined || given === 0) return undefined;
    const ms = durationMs(given);
    return ms !== undefined && ms >= 1 && ms <= HOUR
      ? ms
      : this.fault(name, given, 'nanoseconds, or text such as "1s" or "500ms", from 1ms to 1h');
  }
}

function tlsOf(fields: Fields, insecure: boolean): EtcdTls {
  const tls: EtcdTls = {
    caFile: fields.text("ca-file"),
    certFile: fields.text("cert-file"),
    keyFile: fields.text("key-file"),
    skipVerify: fields.flag("insecure-skip-tls-verify"),
  };
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined)) {
    const missing = tls.certFile === undefined ? "cert-file" : "key-file";
    fields.fault(missing, undefined, "both cert-file and key-file, or neither");
  }
  if (!insecure && tls.caFile === undefined && tls.certFile === undefined && !tls.skipVerify) {
    const ways = "ca-file, cert-file and key-file, insecure-skip-tls-verify: true, or insecure-transport: true";
    fields.fault("insecure-transport", false, `${ways}; nothing is sent in plain text unasked`);
  }
  return tls;
}

/** The members of the file, or else of the environment, or else the usual one. */
function endpointsIn(fields: Fields, scheme: "http" | "https", environment: EtcdEnvironment): string[] {
  const given = fields.value("endpoints");
  const listed = Array.isArray(given) ? given : given === undefined ? endpointsOf(environment) ?? [] : undefined;
  if (listed === undefined) fields.fault("endpoints", given, 'a list of members, such as ["127.0.0.1:2379"]');
  const endpoints = (listed ?? []).flatMap((one, index) => {
    const found = endpointOf(one, scheme);
    return "address" in found ? [found.address] : fields.fault(`endpoints[${index}]`, one, found.expected) ?? [];
  });
  if (endpoints.length > ENDPOINTS_MAX) {
    fields.fault("endpoints", endpoints.length, `at most ${ENDPOINTS_MAX} members`);
  }
  return endpoints.length === 0 ? [USUAL_ENDPOINT] : endpoints;
}

/**
 * How a cluster is reached without etcd.conf: the members in the environment, or the usual one, in plain text.
 *
 * @throws {ConfigError} A member of the environment is none.
 */
export function confOfEnvironment(environment: EtcdEnvironment): EtcdConf {
  const listed = endpointsOf(environment) ?? [USUAL_ENDPOINT];
  const scheme = listed.every((one) => one.startsWith("https://")) ? "https" : "http";
  const endpoints = listed.map((one, index) => {
    const found = endpointOf(one, scheme);
    if ("address" in found) return found.address;
    throw new ConfigError([{ path: `[${index}]`, value: one, expected: found.expected }], "ETCD_ENDPOINTS");
  });
  return { endpoints, tls: scheme === "https" ? {} : undefined };
}

/** The members that the environment names, with commas between them. */
function endpointsOf(environment: EtcdEnvironment): string[] | undefined {
  for (const name of ENDPOINT_VARIABLES) {
    const listed = (environment[name] ?? "").split(",").map((one) => one.trim()).filter((one) => one !== "");
    if (listed.length > 0) return listed;
  }
  return undefined;
}

/** `HOST:PORT` of a member, with or without the scheme that it is to have. */
function endpointOf(
  given: unknown,
  scheme: "http" | "https",
): { readonly address: string } | { readonly expected: string } {
  const expected = `HOST:PORT, or ${scheme}://HOST:PORT`;
  if (typeof given !== "string") return { expected };
  const [, written, host, port] = /^(?:(https?):\/\/)?((?:[\w.-]+)|\[[\da-fA-F:.]+\]):(\d{1,5})\/?$/.exec(given) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return { expected };
  if (written !== undefined && written !== scheme) {
    const why = scheme === "https" ? "insecure-transport is not true" : "insecure-transport is true";
    return { expected: `${expected}: ${why}` };
  }
  return { address: `${host}:${port}` };
}

/** Milliseconds of a time as Go writes it: a number of nanoseconds, `"1m30s"`. */
function durationMs(given: unknown): number | undefined {
  if (typeof given === "number") return given / 1e6;
  if (typeof given !== "string" || !/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(given)) return undefined;
  const units: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: HOUR };
  let sum = 0;
  for (const [, number, unit] of given.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    sum += Number(number) * (units[unit ?? ""] ?? 0);
  }
  return sum;
}
