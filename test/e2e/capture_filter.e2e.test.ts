/** The language of filters beside that of tcpdump: of packets by chance, both take the same. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { compileFilter } from "../../src/capture/filter/compile.ts";
import { parseFilter } from "../../src/capture/filter/parse.ts";
import fc from "../support/properties.ts";

const ETHERNET = 14;
const HOSTS4 = ["10.0.0.1", "10.0.0.2", "10.1.0.1", "192.0.2.1"].map((text) => text.split(".").map(Number));
const HOSTS6 = [1, 2, 3].map((last) => [0xfd, ...Array<number>(14).fill(0), last]);
const PORTS = [53, 80, 8000, 8005, 65535];
const half = (value: number): number[] => [value >> 8, value & 255];

/** Ports, and what follows. */
const anyPorts = fc.tuple(fc.constantFrom(...PORTS), fc.constantFrom(...PORTS))
  .map(([from, to]) => [...half(from), ...half(to), ...Array<number>(20).fill(0)]);
const anyIp4 = fc.tuple(
  fc.constantFrom(...HOSTS4),
  fc.constantFrom(...HOSTS4),
  fc.constantFrom(1, 2, 6, 17, 58, 132),
  fc.constantFrom(0, 0x2000, 0x4000, 5),
  fc.constantFrom(5, 6, 15),
  anyPorts,
).map(([from, to, protocol, fragment, words, ports]) => [
  ...half(0x0800),
  ...[0x40 | words, 0, 0, 100, 0, 0, ...half(fragment), 64, protocol, 0, 0, ...from, ...to],
  ...Array<number>(4 * (words - 5)).fill(1),
  ...ports,
]);
const anyIp6 = fc.tuple(
  fc.constantFrom(...HOSTS6),
  fc.constantFrom(...HOSTS6),
  fc.constantFrom(1, 6, 17, 44, 58, 132),
  fc.constantFrom(1, 6, 17, 58, 132),
  anyPorts,
).map(([from, to, next, inner, ports]) => [
  ...half(0x86dd),
  ...[0x60, 0, 0, 0, 0, 40, next, 64, ...from, ...to],
  ...next === 44 ? [inner, 0, 0, 0, 0, 0, 0, 1] : [],
  ...ports,
]);
const anyArp = fc.tuple(fc.constantFrom(0x0806, 0x8035), fc.constantFrom(...HOSTS4), fc.constantFrom(...HOSTS4)).map(
  ([type, from, to]) => [...half(type), 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, ...from, 2, 0, 0, 0, 0, 2, ...to],
);
const anyPacket = fc.oneof(
  anyIp4,
  anyIp6,
  anyArp,
  fc.constant([...half(0x88cc), ...Array<number>(40).fill(7)]),
).map((bytes) => Uint8Array.from([...Array<number>(12).fill(2), ...bytes]));

const anyEnd = fc.constantFrom("", "src ", "dst ");
const anyOf = (...words: string[]) => fc.constantFrom(...words);
const anyValue = fc.oneof(
  fc.tuple(anyOf("", "tcp ", "udp "), anyEnd, anyOf("port 53", "port 80", "portrange 80-8000", "portrange 8005-8000"))
    .map((words) => words.join("")),
  fc.tuple(
    anyOf("", "ip ", "arp "),
    anyEnd,
    anyOf("host 10.0.0.1", "net 10.0.0.0/8", "net 10.0.0.0/31", "net 0.0.0.0/0"),
  )
    .map((words) => words.join("")),
  fc.tuple(anyOf("", "ip6 "), anyEnd, anyOf("host fd00::1", "net fd00::/8", "net fd00::2/127", "net ::/0"))
    .map((words) => words.join("")),
);
const anyTest = fc.oneof(
  anyValue,
  anyOf("ip", "ip6", "arp", "icmp", "icmp6", "tcp", "udp"),
  anyOf("port 53 or 80", "tcp port 80 and not 53", "host 10.0.0.1 or 192.0.2.1", "src portrange 1-100 or 8000-9000"),
);
const { filter: anyFilter } = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    anyTest,
    tie("filter").map((one) => `not (${one})`),
    fc.tuple(tie("filter"), anyOf("and", "or", "&&", "||"), tie("filter")).map(([a, by, b]) => `(${a}) ${by} (${b})`),
    fc.tuple(anyTest, anyOf("and", "or"), anyValue).map((words) => words.join(" ")),
  ),
}));

