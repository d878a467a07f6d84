/** Sockets of nf_tables. */
import { constants } from "node:os";
import { Closable } from "../closable.ts";
import { NetlinkError, shown } from "../../errors.ts";
import { NETLINK_NETFILTER } from "../constants/socket.ts";
import { NetlinkSocket } from "../socket.ts";
import type { NetlinkRequest } from "../wire/framing.ts";
import { familyOf, headerOf } from "./families.ts";
import type { CommandRequest } from "./batch_writer.ts";
import { CommandCompiler } from "./commands.ts";
import { ALL_FAMILIES, BATCH_BEGIN, BATCH_END, MESSAGES, SUBSYSTEM } from "./constants.ts";
import { elementsMessage, generationMessage, setMessage, tableMessage } from "./messages.ts";
import type { NftElements } from "./element_types.ts";
import type { SetType } from "./elements.ts";
import { rulesetOf } from "./reply.ts";
import { decodeElementAttributes, decodeSet, type ListedSet } from "./set_reply.ts";
import type { NftCommand, NftObject } from "./types.ts";

/** How often a ruleset is read again that changed while it was read. */
const MOST_READINGS = 20;

/** The header of a message about all families. */
const ANY = { family: ALL_FAMILIES, version: 0, resource: 0 } as const;

/** What asks for all objects of a type. */
const EVERYTHING: Uint8Array = tableMessage.encode({ ...ANY, attributes: {} });

/** A message that says where a batch begins or ends; it has no attributes. */
const MARK: Uint8Array = tableMessage.encode({ ...ANY, resource: SUBSYSTEM, attributes: {} });

/** What a kernel lacks that refused these messages of one command; undefined if that is not known. */
function remedyOf({ code }: NetlinkError, requests: readonly CommandRequest[]): string | undefined {
  if (code === "EINVAL" && requests.some(({ destroys }) => destroys)) {
    return "destroy needs Linux 6.3; before it, list, and delete what is there";
  }
  const table = code === "EOPNOTSUPP"
    ? requests.find(({ type }) => type === (SUBSYSTEM << 8 | MESSAGES.newTable))
    : undefined;
  const family = table === undefined ? undefined : familyOf(table.body[0] ?? 0);
  if (family === undefined) return undefined;
  const option = `CONFIG_NF_TABLES_${family === "ip" ? "IPV4" : family === "ip6" ? "IPV6" : family.toUpperCase()}`;
  return `the kernel was built without tables of the family ${family}: ${option}`;
}

/**
 * The packet filter and address translation of a namespace, in the words of libnftables-json(5). It stays in the
 * namespace in which it was opened; {@linkcode NsHandle.nftables} opens it in another.
 *
 * Close it, or declare it with `using`. Every call is synchronous and needs CAP_NET_ADMIN. See nft(8),
 * libnftables-json(5).
 *
 * @example Translate the addresses of what leaves by one link
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { NsHandle } from "@netns/netns";
 *
 * using ns = NsHandle.create();
 * using nftables = ns.nftables();
 * const table = { family: "ip", table: "nat" } as const;
 * nftables.apply([
 *   { add: { table: { family: "ip", name: "nat" } } },
 *   { add: { chain: { ...table, name: "post", type: "nat", hook: "postrouting", prio: 100 } } },
 *   {
 *     add: {
 *       rule: {
 *         ...table,
 *         chain: "post",
 *         expr: [{ match: { left: { meta: { key: "oifname" } }, right: "eth0" } }, { masquerade: null }],
 *       },
 *     },
 *   },
 * ]);
 * assertEquals(nftables.list().length, 3);
 * ```
 */
export class Nftables extends Closable {
  readonly #socket: NetlinkSocket;

  private constructor(socket: NetlinkSocket) {
    super(socket);
    this.#socket = socket;
  }

  /**
   * Opens a socket in the namespace of the calling thread.
   *
   * @throws {SyscallError} `EPROTONOSUPPORT`: the kernel lacks netfilter. `EMFILE`: no descriptor is left.
   */
  static open(): Nftables {
    return new Nftables(NetlinkSocket.open(NETLINK_NETFILTER));
  }

