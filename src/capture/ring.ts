/**
 * The memory in which the kernel puts packets: a ring of blocks, which each side hands to the other by a word in it. See
 * packet(7), and the kernel's Documentation/networking/packet_mmap.rst for TPACKET_V3.
 */
import {
  AF_PACKET,
  attachFilter,
  bind,
  close,
  ETH_P_ALL,
  getsockname,
  getsockopt,
  linkIndexOf,
  linkNameOf,
  mapFile,
  type Mapping,
  PACKET_RX_RING,
  PACKET_STATISTICS,
  PACKET_VERSION,
  setsockopt,
  setsockoptInt,
  SOCK_RAW,
  socket,
  socketError,
  SOL_PACKET,
  TPACKET_V3,
} from "../../ffi/mod.ts";
import { isErrno } from "../errors.ts";
import { hasIndex, type LinkRef, targetOf } from "../netlink/link/ref.ts";
import { Netlink } from "../netlink/netlink.ts";
import { compileFilter } from "./filter/compile.ts";

/** A packet as it lies in the ring. */
export interface RingPacket {
  /** The time, in seconds since 1970, and nanoseconds. */
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly isOutgoing: boolean;
  /** The index of its link, and ARPHRD_… of that. */
  readonly linkIndex: number;
  readonly linkType: number;
  readonly etherType: number;
  /** Its full length, in bytes. */
  readonly length: number;
  /** Where the network header begins. */
  readonly networkOffset: number;
  /** What was taken of it. The memory is the ring's: the next packet may overwrite it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Calls a function in the namespace whose packets are captured. */
export type Inside = <T>(fn: () => T) => T;

/** What is captured, and how much of it waits. */
export interface RingOptions {
  /** The link. @default {all links} */
  readonly link: LinkRef | undefined;
  /** A program of classic BPF. */
  readonly program: Uint8Array;
  /** The most bytes of a packet. */
  readonly snapLength: number;
  /** How much waits for a reader, in bytes. */
  readonly buffer: number;
}

/** The largest packet fits a block, unless it is one of the jumbograms of IPv6. */
const BLOCK = 256 * 1024;
/** After how many milliseconds the kernel hands a block over that is not full. */
const RETIRE = 10;

// linux/if_packet.h: struct tpacket_block_desc, struct tpacket3_hdr, struct sockaddr_ll
const BLOCK_STATUS = 8;
const BLOCK_COUNT = 12;
const BLOCK_FIRST = 16;
const SOCKADDR = 48;
const OF_USER = 1;
const VLAN_VALID = 0x10;
const VLAN_TPID_VALID = 0x40;
const OUTGOING = 4;

const ARPHRD_LOOPBACK = 772;
const ETHER_ADDRESSES = 12;
const VLAN_TAG = 4;
const ETH_P_8021Q = 0x8100;

/** The index of a link in the namespace of a socket. The ioctl takes no alternative name that is longer than other names. */
function indexOf(fd: number, link: LinkRef, inside: Inside): number {
  if (hasIndex(link)) return link.index;
  const { name } = targetOf(link);
  if (name !== undefined) return linkIndexOf(fd, name);
  using netlink = inside(() => Netlink.open());
  return netlink.getLink(link).index;
}

/** A socket that receives packets into a ring. */
export class PacketRing implements Disposable {
  readonly #fd: number;
  readonly #link: number;
  readonly #snapLength: number;
  readonly #memory: Mapping;
  readonly #view: DataView;
  readonly #words: Int32Array;
  readonly #blocks: number;
  #isOpen = true;
  #isLinkGone = false;
  #dropped = 0;
  #block = 0;
  /** Where the next packet of the block is, and how many there are; -1 if the block is the kernel's. */
  #next = 0;
  #left = -1;

  private constructor(fd: number, link: number, blocks: number, memory: Mapping, snapLength: number) {
    this.#fd = fd;
    this.#link = link;
    this.#blocks = blocks;
    this.#memory = memory;
    this.#view = new DataView(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
    this.#snapLength = snapLength;
  }

  /**
   * Begins to receive.
   *
   * @throws {SyscallError} `EPERM`: no CAP_NET_RAW. `ENODEV`: there is no such link. `EINVAL`: the program is not valid.
   * `ENOMEM`: no memory for the ring.
   */
  static open(inside: Inside, { link, program, snapLength, buffer }: RingOptions): PacketRing {
    const fd = inside(() => socket(AF_PACKET, SOCK_RAW, 0)); // of no protocol: it receives nothing before bind(2)
    let memory: Mapping | undefined;
    try {
      const index = link === undefined ? 0 : indexOf(fd, link, inside);
      const blocks = Math.max(2, Math.ceil(buffer / BLOCK));
      setsockoptInt(fd, SOL_PACKET, PACKET_VERSION, TPACKET_V3);
      attachFilter(fd, program);
      // struct tpacket_req3: block size, blocks, frame size, frames, retire_blk_tov, sizeof_priv, feature_req_word
      const request = Uint32Array.of(BLOCK, blocks, BLOCK, blocks, RETIRE, 0, 0);
      setsockopt(fd, SOL_PACKET, PACKET_RX_RING, new Uint8Array(request.buffer));
      memory = mapFile(fd, BLOCK * blocks);
      bind(fd, linkAddress(index));
      return new PacketRing(fd, index, blocks, memory, snapLength);
    } catch (error) {
      memory?.[Symbol.dispose]();
      close(fd);
      throw error;
    }
  }

  /** True if {@linkcode PacketRing.next} has a packet now. */
  get isReady(): boolean {
    return this.#isOpen && (this.#left > 0 || this.#isHandedOver(this.#left < 0 ? this.#block : this.#following));
  }