/** What the kernel does with a program of classic BPF: false if it drops the packet. See Linux's filter.rst. */
function takes(program: Uint8Array<ArrayBuffer>, packet: Uint8Array): boolean {
  const instructions = new DataView(program.buffer);
  const [view, type] = [new DataView(packet.buffer, ETHERNET), (packet[12] ?? 0) << 8 | (packet[13] ?? 0)];
  let [a, x] = [0, 0];
  for (let at = 0;; at += 8) {
    const [code, k] = [instructions.getUint16(at, true), instructions.getInt32(at + 4, true)];
    const jump = (holds: boolean): void => void (at += 8 * instructions.getUint8(at + (holds ? 2 : 3)));
    const offset = k + 0x100000; // SKF_NET_OFF
    const size = code === 0x20 ? 4 : code === 0x28 || code === 0x48 ? 2 : 1;
    const from = code === 0x48 ? offset + x : offset;
    const isLoad = [0x20, 0x28, 0x30, 0x48, 0xb1].includes(code);
    if (code === 0x28 && k === -0x1000) a = type; // SKF_AD_OFF + SKF_AD_PROTOCOL
    else if (isLoad && from + size > view.byteLength) return false;
    else if (code === 0x20) a = view.getUint32(from);
    else if (size === 2 && isLoad) a = view.getUint16(from);
    else if (code === 0x30) a = view.getUint8(from);
    else if (code === 0xb1) x = 4 * (view.getUint8(from) & 15);
    else if (code === 0x54) a = (a & k) >>> 0;
    else if (code === 0x05) at += 8 * k;
    else if (code === 0x15) jump(a === k >>> 0);
    else if (code === 0x25) jump(a > k >>> 0);
    else if (code === 0x35) jump(a >= k >>> 0);
    else if (code === 0x45) jump((a & k) !== 0);
    else if (code === 0x06) return k !== 0;
    else throw new Error(`An instruction that there is not: ${code}`);
  }
}

/** The packets as a file for tcpdump; the time of each is its number. */
function pcapOf(packets: readonly Uint8Array[]): Uint8Array {
  const words = (...values: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
  const parts = [words(0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1)];
  packets.forEach((packet, i) => parts.push(words(i + 1, 0, packet.length, packet.length), packet));
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

describe("a filter of packets", () => {
  it("takes what tcpdump takes", () => {
    const directory = mkdtempSync(join(tmpdir(), "netns-filter-"));
    const file = join(directory, "packets.pcap");
    const { FILTER_CASES = "100" } = process.env;
    try {
      const anyPackets = fc.array(anyPacket, { minLength: 60, maxLength: 60 });
      fc.assert(
        fc.property(anyPackets, anyFilter, (packets, filter) => {
          writeFileSync(file, pcapOf(packets));
          const { status, stdout, stderr } = spawnSync("tcpdump", ["-tt", "-n", "-r", file, filter], {
            encoding: "utf8",
          });
          assert(status === 0 || stderr.includes("expression rejects all packets"), `${filter}: ${stderr}`);
          const theirs = [...stdout.matchAll(/^(\d+)\.0/gm)].map(([, second]) => Number(second) - 1);
          const program = compileFilter(parseFilter(filter), 96);
          const ours = packets.flatMap((packet, i) => takes(program, packet) ? [i] : []);
          assertEquals(ours, theirs, filter);
        }),
        { numRuns: Number(FILTER_CASES) },
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
