import { assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeClass } from "../../../../../src/netlink/tc/class/reply.ts";
import {
  deleteClassRequest,
  listClassesRequest,
  newClassRequest,
} from "../../../../../src/netlink/tc/class/request.ts";
import type { TcClassSpec } from "../../../../../src/netlink/tc/class/types.ts";
import { bytesOf, mostBurst, ticksOfBurst } from "../../../../../src/netlink/tc/rate.ts";
import { checkTruncated, hex } from "../../check.ts";
import { checkRequest, indexOf } from "../check.ts";
import { CLASSES } from "./vectors.ts";

const HTB: TcClassSpec = {
  link: "v0",
  kind: "htb",
  parent: "1:1",
  handle: "1:10",
  rate: 62_500,
  ceil: 125_000,
  burst: 15 << 10,
  cburst: 3 << 10,
  prio: 2,
  quantum: 3000,
};

describe("newClassRequest()", () => {
  it("writes what tc writes, but for the tables, which tc rounds", () => {
    checkRequest(newClassRequest(HTB, "add", indexOf).body, CLASSES.addHtb, 0, [3, 4]);
  });

  it("writes rates beyond 32 bits as tc does", () => {
    const spec: TcClassSpec = {
      ...{ link: "v0", kind: "htb", parent: "1:1", handle: "1:30", rate: 5_000_000_000, ceil: 5_500_000_000 },
      ...{ overhead: 14, mpu: 64, linklayer: "atm", mtu: 9000 },
    };
    checkRequest(newClassRequest(spec, "add", indexOf).body, CLASSES.addHtb40, 0, [1, 3, 4]);
  });

  it("sends back what was listed, so that it is the same again", () => {
    for (const vector of [CLASSES.htb, CLASSES.htbRoot, CLASSES.htb40, CLASSES.drr, CLASSES.hfsc]) {
      const listed = decodeClass(vector.bytes);
      const { bytes: _b, packets: _p, leaf: _l, level: _v, ...same } = { level: 0, leaf: "", ...listed };
      for (const change of ["add", "replace"] as const) {
        assertObjectMatch(decodeClass(newClassRequest(listed, change, indexOf).body), same, vector.command);
      }
    }
  });

  it("sends each burst back as the ticks that were listed of it", () => {
    for (const rate of [1, 2, 3, 7, 125, 99_999, 62_500_000, 4_294_967_295]) {
      for (const ticks of [1, 2, 3, 999, 15_625_000, 4_281_250_000, 0xfffffffe, 0xffffffff]) {
        assertEquals(ticksOfBurst(rate, bytesOf(rate, ticks), "burst"), ticks, `${rate} ${ticks}`);
      }
      assertEquals(ticksOfBurst(rate, mostBurst(rate), "burst") <= 0xffffffff, true);
      assertThrows(() => ticksOfBurst(rate, mostBurst(rate) + 1, "burst"), RangeError, "as burst: expected at most");
    }
  });

  it("refuses what is none of the kind, and what the kind lacks", () => {
    assertThrows(() => newClassRequest({ link: "v0", kind: "htb", parent: "1:" }, "add", indexOf), TypeError, "rate");
    const wrong: TcClassSpec = Object.assign({ ...HTB }, JSON.parse('{"sealing":1}')); // from untyped code
    assertThrows(() => newClassRequest(wrong, "add", indexOf), TypeError, 'Cannot use "sealing" as a field of a class');
  });
});

describe("deleteClassRequest()", () => {
  it("writes what tc writes", () => {
    assertEquals(hex(deleteClassRequest({ link: "v0", handle: "1:30" }, indexOf).body), hex(CLASSES.deleteHtb.bytes));
    const listed = deleteClassRequest(decodeClass(CLASSES.htb40.bytes), indexOf);
    assertEquals(hex(listed.body.subarray(0, 20)), hex(CLASSES.deleteHtb.bytes));
  });
});

describe("listClassesRequest()", () => {
  it("writes what tc writes", () => assertEquals(hex(listClassesRequest(10).body), "000000000a" + "00".repeat(15)));
});

describe("decodeClass()", () => {
  it("reads what the kernel wrote", () => {
    const counters = { bytes: 0n, packets: 0n, drops: 0, overlimits: 0, requeues: 0, backlog: 0, qlen: 0 };
    assertObjectMatch(decodeClass(CLASSES.htb.bytes), {
      ...{ linkIndex: 10, kind: "htb", handle: "1:10", parent: "1:1", leaf: "20:", rate: 62_500, ceil: 125_000 },
      ...{ burst: 15 << 10, cburst: 3 << 10, prio: 2, quantum: 3000, ...counters },
    });
    assertObjectMatch(decodeClass(CLASSES.htbRoot.bytes), { parent: "root", handle: "1:1", cburst: 1600, level: 7 });
    assertObjectMatch(decodeClass(CLASSES.htb40.bytes), { rate: 5_000_000_000, ceil: 5_500_000_000, linklayer: "atm" });
    assertObjectMatch(decodeClass(CLASSES.prio.bytes), { kind: "prio", handle: "1:1", parent: "1:" });
    assertEquals("data" in decodeClass(CLASSES.drr.bytes), true);
  });

  it("gives a value or a MalformedMessageError for a message that is cut short", () => {
    for (const vector of [CLASSES.htb, CLASSES.drr, CLASSES.hfsc, CLASSES.prio]) checkTruncated(decodeClass, vector);
  });
});
