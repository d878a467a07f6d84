/** Messages of the domain name system: a question for the addresses of a name, and the reply. See RFC 1035. */
import { type IpAddress, ipAddress } from "../../ip/address.ts";

/** The type of a record, as its number. */
export const A = 1;
/** See {@linkcode A}. */
export const AAAA = 28;
const CNAME = 5;
/** The class of the internet. */
const IN = 1;

/** RCODE of a reply: the name does not exist. */
export const NXDOMAIN = 3;
/** What servers answer that cannot or will not answer, and others may: SERVFAIL, NOTIMP, REFUSED. */
export const FAILURES: ReadonlyMap<number, string> = new Map([[2, "ESERVFAIL"], [4, "ENOTIMP"], [5, "EREFUSED"]]);

const HEADER = 12;
const [QR, TC, RD] = [0x8000, 0x0200, 0x0100];
const LONGEST_LABEL = 63;
const LONGEST_NAME = 253;
/** How many aliases of aliases are followed. */
const LONGEST_CHAIN = 16;

/** What a name is asked for. */
export interface Question {
  /** A random number, which the reply repeats. */
  readonly id: number;
  /** The name in ASCII, without the last dot. */
  readonly name: string;
  readonly type: typeof A | typeof AAAA;
}

/** A reply to a question. */
export interface Reply {
  readonly rcode: number;
  /** True if the rest did not fit, and is to be asked for by TCP. */
  readonly truncated: boolean;
  readonly addresses: readonly IpAddress[];
}

/** True if a message can ask for the name. */
export function isName(name: string): boolean {
  return name.length <= LONGEST_NAME && /^[\x21-\x7e]+$/.test(name) &&
    name.split(".").every((label) => label !== "" && label.length <= LONGEST_LABEL);
}

/** The bytes of a question, which asks the server to ask others. */
export function encodeQuestion({ id, name, type }: Question): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER + name.length + 2 + 4);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, id);
  view.setUint16(2, RD);
  view.setUint16(4, 1);
  let at = HEADER;
  for (const label of name.split(".")) {
    bytes[at++] = label.length;
    for (let i = 0; i < label.length; i++) bytes[at++] = label.charCodeAt(i);
  }
  view.setUint16(++at, type);
  view.setUint16(at + 2, IN);
  return bytes;
}

/** The reply to a question; undefined for bytes that are none to this one, whoever sent them. */
export function decodeReply(bytes: Uint8Array, question: Question): Reply | undefined {
  const input = new Reader(bytes);
  try {
    const [id, flags] = [input.u16(), input.u16()];
    const [questions, answers] = [input.u16(), input.u16()];
    input.skip(4);
    if (id !== question.id || (flags & QR) === 0) return undefined;
    const rcode = flags & 0xf;
    if (questions !== 1) return undefined;
    if (input.name() !== question.name.toLowerCase() || input.u16() !== question.type || input.u16() !== IN) {
      return undefined;
    }
    const truncated = (flags & TC) !== 0;
    return { rcode, truncated, addresses: truncated ? [] : addressesIn(input, answers, question) };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The addresses of the name and of what it is an alias of. */
function addressesIn(input: Reader, count: number, { name, type }: Question): IpAddress[] {
  const aliases = new Map<string, string>();
  const found: { readonly owner: string; readonly address: IpAddress }[] = [];
  for (let i = 0; i < count; i++) {
    const owner = input.name();
    const [recordType, recordClass] = [input.u16(), input.u16()];
    input.skip(4); // TTL
    const length = input.u16();
    const end = input.at + length;
    if (recordClass === IN && recordType === CNAME) aliases.set(owner, input.name());
    else if (recordClass === IN && recordType === type && length === (type === A ? 4 : 16)) {
      found.push({ owner, address: ipAddress([...input.bytes(length)]) });
    }
    input.seek(end);
  }
  let owner = name.toLowerCase();
  for (let i = 0; i < LONGEST_CHAIN; i++) owner = aliases.get(owner) ?? owner;
  return found.filter((one) => one.owner === owner).map(({ address }) => address);
}

/** Reads a message; a RangeError says that it ends too early or goes in circles. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get at(): number {
    return this.#at;
  }

  seek(at: number): void {
    if (at > this.#bytes.length) throw new RangeError("the message ends before its record");
    this.#at = at;
  }

  skip(count: number): void {
    this.seek(this.#at + count);
  }

  u16(): number {
    const value = this.#view.getUint16(this.#at);
    this.#at += 2;
    return value;
  }

  bytes(count: number): Uint8Array {
    this.skip(count);
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** A name in lower case. It may end in a pointer to the end of another one, which must lie before it. */
  name(): string {
    const labels: string[] = [];
    let [at, end, lowest, total] = [this.#at, -1, this.#at, 0];
    for (;;) {
      const length = this.#view.getUint8(at);
      if (length === 0) break;
      if ((length & 0xc0) === 0xc0) {
        if (end === -1) end = at + 2;
        at = this.#view.getUint16(at) & 0x3fff;
        if (at >= lowest) throw new RangeError("a name points to itself");
        lowest = at;
        continue;
      }
      total += length + 1;
      if (length > LONGEST_LABEL || total > LONGEST_NAME + 1) throw new RangeError("a name is too long");
      if (at + 1 + length > this.#bytes.length) throw new RangeError("the message ends within a name");
      labels.push(String.fromCharCode(...this.#bytes.subarray(at + 1, at + 1 + length)));
      at += length + 1;
    }
    this.seek(end === -1 ? at + 1 : end);
    return labels.join(".").toLowerCase();
  }
}
