/** The framing of netlink messages: header, acknowledgement, error. See netlink(7), linux/netlink.h. */
import { Reader, type Writer } from "./buffers.ts";
import { NetlinkError } from "../../errors.ts";
import { attributes, NLA_HEADER, NLA_TYPE_MASK } from "./attributes.ts";
import { struct } from "./struct.ts";
import { MalformedMessageError } from "./malformed.ts";
import { bytes } from "./bytes.ts";
import { s32, u16, u32 } from "./numbers.ts";
import { text } from "./text.ts";

// Types of messages that belong to no family.
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
/** The lowest type that belongs to a family. */
const NLMSG_MIN_TYPE = 16;

// Flags of a request.
const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
export const NLM_F_DUMP = 0x300;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;
// Flags of an answer.
const NLM_F_DUMP_INTR = 0x10;
const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;

/** A request, before it has a sequence number. */
export interface NetlinkRequest {
  /** The type of the message: RTM_NEWLINK. */
  readonly type: number;
  /** Flags beside NLM_F_REQUEST. */
  readonly flags: number;
  /** What follows the header. */
  readonly body: Uint8Array;
  /** Its name in errors: `"RTM_NEWLINK eth0"`. */
  readonly label: string;
  /** Of a question: the number of the refusal that means that there is nothing. */
  readonly noneAt?: number | undefined;
  /** Of a question for all: true if it has no filter, which the kernel obeys only where it checks a question strictly. */
  readonly isUnfiltered?: true | undefined;
  /**
   * Says what to do about a refusal that is an error number alone; undefined where that is not known.
   *
   * @internal
   * @param exists Whether the namespace of the socket has a link.
   */
  explain?(error: NetlinkError, exists: LinkExists): string | undefined;
  /**
   * The name of the field at an offset of the body, if one is there.
   *
   * @internal
   */
  fieldAt?(body: Uint8Array, offset: number): string | undefined;
}

/** Whether the namespace of a socket has a link. */
export type LinkExists = (link: string | { readonly name: string } | { readonly index: number }) => boolean;

/** A message of the kernel, without its header. */
export interface Reply {
  /** The type of the message: RTM_NEWLINK. */
  readonly type: number;
  /** What follows the header. */
  readonly body: Uint8Array;
}

/**
 * Reads a message of the kernel; undefined: it is none of those that were asked for. The next message takes the place of
 * its bytes, so what it gives holds none of them.
 */
export type Decode<T> = (body: Uint8Array, type: number) => T | undefined;

/** What the kernel sends: a message of a family, or the end of a dump or request with its outcome. */
export type Answer =
  & { readonly seq: number; readonly interrupted: boolean }
  & (
    | { readonly kind: "message" } & Reply
    | { readonly kind: "end" } & Outcome
  );

/** The outcome of a request. */
interface Outcome {
  /** The error with which the kernel refused it, or 0. */
  readonly errno: number;
  /** The kernel's text. */
  readonly detail: string | undefined;
  /** The offset, from the header on, of the attribute that was refused, if the text does not name it. */
  readonly offset: number | undefined;
  /** The offset, where the text names the attribute. */
  readonly at?: number | undefined;
}

/** struct nlmsghdr */
const header = struct({ length: u32, type: u16, flags: u16, seq: u32, port: u32 });

const errorAttributes = attributes({
  message: [1, text], // NLMSGERR_ATTR_MSG
  offset: [2, u32], // NLMSGERR_ATTR_OFFS
  policy: [4, bytes], // NLMSGERR_ATTR_POLICY: what is allowed
});

/** Writes a request, with `more` flags beside its own. */
export function frame(out: Writer, { type, flags, body }: NetlinkRequest, seq: number, more = 0): void {
  out.align();
  const at = out.reserve(header.size); // field by field, as each request of a batch has one
  out.view.setUint32(at, header.size + body.length, true);
  out.view.setUint16(at + 4, type, true);
  out.view.setUint16(at + 6, flags | more | NLM_F_REQUEST, true);
  out.view.setUint32(at + 8, seq, true);
  out.append(body);
}

/** The answers in one datagram. */
export function answers(bytes: Uint8Array): Answer[] {
  const all: Answer[] = [];
  const input = new Reader(bytes);
  while (input.left >= header.size) {
    const at = input.take(header.size); // field by field, as each message of a dump has one
    const length = input.view.getUint32(at, true);
    const type = input.view.getUint16(at + 4, true);
    const flags = input.view.getUint16(at + 6, true);
    const seq = input.view.getUint32(at + 8, true);
    if (length < header.size) throw new MalformedMessageError(`a message of ${length} bytes`, at);
    const interrupted = (flags & NLM_F_DUMP_INTR) !== 0;
    if (type === NLMSG_ERROR || type === NLMSG_DONE) {
      const { errno, detail, offset, at: about } = input.within(length - header.size, (body) => (
        outcome(body, flags, type === NLMSG_ERROR)
      ));
      const end = { kind: "end", seq, interrupted, errno, detail, offset } as const;
      all.push(about === undefined ? end : { ...end, at: about });
    } else {
      const from = input.take(length - header.size);
      const body = bytes.subarray(from, input.offset);
      if (type >= NLMSG_MIN_TYPE) all.push({ kind: "message", seq, interrupted, type, body });
    }
    input.align();
  }
  return all;
}

/** Reads struct nlmsgerr, or the number that ends a dump, and the extended ack behind it. */
function outcome(body: Reader, flags: number, withRequest: boolean): Outcome {
  const errno = body.left >= s32.size ? Math.max(0, -s32.read(body)) : 0;
  if (withRequest) {
    const length = body.view.getUint32(body.take(header.size), true);
    if ((flags & NLM_F_CAPPED) === 0) body.take(Math.min(body.left, Math.max(0, length - header.size)));
    body.align();
  }
  const { message: detail, offset, policy } = flags & NLM_F_ACK_TLVS ? errorAttributes.read(body) : {};
  // The text beside a policy is the same for every attribute; other texts name what they are about.
  return detail === undefined || policy !== undefined
    ? { errno, detail, offset }
    : { errno, detail, offset: undefined, at: offset };
}

/** The error of a refused request: the kernel's text, and the number of the attribute that it is about. */
export function refusal(request: NetlinkRequest, { errno, detail, offset = 0, at = offset }: Outcome): NetlinkError {
  const { label, body } = request;
  const field = at < header.size ? undefined : request.fieldAt?.(body, at - header.size);
  const options = field === undefined ? {} : { field };
  const start = offset - header.size;
  if (start < 0 || start + NLA_HEADER > body.length) return new NetlinkError(label, errno, detail, options);
  const name = field ?? `attribute ${u16.read(new Reader(body, start + 2)) & NLA_TYPE_MASK}`;
  const text = `${detail ?? "refused"} (${name}, at byte ${offset} of the request)`;
  return new NetlinkError(label, errno, text, options);
}
