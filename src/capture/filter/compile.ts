/**
 * Filters as programs of classic BPF. What they load, they load from the network header (`SKF_NET_OFF`) and by the
 * protocol that the kernel knows (`SKF_AD_PROTOCOL`), so that one program fits links of all kinds. See the kernel's
 * Documentation/networking/filter.rst.
 */
import { ETHER_TYPES } from "../../netlink/constants/tc.ts";
import type { IpPrefix } from "../../ip/prefix.ts";
import type { CaptureProtocol, Expression } from "./expression.ts";

// linux/bpf_common.h, linux/filter.h
const LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const LOAD_HALF = 0x28; // BPF_LD | BPF_H | BPF_ABS
const LOAD_BYTE = 0x30; // BPF_LD | BPF_B | BPF_ABS
const LOAD_HALF_INDIRECT = 0x48; // BPF_LD | BPF_H | BPF_IND
const LOAD_X_HEADER_LENGTH = 0xb1; // BPF_LDX | BPF_MSH | BPF_B: X = 4 * (the low four bits)
const JUMP = 0x05; // BPF_JMP | BPF_JA
const IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const IF_MORE = 0x25; // BPF_JMP | BPF_JGT | BPF_K
const IF_AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const IF_SET = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K
const PROTOCOL = -0x1000; // SKF_AD_OFF + SKF_AD_PROTOCOL
const NETWORK = -0x100000; // SKF_NET_OFF

// linux/if_ether.h, netinet/in.h
const { ip: IPV4, arp: ARP, ipv6: IPV6 } = ETHER_TYPES;
const RARP = 0x8035;
const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMP6 = 58;
const SCTP = 132;
const IPV6_FRAGMENT = 44;

/** Where the fields of the headers are. */
const V4 = { protocol: 9, fragment: 6, source: 12, destination: 16 } as const;
const V6 = { protocol: 6, source: 8, destination: 24, ports: 40, protocolOfFragment: 40 } as const;
const ARP_FIELDS = { source: 14, destination: 24 } as const;
/** Not the first of the fragments: it has no ports. */
const FRAGMENT_OFFSET = 0x1fff;

const WORD = 4;

/** An instruction that a jump before it goes to. */
interface Label {
  at: number;
}

interface Instruction {
  readonly code: number;
  readonly k: number;
  /** Where a JUMP goes. */
  readonly to?: Label;
  /** The condition skips the next instruction if it does not hold. */
  readonly condition?: true;
}

/**
 * The program that lets through what fits.
 *
 * @param expression undefined fits everything.
 * @param snapLength How many bytes of a packet are taken.
 */
export function compileFilter(expression: Expression | undefined, snapLength: number): Uint8Array<ArrayBuffer> {
  const program = new Program();
  if (expression !== undefined) {
    const [yes, no] = [label(), label()];
    program.test(expression, yes, no);
    program.mark(no);
    program.add(RETURN, 0);
    program.mark(yes);
  }
  program.add(RETURN, snapLength);
  return program.bytes();
}

const label = (): Label => ({ at: -1 });

type Ports = Extract<Expression, { readonly kind: "ports" }>;
type Net = Extract<Expression, { readonly kind: "net" }>;

/** As in pcap-filter(7), where no protocol is named. */
const WITH_PORTS = [TCP, UDP, SCTP] as const;

class Program {
  readonly #instructions: Instruction[] = [];

  add(code: number, k: number): void {
    this.#instructions.push({ code, k });
  }

  mark(label: Label): void {
    label.at = this.#instructions.length;
  }

  /** Goes on at `yes` if the packet fits, otherwise at `no`. */
  test(expression: Expression, yes: Label, no: Label): void {
    switch (expression.kind) {
      case "not":
        return this.test(expression.inner, no, yes);
      case "and":
      case "or": {
        const second = label();
        if (expression.kind === "and") this.test(expression.left, second, no);
        else this.test(expression.left, yes, second);
        this.mark(second);
        return this.test(expression.right, yes, no);
      }
      case "protocol":
        return this.#protocol(expression.protocol, yes, no);
      case "ports":
        return this.#ports(expression, yes, no);
      case "net":
        return this.#net(expression, yes, no);
    }
  }