  /**
   * Carries out commands, in order, all or none of them: no packet sees a ruleset in between.
   *
   * @param commands As the array `nftables` of `nft -j -f`. A part of a ruleset alone is added, so what
   * {@linkcode Nftables.list} gave can be applied.
   * @throws {NetlinkError} The kernel refused a command, which the error names with its position; `failures` has all of
   * them. Nothing was changed.
   * @throws {TypeError} The library does not know a command, or a value in it is none; nothing was sent.
   */
  apply(commands: readonly NftCommand[]): void {
    if (!Array.isArray(commands)) {
      throw new TypeError(`Cannot use ${shown(commands)} as commands: expected a list, the \`nftables\` of nft's JSON`);
    }
    const compiler = new CommandCompiler((set) => this.#typeOfSet(set));
    for (const [index, command] of commands.entries()) compiler.add(command, index);
    const { requests } = compiler;
    if (requests.length === 0) return;
    const mark = (type: number): NetlinkRequest => ({ type, flags: 0, body: MARK, label: "nftables batch" });
    const results = this.#socket.transaction(mark(BATCH_BEGIN), requests, mark(BATCH_END));
    // One command is several messages.
    const failures = new Map<number, NetlinkError>();
    for (const [i, error] of results.entries()) {
      const { command = 0 } = requests[i] ?? {};
      if (error !== undefined && !failures.has(command)) failures.set(command, error);
    }
    const [[index, error] = []] = failures;
    if (index === undefined || error === undefined) return;
    const remedy = remedyOf(error, requests.filter(({ command }) => command === index));
    throw new NetlinkError(
      `${error.request} (command ${index + 1} of ${commands.length})`,
      error.errno,
      error.detail,
      {
        ...error.field === undefined ? {} : { field: error.field },
        failures: [...failures].map(([index, error]) => ({ index, error })),
        ...remedy === undefined ? {} : { remedy },
      },
    );
  }

  /**
   * The whole ruleset, as `nft -j list ruleset` lists it: each table with its chains, its named objects, its sets and
   * maps, its flowtables and its rules. An expression that the library does not know is `{ unknown: name }`; named
   * objects of kinds that the library does not know are left out.
   *
   * @throws {NetlinkError} The kernel refused it, or it changed during each reading (`EINTR`).
   */
  list(): NftObject[] {
    for (let attempt = 1;; attempt++) {
      const before = this.#generation();
      const ruleset = this.#read();
      if (ruleset !== undefined && this.#generation() === before) return ruleset;
      if (attempt === MOST_READINGS) {
        throw new NetlinkError(
          "list ruleset",
          constants.errno.EINTR,
          `it changed during each of ${MOST_READINGS} readings`,
        );
      }
    }
  }

  /** The ruleset; undefined if a set went away meanwhile. */
  #read(): NftObject[] | undefined {
    // A rule is read when the sets are known.
    const dump = (type: number, what: string): Uint8Array[] => (
      this.#socket.dump(request(type, EVERYTHING, `list ${what}`), (body) => body.slice())
    );
    try {
      return rulesetOf({
        tables: dump(MESSAGES.getTable, "tables"),
        chains: dump(MESSAGES.getChain, "chains"),
        sets: this.#socket.dump(request(MESSAGES.getSet, EVERYTHING, "list sets"), decodeSet),
        objects: dump(MESSAGES.getObject, "objects"),
        flowtables: dump(MESSAGES.getFlowtable, "flowtables"),
        rules: dump(MESSAGES.getRule, "rules"),
        elementsOf: (set) => this.#elementsOf(set),
      });
    } catch (error) {
      if (error instanceof NetlinkError && error.code === "ENOENT") return undefined;
      throw error;
    }
  }

  #elementsOf({ family, attributes: { table, name } }: ListedSet) {
    const body = elementsMessage.encode({ ...headerOf(family, "a set"), attributes: { table, set: name } });
    const list = request(MESSAGES.getElements, body, `list set ${family} ${table} ${name}`);
    return this.#socket.dump(list, decodeElementAttributes).flat();
  }

  /** The number of changes that the ruleset has had. */
  #generation(): number | undefined {
    const body = generationMessage.encode({ ...ANY, attributes: {} });
    const get = request(MESSAGES.getGeneration, body, "list ruleset");
    return this.#socket.get(get, (reply) => generationMessage.decode(reply).attributes.id);
  }

  /** The type of a set that exists; undefined if there is none, or the library does not know its type. */
  #typeOfSet({ family, table, name }: Pick<NftElements, "family" | "table" | "name">): SetType | undefined {
    const body = setMessage.encode({ ...headerOf(family, "a set"), attributes: { table, name } });
    try {
      const get = request(MESSAGES.getSet, body, `list set ${family} ${table} ${name}`);
      const [set] = this.#socket.exchange(get, decodeSet);
      return set?.type;
    } catch (error) {
      if (error instanceof NetlinkError && error.code === "ENOENT") return undefined;
      throw error;
    }
  }
}

function request(type: number, body: Uint8Array, label: string): NetlinkRequest {
  return { type: SUBSYSTEM << 8 | type, flags: 0, body, label };
}
