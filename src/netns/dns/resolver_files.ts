/** The files that say how names are resolved, as `ip netns exec` shows them to a program. See resolv.conf(5), hosts(5). */
import { readText } from "../../../ffi/mod.ts";
import { isErrno } from "../../errors.ts";
import { parseHost, type ScopedAddress } from "../sockets/open.ts";

/** What `resolv.conf` says. */
export interface ResolverOptions {
  readonly servers: readonly ScopedAddress[];
  /** The domains in which a name is looked for. */
  readonly search: readonly string[];
  /** With that many dots, a name is looked up as it is before it is in a domain. */
  readonly ndots: number;
  /** How long to wait for one server, in milliseconds. */
  readonly timeout: number;
  /** How often all servers are asked. */
  readonly attempts: number;
  /** Ask another server first each time. */
  readonly rotate: boolean;
  /** Ask by TCP from the start. */
  readonly useTcp: boolean;
  /** Do not ask for IPv6 addresses. */
  readonly noAaaa: boolean;
}

/** What the C library takes at most of each. */
const MOST = { servers: 3, ndots: 15, timeout: 30, attempts: 5 } as const;

/**
 * A file of `/etc` as it is meant for the namespace `name`: that of `/etc/netns/<name>`, if there is one. A file that does
 * not exist is empty.
 *
 * @throws {SyscallError} It cannot be read.
 */
export function fileFor(name: string | undefined, file: string): string {
  for (const folder of name === undefined ? ["/etc"] : [`/etc/netns/${name}`, "/etc"]) {
    try {
      return readText(`${folder}/${file}`);
    } catch (error) {
      if (!isErrno(error, "ENOENT", "ENOTDIR")) throw error;
    }
  }
  return "";
}

/** The words of each line, without comments. */
const linesOf = (text: string, comment: RegExp): string[][] =>
  text.split("\n").map((line) => line.replace(comment, "").trim().split(/\s+/)).filter(([first]) => first !== "");

/** The addresses that `hosts` has for a name, in its order. */
export function hostsOf(text: string, name: string): ScopedAddress[] {
  return linesOf(text, /#.*/).flatMap(([address = "", ...names]) =>
    names.some((one) => one.toLowerCase() === name) ? parseHost(address) ?? [] : []
  );
}

/** Reads `resolv.conf`; what it does not know, it leaves out, as the C library. */
export function parseResolvConf(text: string, hostname: () => string): ResolverOptions {
  const servers: ScopedAddress[] = [];
  let search: readonly string[] | undefined;
  const options = new Map<string, string>();
  for (const [keyword, ...values] of linesOf(text, /^\s*[#;].*|[ \t][#;].*/)) {
    const [first = ""] = values;
    const server = keyword === "nameserver" ? parseHost(first) : undefined;
    if (server !== undefined && servers.length < MOST.servers) servers.push(server);
    if (keyword === "domain") search = [first];
    if (keyword === "search") search = values;
    if (keyword === "options") {
      for (const option of values) options.set(option.replace(/:.*/, ""), option.replace(/^[^:]*:?/, ""));
    }
  }
  const numeric = (name: "ndots" | "timeout" | "attempts", usual: number, least: number): number => {
    const value = Number.parseInt(options.get(name) ?? "", 10);
    return Number.isNaN(value) ? usual : Math.min(Math.max(value, least), MOST[name]);
  };
  return {
    servers: servers.length > 0 ? servers : [parseHost("127.0.0.1")].flatMap((server) => server ?? []),
    search: (search ?? [hostname().replace(/^[^.]*\.?/, "")]).map((domain) => domain.replace(/\.$/, ""))
      .filter((domain) => domain !== ""),
    ndots: numeric("ndots", 1, 0),
    timeout: numeric("timeout", 5, 1) * 1000,
    attempts: numeric("attempts", 2, 1),
    rotate: options.has("rotate"),
    useTcp: options.has("use-vc"),
    noAaaa: options.has("no-aaaa"),
  };
}
