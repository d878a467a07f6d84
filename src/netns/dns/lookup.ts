/** Resolves names in a namespace: with its servers, and with the files that are meant for it. */
import { domainToASCII } from "node:url";
import { readText } from "../../../ffi/mod.ts";
import { reasonOf, SyscallError } from "../../errors.ts";
import type { Descriptor } from "../../switch/descriptor.ts";
import { checkFamily, checkOptions, checkText } from "../checks.ts";
import { parseAddress, parseHost, type ScopedAddress } from "../sockets/open.ts";
import { fileFor, hostsOf, parseResolvConf, type ResolverOptions } from "./resolver_files.ts";
import { A, AAAA, FAILURES, isName, NXDOMAIN, type Question } from "./message.ts";
import { query } from "./query.ts";

/** What is looked up, and how long. */
export interface LookupOptions {
  /** The family of the addresses. @default {both} */
  readonly family?: 4 | 6 | undefined;
  /** Ends the look-up with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A failed look-up, in the shape of `node:dns`' own. */
export interface LookupFailure extends Error {
  /** `"ENOTFOUND"`, `"ENODATA"`, `"ETIMEOUT"`, `"ESERVFAIL"`, `"EREFUSED"`, `"ECONNREFUSED"`. */
  readonly code: string;
  /** Of ENOTFOUND its number, as in Node: -3008. */
  readonly errno?: number;
  /** `"queryA"`, `"queryAaaa"`; `"getaddrinfo"` for both families. */
  readonly syscall: string;
  /** The name. */
  readonly hostname: string;
}

/** The number of ENOTFOUND: UV_EAI_NONAME of libuv. */
const NO_NAME = -3008;

/** The families in the order of their answers. */
const TYPES = { 4: A, 6: AAAA } as const;

/**
 * The addresses of a name, at least one. An address is its own.
 *
 * @throws {LookupFailure} `ENOTFOUND`: there is no such name. `ENODATA`: it has no address of the family. Others: no
 * server answered. {@linkcode SyscallError}: the namespace cannot be entered.
 */
export async function lookup(ns: Descriptor, name: string, options: LookupOptions = {}): Promise<ScopedAddress[]> {
  checkOptions(options);
  const { family, signal } = options;
  checkText(name, "name");
  checkFamily(family);
  ns.checkOpen();
  signal?.throwIfAborted();
  const ofFamily = (addresses: readonly ScopedAddress[]): ScopedAddress[] =>
    addresses.filter((address) => family === undefined || address.family === family);
  const fail = (code: string, cause?: unknown): LookupFailure => failure(code, name, family, cause);
  const literal = parseHost(name);
  if (literal !== undefined) {
    if (ofFamily([literal]).length === 0) throw fail("ENOTFOUND");
    return [literal];
  }
  const wanted = domainToASCII(name.replace(/\.$/, "")).toLowerCase() || name.replace(/\.$/, "").toLowerCase();
  if (!isName(wanted)) throw fail("ENOTFOUND");
  const known = ofFamily(hostsOf(fileFor(ns.name, "hosts"), wanted));
  if (known.length > 0) return known;
  if (/(^|\.)localhost$/.test(wanted)) return ofFamily([parseAddress("127.0.0.1"), parseAddress("::1")]);
  const conf = parseResolvConf(fileFor(ns.name, "resolv.conf"), hostname);
  const types = family === undefined ? [A, ...conf.noAaaa ? [] : [AAAA] as const] as const : [TYPES[family]];
  const codes = new Set<string>();
  let cause: unknown;
  for (const one of candidates(wanted, name.endsWith("."), conf)) {
    const answers = await Promise.all(types.map((type) => ask(ns, one, type, conf, signal)));
    const addresses = answers.flatMap((answer) => "addresses" in answer ? answer.addresses : []);
    if (addresses.length > 0) return addresses;
    for (const answer of answers) {
      if (!("code" in answer)) codes.add("ENODATA");
      else codes.add(answer.code);
      if ("code" in answer) cause ??= answer.cause;
    }
    if ([...codes].some((code) => code !== "ENOTFOUND" && code !== "ENODATA")) break; // the servers fail, not the name
  }
  const code = [...codes].find((code) => code !== "ENOTFOUND" && code !== "ENODATA") ??
    (codes.has("ENODATA") ? "ENODATA" : "ENOTFOUND");
  throw fail(code, cause);
}

/** What the name of this machine is. */
const hostname = (): string => readText("/proc/sys/kernel/hostname").trim();

/** The whole names that a name may stand for, in the order in which they are asked for. */
function candidates(name: string, isWhole: boolean, { search, ndots }: ResolverOptions): string[] {
  if (isWhole) return [name];
  const inDomains = search.map((domain) => `${name}.${domain.toLowerCase()}`).filter(isName);
  const dots = name.split(".").length - 1;
  return dots >= ndots ? [name, ...inDomains] : [...inDomains, name];
}

type Answer = { readonly addresses: readonly ScopedAddress[] } | { readonly code: string; readonly cause?: unknown };

/** How often servers were asked so far: with `rotate`, another one comes first each time. */
let turn = 0;

/** Asks one server after the other, until one knows. */
async function ask(
  ns: Descriptor,
  name: string,
  type: Question["type"],
  { servers, timeout, attempts, rotate, useTcp }: ResolverOptions,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const first = rotate ? turn++ % servers.length : 0;
  const order = [...servers.slice(first), ...servers.slice(0, first)];
  let last: Answer = { code: "ETIMEOUT" };
  for (let attempt = 0; attempt < attempts; attempt++) {
    for (const server of order) {
      const [id = 0] = crypto.getRandomValues(new Uint16Array(1));
      try {
        const reply = await query(ns, server, { id, name, type }, { timeout, useTcp, signal });
        if (reply === undefined) last = { code: "ETIMEOUT" };
        else if (reply.rcode === NXDOMAIN) return { code: "ENOTFOUND" };
        else if (reply.rcode === 0) return reply.addresses.length > 0 ? reply : { code: "ENODATA" };
        else last = { code: FAILURES.get(reply.rcode) ?? "EBADRESP" };
      } catch (error) {
        signal?.throwIfAborted();
        ns.checkOpen();
        if (error instanceof SyscallError && (error.syscall === "setns" || error.syscall === "socket")) throw error;
        last = { code: "ECONNREFUSED", cause: error }; // as c-ares says of servers to which there is no way
      }
    }
  }
  return last;
}

function failure(code: string, hostname: string, family: 4 | 6 | undefined, cause: unknown): LookupFailure {
  const syscall = family === undefined ? "getaddrinfo" : family === 4 ? "queryA" : "queryAaaa";
  const why = cause === undefined ? "" : `: ${reasonOf(cause)}`;
  const error = new Error(`${syscall} ${code} ${hostname}${why}`, cause === undefined ? undefined : { cause });
  return Object.assign(error, { code, syscall, hostname }, code === "ENOTFOUND" && { errno: NO_NAME });
}