  #protocol(protocol: CaptureProtocol, yes: Label, no: Label): void {
    switch (protocol) {
      case "ip":
        return this.#is(LOAD_HALF, PROTOCOL, IPV4, yes, no);
      case "ip6":
        return this.#is(LOAD_HALF, PROTOCOL, IPV6, yes, no);
      case "arp":
        return this.#is(LOAD_HALF, PROTOCOL, ARP, yes, no);
      case "icmp":
        return this.#transport([ICMP], [IPV4], yes, no);
      case "icmp6":
        return this.#transport([ICMP6], [IPV6], yes, no);
      case "tcp":
        return this.#transport([TCP], [IPV4, IPV6], yes, no);
      case "udp":
        return this.#transport([UDP], [IPV4, IPV6], yes, no);
    }
  }

  /** One of the protocols, over one of the versions of IP. */
  #transport(
    protocols: readonly number[],
    versions: readonly number[],
    yes: Label,
    no: Label,
    fragments: "too" | "not" = "too",
  ): void {
    for (const version of versions) {
      const [isVersion, other] = [label(), label()];
      this.#is(LOAD_HALF, PROTOCOL, version, isVersion, other);
      this.mark(isVersion);
      this.add(LOAD_BYTE, NETWORK + (version === IPV4 ? V4 : V6).protocol);
      for (const protocol of protocols) this.#ifLoaded(IF_EQUAL, protocol, yes);
      if (version === IPV6 && fragments === "too") this.#fragment(protocols, yes, no);
      this.#jump(no);
      this.mark(other);
    }
    this.#jump(no);
  }

  /** A fragment of IPv6, whose protocol is loaded, is of one of the protocols. */
  #fragment(protocols: readonly number[], yes: Label, no: Label): void {
    const isFragment = label();
    this.#ifLoaded(IF_EQUAL, IPV6_FRAGMENT, isFragment);
    this.#jump(no);
    this.mark(isFragment);
    this.add(LOAD_BYTE, NETWORK + V6.protocolOfFragment);
    for (const protocol of protocols) this.#ifLoaded(IF_EQUAL, protocol, yes);
  }

  #ports(ports: Ports, yes: Label, no: Label): void {
    const [v4, notV4, ports4, v6, ports6] = [label(), label(), label(), label(), label()];
    this.#is(LOAD_HALF, PROTOCOL, IPV4, v4, notV4);
    this.mark(v4);
    this.#transport(WITH_PORTS, [IPV4], ports4, no, "not");
    this.mark(ports4);
    this.add(LOAD_HALF, NETWORK + V4.fragment);
    this.#ifLoaded(IF_SET, FRAGMENT_OFFSET, no);
    this.add(LOAD_X_HEADER_LENGTH, NETWORK);
    this.#portsAt(LOAD_HALF_INDIRECT, NETWORK, ports, yes, no);
    this.mark(notV4);
    this.#is(LOAD_HALF, PROTOCOL, IPV6, v6, no);
    this.mark(v6);
    this.#transport(WITH_PORTS, [IPV6], ports6, no, "not");
    this.mark(ports6);
    this.#portsAt(LOAD_HALF, NETWORK + V6.ports, ports, yes, no);
  }

  #portsAt(load: number, at: number, { first, last, end }: Ports, yes: Label, no: Label): void {
    for (const offset of [...end === "dst" ? [] : [0], ...end === "src" ? [] : [2]]) {
      const outside = label();
      this.add(load, at + offset);
      this.#ifLoaded(IF_MORE, last, outside);
      this.#ifLoaded(IF_AT_LEAST, first, yes);
      this.mark(outside);
    }
    this.#jump(no);
  }

  #net({ net, end }: Net, yes: Label, no: Label): void {
    const headers = net.address.family === 4
      ? [[IPV4, V4], [ARP, ARP_FIELDS], [RARP, ARP_FIELDS]] as const
      : [[IPV6, V6]] as const;
    for (const [protocol, fields] of headers) {
      const [fits, other] = [label(), label()];
      this.#is(LOAD_HALF, PROTOCOL, protocol, fits, other);
      this.mark(fits);
      if (end !== "dst") this.#address(fields.source, net, yes);
      if (end !== "src") this.#address(fields.destination, net, yes);
      this.#jump(no);
      this.mark(other);
    }
    this.#jump(no);
  }

  /** Goes to `yes` if the address at `offset` is in this network, and goes on if it is not. */
  #address(offset: number, { address: { bytes }, length }: IpPrefix, yes: Label): void {
    const different = label();
    const view = new DataView(Uint8Array.from(bytes).buffer);
    for (let at = 0; 8 * at < length; at += WORD) {
      const next = label();
      const bits = Math.min(32, length - 8 * at);
      this.add(LOAD_WORD, NETWORK + offset + at);
      if (bits < 32) this.add(AND, -(2 ** (32 - bits)));
      this.#ifLoaded(IF_EQUAL, view.getUint32(at), next);
      this.#jump(different);
      this.mark(next);
    }
    this.#jump(yes);
    this.mark(different);
  }

  #is(load: number, at: number, value: number, yes: Label, no: Label): void {
    this.add(load, at);
    this.#ifLoaded(IF_EQUAL, value, yes);
    this.#jump(no);
  }

  /** The jumps of a condition reach 255 instructions; a JUMP beside it reaches all. */
  #ifLoaded(code: number, value: number, yes: Label): void {
    this.#instructions.push({ code, k: value, condition: true });
    this.#jump(yes);
  }

  #jump(to: Label): void {
    this.#instructions.push({ code: JUMP, k: 0, to });
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#instructions.length * 8); // struct sock_filter: u16 code, u8 jt, u8 jf, u32 k
    const view = new DataView(bytes.buffer);
    this.#instructions.forEach(({ code, k, to, condition }, index) => {
      view.setUint16(index * 8, code, true);
      view.setUint8(index * 8 + 3, condition ? 1 : 0);
      view.setUint32(index * 8 + 4, to === undefined ? k >>> 0 : to.at - index - 1, true);
    });
    return bytes;
  }
}
