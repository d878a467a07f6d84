/** Sockets of generic netlink. */
import { constants } from "node:os";
import { Closable } from "../closable.ts";
import { NetlinkError, shown } from "../../errors.ts";
import { wholeNumber } from "../../whole_number.ts";
import { fieldsOf } from "../../argument_fields.ts";
import { NETLINK_GENERIC } from "../constants/socket.ts";
import { NetlinkSocket } from "../socket.ts";
import { type Codec, fieldNames, type MessageCodec, messageCodec } from "../wire/codec.ts";
import type { Decode, NetlinkRequest } from "../wire/framing.ts";
import { decodeFamily, type GenericFamily, getFamilyRequest } from "./family.ts";
import { GENERIC_HEADER, type GenericMessage, genericMessage } from "./message.ts";

/** GENL_NAMSIZ, without the NUL. */
const LONGEST_NAME = 15;

/** A request of a family. */
export interface GenericRequest<A extends object> {
  /** The number of the command. */
  readonly command: number;
  /** Its attributes. @default {none} */
  readonly attributes?: A | undefined;
  /** NLM_F_… beside NLM_F_REQUEST and NLM_F_ACK. @default {0} */
  readonly flags?: number | undefined;
  /** The name of the command and what it is about, for errors. @default {the family and the number of the command} */
  readonly label?: string | undefined;
}

/**
 * A socket to one family of generic netlink, such as `wireguard`, `ethtool` or `nl80211`. It stays in the namespace in
 * which it was opened. Every call is synchronous. Close it, or declare it with `using`.
 *
 * The attributes of the family are a table, made by {@linkcode wire}'s `attributes`: it encodes, decodes and is the type.
 * Use it for families that have no class of their own here. See linux/genetlink.h, and Documentation/netlink/specs in the
 * kernel's source.
 *
 * @example Ask ethtool for the state of a link
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { GenericNetlink, wire } from "@netns/netns";
 *
 * const header = wire.attributes({ index: [1, wire.u32], name: [2, wire.text] });
 * const linkState = wire.attributes({ header: [1 | wire.NLA_F_NESTED, header], link: [2, wire.u8] });
 * using ethtool = GenericNetlink.open("ethtool");
 * const [reply] = ethtool.request(linkState, { command: 6, attributes: { header: { name: "lo" } } });
 * assertEquals(reply?.attributes.header?.name, "lo");
 * ```
 */
export class GenericNetlink extends Closable {
  readonly #socket: NetlinkSocket;
  /** The family, as the kernel describes it. */
  readonly family: GenericFamily;

  private constructor(socket: NetlinkSocket, family: GenericFamily) {
    super(socket);
    this.#socket = socket;
    this.family = family;
  }

  /**
   * Opens a socket in the namespace of the calling thread, and finds the family. The kernel loads its module, if it can.
   *
   * @param family The name of the family: `"wireguard"`.
   * @throws {NetlinkError} `ENOENT`: the kernel has no such family.
   * @throws {SyscallError} `EMFILE`: no descriptor is left. `EPROTONOSUPPORT`: the kernel lacks generic netlink.
   */
  static open(family: string): GenericNetlink {
    // Untyped code may give anything.
    if (typeof family !== "string" || family === "" || family.length > LONGEST_NAME) {
      throw new TypeError(
        `Cannot use ${shown(family)} as a family of generic netlink: expected its name, of 1 to ${LONGEST_NAME} bytes`,
      );
    }
    const socket = NetlinkSocket.open(NETLINK_GENERIC);
    try {
      return new GenericNetlink(socket, findFamily(socket, family));
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /**
   * Carries out one request.
   *
   * @param codec The table of the attributes, of the request and of the answers.
   * @returns The kernel's answers; none of a request that only changes something.
   * @throws {NetlinkError} The kernel refused it.
   * @throws {SyscallError} `EBADF`: this socket is closed.
   * @throws {TypeError} The request has a field that it cannot have, or a value that it cannot have there.
   * @throws {RangeError} A number does not fit.
   */
  request<A extends object>(codec: Codec<A>, request: GenericRequest<A>): GenericMessage<A>[] {
    return this.#replies(codec, request, (framed, decode) => this.#socket.exchange(framed, decode));
  }

  /**
   * Asks for all objects. A dump that changed while it was read is read again.
   *
   * @param codec The table of the attributes, of the request and of the answers.
   * @throws {NetlinkError} The kernel refused it, or it changed during each reading (`EINTR`).
   * @throws {SyscallError} `EBADF`: this socket is closed.
   */
  dump<A extends object>(codec: Codec<A>, request: GenericRequest<A>): GenericMessage<A>[] {
    return this.#replies(codec, request, (framed, decode) => this.#socket.dump(framed, decode));
  }

  #replies<A extends object>(
    codec: Codec<A>,
    given: GenericRequest<A>,
    send: (request: NetlinkRequest, decode: Decode<GenericMessage<A>>) => GenericMessage<A>[],
  ): GenericMessage<A>[] {
    checkRequest(given);
    const { command, attributes, flags = 0, label = `${this.family.name} command ${command}` } = given;
    if (typeof codec !== "object" || codec === null || typeof codec.write !== "function") { // untyped code may give anything
      throw new TypeError(
        `Cannot use ${shown(codec)} as the table of a request: expected what wire.attributes() gives`,
      );
    }
    const message = genericMessage(codec);
    const { id: type, version } = this.family;
    const body = attributes === undefined
      ? WITHOUT_ATTRIBUTES.encode({ command, version, attributes: {} })
      : message.encode({ command, version, attributes });
    return send(
      { type, flags, body, label, fieldAt: (bytes, at) => fieldNames(message)(bytes, at) },
      (reply, replyType) => (
        replyType === type && reply.length >= GENERIC_HEADER ? message.decode(reply) : undefined
      ),
    );
  }
}

const checkFields = fieldsOf<GenericRequest<object>>("a request", {
  command: "number",
  attributes: "any",
  flags: "number",
  label: true,
});

/** Checks what untyped code may give wrong, and no codec looks at. */
function checkRequest(request: GenericRequest<object>): void {
  checkFields(request);
  const { command, attributes, flags = 0, label = "" } = request;
  wholeNumber(command, "command", 0, 0xff);
  wholeNumber(flags, "flags", 0, 0xffff);
  if (
    attributes !== undefined && (typeof attributes !== "object" || attributes === null || Array.isArray(attributes))
  ) {
    throw new TypeError(`Cannot use ${shown(attributes)} as attributes: expected an object`);
  }
  if (typeof label !== "string") throw new TypeError(`Cannot use ${shown(label)} as label: expected text`);
}

/** A message without attributes. */
const WITHOUT_ATTRIBUTES: MessageCodec<GenericMessage<object>> = genericMessage(messageCodec<object>({
  write: () => {},
  read: () => ({}),
}));

function findFamily(socket: NetlinkSocket, name: string): GenericFamily {
  const request = getFamilyRequest(name);
  try {
    const [found] = socket.exchange(request, decodeFamily);
    if (found !== undefined) return found;
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== "ENOENT") throw error;
    const remedy = `the kernel has no family ${name}; load its module, as root: modprobe ${name}`;
    throw new NetlinkError(error.request, error.errno, error.detail, { remedy });
  }
  throw new NetlinkError(request.label, constants.errno.ENOENT, "the kernel gave no answer");
}
