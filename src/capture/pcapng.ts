/** Files of packets in the format pcapng, which Wireshark, tshark and tcpdump read. See draft-ietf-opsawg-pcapng. */
import { close, duplicate, O_CREAT, O_TRUNC, O_WRONLY, open, writeAll } from "../../ffi/mod.ts";
import type { RingPacket } from "./ring.ts";

/** Only its owner may read what others sent. */
const MODE = 0o600;
/** How much is written at once, in bytes. */
const PIECE = 256 * 1024;

const STANDARD_OUTPUT = "/dev/stdout";

const SECTION = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const INTERFACE = 1;
const STATISTICS = 5;
const ENHANCED_PACKET = 6;

const IF_NAME = 2;
const IF_TSRESOL = 9;
const EPB_FLAGS = 2;
const ISB_IFDROP = 5;
const ISB_OSDROP = 7;
/** Times in nanoseconds: 10 to the power of -9. */
const NANOSECONDS = 9;
const NS_PER_S = 1_000_000_000n;

const LINKTYPE_ETHERNET = 1;
const LINKTYPE_RAW = 101;
const LINKTYPE_LINUX_SLL = 113;
/** How a LINUX_SLL header begins: the direction, the type of the link, the length of an address, 8 bytes of one, a type. */
const SLL_HEADER = 16;

/** LINKTYPE_… of ARPHRD_…: Ethernet and loopback; none, tunnels and SIT, which have IP at once. */
const LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [1, LINKTYPE_ETHERNET],
  [772, LINKTYPE_ETHERNET],
  [0xfffe, LINKTYPE_RAW],
  [768, LINKTYPE_RAW],
  [769, LINKTYPE_RAW],
  [776, LINKTYPE_RAW],
]);

/** Writes a file of packets. */
export class PcapngFile implements Disposable {
  readonly #path: string;
  readonly #fd: number;
  readonly #snapLength: number;
  readonly #interfaces = new Map<number, { readonly id: number; readonly linkType: number }>();
  #piece = new Uint8Array(PIECE);
  #length = 0;

  /**
   * Makes the file, or empties it.
   *
   * @throws {SyscallError} It cannot be written to.
   */
  constructor(path: string, snapLength: number) {
    this.#path = path;
    this.#snapLength = snapLength;
    // Standard output may be a socket, which open(2) refuses.
    this.#fd = path === STANDARD_OUTPUT ? duplicate(1) : open(path, O_WRONLY | O_CREAT | O_TRUNC, MODE);
    const body = new Uint8Array(16);
    const view = new DataView(body.buffer);
    view.setUint32(0, BYTE_ORDER, true);
    view.setUint16(4, 1, true); // version 1.0
    view.setBigInt64(8, -1n, true); // the length of the section is not known
    this.#append(block(SECTION, body));
  }

  /** Adds a packet, whose link has a name that `nameOf` knows. */
  add(packet: RingPacket, nameOf: (index: number) => string): void {
    const { id, linkType } = this.#interface(packet, nameOf);
    const data = linkType === LINKTYPE_LINUX_SLL ? cooked(packet) : packet.bytes;
    const length = packet.length + data.length - packet.bytes.length;
    const flags = option(EPB_FLAGS, Uint8Array.of(packet.isOutgoing ? 2 : 1, 0, 0, 0));
    const body = new Uint8Array(20 + padded(data.length) + flags.length + 4);
    const view = new DataView(body.buffer);
    const time = BigInt(packet.seconds) * NS_PER_S + BigInt(packet.nanoseconds);
    view.setUint32(0, id, true);
    setTime(view, 4, time);
    view.setUint32(12, data.length, true);
    view.setUint32(16, length, true);
    body.set(data, 20);
    body.set(flags, 20 + padded(data.length)); // and the end of the options, four zeros
    this.#append(block(ENHANCED_PACKET, body));
  }

  /** Adds, at the end, how many packets were dropped. */
  addDropped(count: number): void {
    if (this.#interfaces.size === 0) return;
    const value = new Uint8Array(8);
    new DataView(value.buffer).setBigUint64(0, BigInt(count), true);
    const body = new Uint8Array(12 + 12 + 12 + 4); // the interface 0, the time, two options and their end
    setTime(new DataView(body.buffer), 4, BigInt(Date.now()) * 1_000_000n);
    body.set(option(ISB_IFDROP, value), 12); // by which Wireshark and dumpcap mean the same
    body.set(option(ISB_OSDROP, value), 24);
    this.#append(block(STATISTICS, body));
  }

  /** Writes what was added. */
  flush(): void {
    const length = this.#length;
    this.#length = 0;
    writeAll(this.#fd, this.#piece.subarray(0, length), this.#path);
  }

  /** Closes the file; {@linkcode PcapngFile.flush} comes before. */
  [Symbol.dispose](): void {
    close(this.#fd);
  }

  #interface({ linkIndex, linkType }: RingPacket, nameOf: (index: number) => string): { id: number; linkType: number } {
    const known = this.#interfaces.get(linkIndex);
    if (known !== undefined) return known;
    const made = { id: this.#interfaces.size, linkType: LINK_TYPES.get(linkType) ?? LINKTYPE_LINUX_SLL };
    this.#interfaces.set(linkIndex, made);
    const name = option(IF_NAME, new TextEncoder().encode(nameOf(linkIndex)));
    const resolution = option(IF_TSRESOL, Uint8Array.of(NANOSECONDS));
    const body = new Uint8Array(8 + name.length + resolution.length + 4);
    const view = new DataView(body.buffer);
    view.setUint16(0, made.linkType, true);
    view.setUint32(4, this.#snapLength, true);
    body.set(name, 8);
    body.set(resolution, 8 + name.length);
    this.#append(block(INTERFACE, body));
    return made;
  }

  #append(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#piece.length) this.flush();
    if (bytes.length > this.#piece.length) this.#piece = new Uint8Array(2 * bytes.length);
    this.#piece.set(bytes, this.#length);
    this.#length += bytes.length;
  }
}

const padded = (length: number): number => (length + 3) & ~3;

/** A block: its type, its length, its body, its length again. */
function block(type: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, bytes.length, true);
  bytes.set(body, 8);
  view.setUint32(bytes.length - 4, bytes.length, true);
  return bytes;
}

function option(code: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + padded(value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, value.length, true);
  bytes.set(value, 4);
  return bytes;
}

/** A time in its two halves, the high one first. */
function setTime(view: DataView, at: number, time: bigint): void {
  view.setUint32(at, Number(time >> 32n), true);
  view.setUint32(at + 4, Number(time & 0xffffffffn), true);
}

/** A packet of a link whose header the format has no type for, with a LINUX_SLL header in its place. */
function cooked({ bytes, networkOffset, isOutgoing, linkType, etherType }: RingPacket): Uint8Array<ArrayBuffer> {
  const payload = bytes.subarray(networkOffset);
  const whole = new Uint8Array(SLL_HEADER + payload.length);
  const view = new DataView(whole.buffer);
  view.setUint16(0, isOutgoing ? 4 : 0);
  view.setUint16(2, linkType);
  view.setUint16(14, etherType);
  whole.set(payload, SLL_HEADER);
  return whole;
}
