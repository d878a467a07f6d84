import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { packetLine, summaryOf } from "../../../src/cli/packet_line.ts";

/** A packet without the header of a link, as a TUN has it. */
const packet = (etherType: number, hex: string) => {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const time = Date.UTC(2026, 0, 1, 1, 2, 3, 4) + 0.125;
  return { time, direction: "out", link: "eth0", length: bytes.length, networkOffset: 0, etherType, bytes } as const;
};

describe("packetLine()", () => {
  it("says who sends what to whom", () => {
    // captured on lo of Linux 6.18: nc -u 127.0.0.1 53, ping -c 1 ::1
    const udp = "4500002100004000401100007f0000017f00000113880035000d0000" + "68656c6c6f";
    assertEquals(
      packetLine(packet(0x0800, udp)),
      "01:02:03.004125  eth0  out  UDP 127.0.0.1:5000 > 127.0.0.1:53, 33 bytes",
    );
    const echo = "6000000000083a40" + "0".repeat(31) + "1" + "0".repeat(31) + "1" + "8000000000000000";
    assertEquals(summaryOf(packet(0x86dd, echo)), { protocol: "ICMP6", from: "::1", to: "::1", info: "echo request" });
  });

  it("says what it can of what is cut short, and of what it does not know", () => {
    assertEquals(summaryOf(packet(0x0800, "4500")), { protocol: "IP", info: "cut short" });
    assertEquals(summaryOf(packet(0x88cc, "")), { protocol: "0x88cc" });
  });
});
