import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Writer } from "../../../../src/netlink/wire/buffers.ts";
import { MalformedMessageError } from "../../../../src/netlink/wire/malformed.ts";
import { answers, frame, NLM_F_ACK, refusal } from "../../../../src/netlink/wire/framing.ts";
import { hex, valueOrTypedError } from "../check.ts";

const bytesOf = (...text: readonly string[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.join("").match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

// What the kernel (6.18) answered: whole, with the header. Capped: to a socket with NETLINK_CAP_ACK and
// NETLINK_EXT_ACK, as ours; uncapped: to `ip`, which does not set the first.
const ACK = bytesOf("240000000200000107000000525800000000000020000000100005000700000000000000");
/** `ip route add 10.99.0.0/16 via 9.9.9.9` */
const REFUSED = bytesOf(
  "440000000200000307000000525800009bffffff2c00000018000506070000000000000020000100",
  "4e657874686f702068617320696e76616c6964206761746577617900",
);
const REFUSED_UNCAPPED = bytesOf(
  "6000000002000002cbfb046b014100009bffffff2c00000018000506cbfb046b0000000002100000fe03000100000000",
  "080001000a6300000800050009090909200001004e657874686f702068617320696e76616c6964206761746577617900",
);
/** RTM_NEWLINK with an IFLA_MTU of two bytes: a text, the place in the request, the policy. */
const REFUSED_AT = bytesOf(
  "78000000020000030700000052580000deffffff2800000010000500070000000000000027000100417474726962757465206661",
  "696c656420706f6c6963792076616c69646174696f6e00000800020020000000240004800c00040000000000000000000c000500",
  "ffffffff000000000800010004000000",
);
/** `ip link show nosuch`: no text */
const REFUSED_MUTE = bytesOf("24000000020000010700000052580000edffffff20000000120005000700000000000000");
/** `ip route show table 4711`: the end of a dump that failed */
const DUMP_REFUSED = bytesOf(
  "3800000003002202ccfb046b2f410000feffffff23000100697076343a20464942207461626c6520646f6573206e6f742065786973740000",
);
const DUMP_DONE = bytesOf("1400000003000200cbfb046b7040000000000000");
/** `ip netns list-id` */
const ONE_OF_A_DUMP = bytesOf("1c00000058000200cbfb046b70400000000000000800010000000000");

describe("answers()", () => {
  const only = (bytes: Uint8Array): unknown => {
    const all = [...answers(bytes)];
    assertEquals(all.length, 1);
    return all[0];
  };

  it("reads the outcome of a request, with the kernel's text", () => {
    assertEquals(only(ACK), {
      kind: "end",
      seq: 7,
      interrupted: false,
      errno: 0,
      detail: undefined,
      offset: undefined,
    });
    const refused = {
      kind: "end",
      seq: 7,
      interrupted: false,
      errno: 101,
      detail: "Nexthop has invalid gateway",
      offset: undefined,
    };
    assertEquals(only(REFUSED), refused);
    assertEquals(only(REFUSED_UNCAPPED), { ...refused, seq: 0x6b04fbcb });
    assertEquals(only(REFUSED_MUTE), { ...refused, errno: 19, detail: undefined });
  });

  it("reads which attribute was refused", () => {
    assertEquals(only(REFUSED_AT), {
      kind: "end",
      seq: 7,
      interrupted: false,
      errno: 34,
      detail: "Attribute failed policy validation",
      offset: 32,
    });
  });

  it("reads the end of a dump, and of one that failed", () => {
    assertEquals(only(DUMP_DONE), {
      kind: "end",
      seq: 0x6b04fbcb,
      interrupted: false,
      errno: 0,
      detail: undefined,
      offset: undefined,
    });
    assertEquals(only(DUMP_REFUSED), {
      kind: "end",
      seq: 0x6b04fbcc,
      interrupted: false,
      errno: 2,
      detail: "ipv4: FIB table does not exist",
      offset: undefined,
    });
  });

  it("reads several messages", () => {
    const all = [...answers(Uint8Array.of(...ONE_OF_A_DUMP, ...ONE_OF_A_DUMP, ...DUMP_DONE))];
    assertEquals(all.map(({ kind }) => kind), ["message", "message", "end"]);
    assertEquals(all[0]?.kind === "message" && [all[0].type, hex(all[0].body)], [88, "000000000800010000000000"]);
  });

  it("reads that a dump changed meanwhile", () => {
    for (const message of [ONE_OF_A_DUMP, DUMP_DONE]) {
      const interrupted = message.slice();
      interrupted[6] = 0x12; // NLM_F_MULTI | NLM_F_DUMP_INTR
      assertEquals([...answers(interrupted)].map((answer) => answer.interrupted), [true]);
    }
  });

  it("refuses an impossible length", () => {
    const short = ACK.slice();
    short[0] = 15;
    assertThrows(() => [...answers(short)], MalformedMessageError, "15 bytes");
    const endless = ACK.slice();
    endless[0] = 0;
    assertThrows(() => [...answers(endless)], MalformedMessageError, "0 bytes");
    const long = ACK.slice();
    long[3] = 0x7f;
    assertThrows(() => [...answers(long)], MalformedMessageError);
  });

  it("gives a value or a MalformedMessageError for an answer that is cut short", () => {
    for (const whole of [ACK, REFUSED, REFUSED_UNCAPPED, REFUSED_AT, DUMP_REFUSED]) {
      for (let length = 0; length < whole.length; length++) {
        valueOrTypedError(() => [...answers(whole.slice(0, length))]);
        // Also where the length in the header says that this is all.
        const shorter = whole.slice(0, length);
        if (length >= 4) shorter[0] = length;
        valueOrTypedError(() => [...answers(shorter)]);
      }
    }
  });
});

describe("refusal()", () => {
  const request = { type: 16, flags: 0, body: bytesOf("00".repeat(16), "06000400ffff0000"), label: "RTM_NEWLINK v0" };
  const outcome = { errno: 34, detail: "Attribute failed policy validation", offset: 32 };

  it("has the kernel's text and the attribute that it is about", () => {
    const error = refusal(request, outcome);
    assertEquals([error.request, error.code], ["RTM_NEWLINK v0", "ERANGE"]);
    assertEquals(error.detail, "Attribute failed policy validation (attribute 4, at byte 32 of the request)");
    assertEquals(refusal(request, { ...outcome, detail: undefined }).detail?.startsWith("refused (attribute 4"), true);
  });

  it("has the name of the field, where the request knows it", () => {
    const fieldAt = (_body: Uint8Array, offset: number): string => `the field at ${offset}`;
    const error = refusal({ ...request, fieldAt }, { ...outcome, at: 32 });
    assertEquals(error.field, "the field at 16");
    assertEquals(error.detail, "Attribute failed policy validation (the field at 16, at byte 32 of the request)");
    const said = refusal({ ...request, fieldAt }, { errno: 22, detail: "Invalid gateway", offset: undefined, at: 32 });
    assertEquals(said.detail, "Invalid gateway");
    assertEquals(said.message, "RTM_NEWLINK v0: Invalid argument (EINVAL): Invalid gateway (the field at 16)");
  });

  it("has less where the kernel says less, or points outside of the request", () => {
    for (const offset of [undefined, 0, 15, 38, 2 ** 32 - 1]) {
      assertEquals(refusal(request, { ...outcome, offset }).detail, "Attribute failed policy validation");
    }
    assertEquals(refusal(request, { errno: 19, detail: undefined, offset: undefined }).detail, undefined);
  });
});

describe("frame()", () => {
  it("puts requests one after the other, each where a multiple of four begins", () => {
    const out = new Writer();
    frame(out, { type: 18, flags: NLM_F_ACK, body: Uint8Array.of(1, 2, 3), label: "" }, 7);
    frame(out, { type: 16, flags: 0, body: new Uint8Array(0), label: "" }, 8);
    assertEquals(
      hex(out.bytes()),
      [
        "13000000120005000700000000000000",
        "01020300",
        "10000000100001000800000000000000",
      ].join(""),
    );
  });
});