  /** True if nothing was received that {@linkcode PacketRing.next} has not given or will have. */
  get isEmpty(): boolean {
    if (!this.#isOpen) return true;
    const block = this.#left < 0 ? this.#block : this.#following;
    return this.#left <= 0 && !this.#isHandedOver(block) &&
      this.#view.getUint32(block * BLOCK + BLOCK_COUNT, true) === 0;
  }

  /** True once the link was deleted: nothing comes any more. */
  get isOver(): boolean {
    if (!this.#isOpen || this.#isLinkGone) return true;
    if (this.#link === 0 || socketError(this.#fd) === 0) return false; // asking takes the error away
    const address = new Uint8Array(20);
    getsockname(this.#fd, address);
    return this.#isLinkGone = new DataView(address.buffer).getInt32(4, true) !== this.#link;
  }

  /** How many packets were lost, as the ring was full. */
  get dropped(): number {
    if (!this.#isOpen) return this.#dropped;
    const statistics = new Uint8Array(12); // struct tpacket_stats_v3: packets, drops, freezes, each since the last question
    getsockopt(this.#fd, SOL_PACKET, PACKET_STATISTICS, statistics);
    return this.#dropped += new DataView(statistics.buffer).getUint32(4, true);
  }

  /** The next packet, or undefined if there is none now. It ends the use of the one before. */
  next(): RingPacket | undefined {
    while (this.#isOpen) {
      if (this.#left === 0) this.#handBack();
      if (this.#left < 0 && !this.#take()) return undefined;
      const at = this.#next;
      this.#next = at + this.#view.getUint32(at, true);
      this.#left--;
      const packet = this.#read(at);
      if (packet !== undefined) return packet;
    }
    return undefined;
  }

  /** Receives nothing more; what was received is given out. */
  stop(): void {
    if (this.#isOpen) attachFilter(this.#fd, compileFilter(undefined, 0));
  }

  /** The name of a link, or `if7` once it is gone. */
  linkName(index: number): string {
    try {
      return linkNameOf(this.#fd, index);
    } catch (error) {
      if (isErrno(error, "ENODEV")) return `if${index}`;
      throw error;
    }
  }

  /** Ends it, with what was not read. Idempotent. */
  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    void this.dropped; // for who asks later
    this.#isOpen = false;
    this.#memory[Symbol.dispose]();
    close(this.#fd);
  }

  get #following(): number {
    return (this.#block + 1) % this.#blocks;
  }

  /** An atomic load: what the kernel wrote before it set the word is there after it. */
  #isHandedOver(block: number): boolean {
    return (Atomics.load(this.#words, (block * BLOCK + BLOCK_STATUS) / 4) & OF_USER) !== 0;
  }

  #take(): boolean {
    if (!this.#isHandedOver(this.#block)) return false;
    const start = this.#block * BLOCK;
    this.#left = this.#view.getUint32(start + BLOCK_COUNT, true);
    this.#next = start + this.#view.getUint32(start + BLOCK_FIRST, true);
    if (this.#left > 0) return true;
    this.#handBack();
    return this.#take();
  }

  #handBack(): void {
    const start = this.#block * BLOCK;
    this.#view.setUint32(start + BLOCK_COUNT, 0, true);
    Atomics.store(this.#words, (start + BLOCK_STATUS) / 4, 0);
    this.#block = this.#following;
    this.#left = -1;
  }

  /** The packet at `at`, or undefined for the first of the two times that a loopback link sees it. */
  #read(at: number): RingPacket | undefined {
    const view = this.#view;
    const isOutgoing = view.getUint8(at + SOCKADDR + 10) === OUTGOING;
    const linkType = view.getUint16(at + SOCKADDR + 8, true);
    if (isOutgoing && linkType === ARPHRD_LOOPBACK) return undefined;
    const [captured, status] = [view.getUint32(at + 12, true), view.getUint32(at + 20, true)];
    const [link, network] = [view.getUint16(at + 24, true), view.getUint16(at + 26, true)];
    const bytes = new Uint8Array(this.#memory.buffer, at + link, captured);
    const isTagged = (status & VLAN_VALID) !== 0 && captured >= ETHER_ADDRESSES;
    const tagged = isTagged ? withTag(bytes, view.getUint16(at + 32, true), tagType(view, at, status)) : bytes;
    const added = tagged.length - bytes.length;
    return {
      seconds: view.getUint32(at + 4, true),
      nanoseconds: view.getUint32(at + 8, true),
      isOutgoing,
      linkIndex: view.getInt32(at + SOCKADDR + 4, true),
      linkType,
      etherType: view.getUint16(at + SOCKADDR + 2),
      length: view.getUint32(at + 16, true) + added,
      networkOffset: network - link + added,
      bytes: tagged.length > this.#snapLength ? tagged.subarray(0, this.#snapLength) : tagged,
    };
  }
}

const tagType = (view: DataView, at: number, status: number): number =>
  (status & VLAN_TPID_VALID) !== 0 ? view.getUint16(at + 36, true) : ETH_P_8021Q;

/** Puts the tag of a VLAN, which the kernel keeps beside the packet, where it was. */
function withTag(bytes: Uint8Array<ArrayBuffer>, tag: number, type: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(bytes.length + VLAN_TAG);
  whole.set(bytes.subarray(0, ETHER_ADDRESSES));
  whole.set(bytes.subarray(ETHER_ADDRESSES), ETHER_ADDRESSES + VLAN_TAG);
  const view = new DataView(whole.buffer);
  view.setUint16(ETHER_ADDRESSES, type);
  view.setUint16(ETHER_ADDRESSES + 2, tag);
  return whole;
}

/** struct sockaddr_ll for bind(2): all protocols of a link, or of all links. */
function linkAddress(index: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, ETH_P_ALL);
  view.setInt32(4, index, true);
  return bytes;
}
