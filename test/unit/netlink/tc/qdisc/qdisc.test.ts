import { assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { QdiscSpec } from "../../../../../src/netlink/tc/qdisc/types.ts";
import { QDISC_KINDS } from "../../../../../src/netlink/tc/qdisc/qdisc_kinds.ts";
import * as registry from "../../../../../src/netlink/tc/qdisc/kinds/all_qdiscs.ts";
import { decodeQdisc } from "../../../../../src/netlink/tc/qdisc/reply.ts";
import { deleteQdiscRequest, listQdiscsRequest, newQdiscRequest } from "../../../../../src/netlink/tc/qdisc/request.ts";
import { tcMessage } from "../../../../../src/netlink/tc/message.ts";
import { checkTruncated, hex } from "../../check.ts";
import { checkRequest, indexOf } from "../check.ts";
import { QDISCS } from "./vectors.ts";

const V0 = { link: "v0", handle: "10:" } as const;

/** Options as people write them, what tc wrote for the same, what the kernel made of it, and how that is listed. */
interface Case {
  readonly spec: QdiscSpec;
  readonly add?: keyof typeof QDISCS;
  readonly kernel: keyof typeof QDISCS;
  readonly listed: object;
  /** How many bytes a struct before the attributes has. */
  readonly head?: number;
  /** Attributes that `tc` rounds to microseconds, or does not send. */
  readonly without?: readonly number[];
}

const CASES: readonly Case[] = [
  {
    spec: {
      ...V0,
      kind: "netem",
      delay: 100_000_000,
      jitter: 10_000_000,
      delayCorrelation: 25,
      loss: 1,
      lossCorrelation: 25,
      duplicate: 2,
      duplicateCorrelation: 5,
      reorder: 3,
      reorderCorrelation: 50,
      gap: 5,
      corrupt: 0.1,
      corruptCorrelation: 10,
      rate: 125_000,
      packetOverhead: 20,
      cellSize: 100,
      cellOverhead: 5,
      ecn: true,
    },
    add: "addNetem",
    kernel: "netem",
    head: 24,
    listed: {
      limit: 1000,
      delay: 100_000_000,
      jitter: 10_000_000,
      delayCorrelation: 25,
      loss: 1,
      duplicate: 2,
      reorder: 3,
      reorderCorrelation: 50,
      gap: 5,
      corrupt: 0.1,
      rate: 125_000,
      packetOverhead: 20,
      cellSize: 100,
      cellOverhead: 5,
      ecn: true,
    },
  },
  {
    spec: { ...V0, kind: "netem", limit: 500, lossState: { p13: 1, p31: 30, p32: 2, p23: 40, p14: 5 } },
    add: "addNetemState",
    kernel: "netemState",
    head: 24,
    listed: { limit: 500, lossState: { p13: 1, p31: 30, p32: 2, p23: 40, p14: 5 } },
  },
  {
    spec: { ...V0, kind: "netem", lossGemodel: { p: 1, r: 10, oneMinusH: 70, oneMinusK: 0.1 } },
    add: "addNetemGemodel",
    kernel: "netemGemodel",
    head: 24,
    listed: { lossGemodel: { p: 1, r: 10, oneMinusH: 70, oneMinusK: 0.1 } },
  },
  {
    spec: {
      ...V0,
      kind: "netem",
      rate: 1_250_000_000,
      slot: { min: 800_000, max: 1_000_000, packets: 10, bytes: 5000 },
    },
    add: "addNetemSlot",
    kernel: "netemSlot",
    head: 24,
    listed: { rate: 1_250_000_000, slot: { min: 800_000, max: 1_000_000, packets: 10, bytes: 5000 } },
  },
  {
    spec: { ...V0, kind: "netem", rate: 5_000_000_000, slot: { delay: 1_000_000, jitter: 100_000, packets: 3 } },
    kernel: "netemSlotJitter",
    listed: { rate: 5_000_000_000, slot: { delay: 1_000_000, jitter: 100_000, packets: 3, bytes: 0 } },
  },
  {
    spec: { ...V0, kind: "tbf", rate: 125_000, burst: 4096, latency: 400_000_000 },
    add: "addTbf",
    without: [2, 6], // the table, which tc rounds; and TCA_TBF_BURST, which is the same again
    kernel: "tbf",
    listed: { rate: 125_000, burst: 4096, limit: 54_096, overhead: 0, linklayer: "ethernet" },
  },
  {
    spec: {
      ...V0,
      kind: "tbf",
      rate: 5_000_000_000,
      burst: 1_155_000,
      limit: 10 << 20,
      peakrate: 5_500_000_000,
      minburst: 71_500,
    },
    kernel: "tbf40",
    listed: { rate: 5_000_000_000, limit: 10 << 20, peakrate: 5_500_000_000, overhead: 14, linklayer: "atm" },
  },
  {
    spec: {
      ...V0,
      kind: "fq",
      limit: 5000,
      flowLimit: 50,
      quantum: 3000,
      initialQuantum: 15_000,
      maxrate: 1_250_000,
      buckets: 512,
      refillDelay: 50_000,
      lowRateThreshold: 125_000,
      ceThreshold: 5000,
      timerSlack: 20_000,
      horizon: 5_000_000,
      horizonDrop: false,
      orphanMask: 511,
    },
    add: "addFq",
    kernel: "fq",
    listed: { limit: 5000, flowLimit: 50, buckets: 512, pacing: true, refillDelay: 50_000, horizonDrop: false },
  },
  {
    spec: {
      ...V0,
      kind: "fq_codel",
      limit: 1000,
      flows: 256,
      target: 2999, // as the kernel lists the 3000 of tc
      interval: 49_999,
      quantum: 1000,
      ceThreshold: 999,
      ecn: false,
      memoryLimit: 1 << 20,
      dropBatch: 32,
    },
    add: "addFqCodel",
    kernel: "fqCodel",
    listed: { limit: 1000, flows: 256, target: 2999, interval: 49_999, ceThreshold: 999, ecn: false, dropBatch: 32 },
  },
  {
    spec: { ...V0, kind: "codel", limit: 500, target: 2999, interval: 49_999, ecn: true, ceThreshold: 999 },
    add: "addCodel",
    kernel: "codel",
    listed: { limit: 500, target: 2999, interval: 49_999, ecn: true, ceThreshold: 999 },
  },
  {
    spec: {
      ...V0,
      kind: "cake",
      bandwidth: 1_250_000,
      diffserv: "diffserv4",
      flowmode: "triple-isolate",
      nat: true,
      wash: true,
      ingress: true,
      ackFilter: "enabled",
      rtt: 50_000,
      target: 2500,
      memlimit: 2 << 20,
      fwmark: 0xf0,
      atm: "noatm",
      overhead: 18,
      mpu: 64,
      splitGso: false,
      autorate: false,
    },
    add: "addCake",
    kernel: "cake",
    listed: { bandwidth: 1_250_000, diffserv: "diffserv4", flowmode: "triple-isolate", nat: true, raw: false, mpu: 64 },
    without: [8], // tc 6.1 writes another target
  },
  {
    spec: {
      ...V0,
      kind: "cake",
      bandwidth: 0,
      diffserv: "besteffort",
      flowmode: "flowblind",
      atm: "atm",
      autorate: true,
    },
    add: "addCakeUnlimited",
    kernel: "cakeUnlimited",
    listed: { bandwidth: 0, diffserv: "besteffort", flowmode: "flowblind", atm: "atm", autorate: true, raw: true },
  },
  {
    spec: { ...V0, kind: "sfq", limit: 100, perturb: 10, quantum: 2000, depth: 64, divisor: 512, flows: 50 },
    add: "addSfq",
    kernel: "sfq",
    head: 72,
    listed: { limit: 100, perturb: 10, quantum: 2000, depth: 64, divisor: 512, flows: 50, headdrop: false },
  },
  {
    spec: {
      ...V0,
      kind: "sfq",
      headdrop: true,
      redflowlimit: 100_000,
      min: 8000,
      max: 60_000,
      probability: 10,
      ecn: true,
      harddrop: true,
    },
    add: "addSfqRed",
    kernel: "sfqRed",
    head: 72,
    listed: { headdrop: true, min: 8000, max: 60_000, probability: 10, ecn: true, ewma: 6 },
  },
  { spec: { ...V0, kind: "pfifo", limit: 77 }, add: "addPfifo", kernel: "pfifo", head: 4, listed: { limit: 77 } },
  {
    spec: { ...V0, kind: "bfifo", limit: 77_000 },
    add: "addBfifo",
    kernel: "bfifo",
    head: 4,
    listed: { limit: 77_000 },
  },
  {
    spec: { ...V0, kind: "pfifo_fast" },
    add: "addPfifoFast",
    kernel: "pfifoFast",
    listed: { bands: 3, priomap: [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1] },
  },
  {
    spec: { ...V0, kind: "prio", bands: 4, priomap: [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 3] },
    add: "addPrio",
    kernel: "prio",
    head: 20,
    listed: { bands: 4, priomap: [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 3] },
    without: [2], // of multiq, which the kernel has long ignored
  },
  {
    spec: { ...V0, kind: "red", limit: 400_000, min: 30_000, max: 90_000, burst: 55, ecn: true, probability: 10 },
    kernel: "red",
    listed: { limit: 400_000, min: 30_000, max: 90_000, ecn: true, harddrop: false, probability: 10 },
  },
  {
    spec: {
      ...V0,
      kind: "red",
      limit: 400_000,
      min: 30_000,
      max: 90_000,
      adaptive: true,
      ecn: true,
      harddrop: true,
      nodrop: true,
    },
    add: "addRedAdaptive",
    kernel: "redAdaptive",
    listed: { limit: 400_000, adaptive: true, ecn: true, harddrop: true, nodrop: true },
  },
  {
    spec: { link: "v0", kind: "htb", handle: "1:", default: 0x30, r2q: 5, directQlen: 500 },
    add: "addHtb",
    kernel: "htb",
    listed: { handle: "1:", default: 0x30, r2q: 5, directQlen: 500, directPacketsStat: 0, offload: false },
  },
  { spec: { link: "v0", kind: "ingress" }, add: "addIngress", kernel: "ingress", listed: { parent: "ingress" } },
  { spec: { link: "v0", kind: "clsact" }, add: "addClsact", kernel: "clsact", listed: { parent: "clsact" } },
  { spec: { link: "v0", kind: "noqueue" }, add: "addNoqueue", kernel: "noqueue", listed: { parent: "root" } },
];

/** The times of codel as the kernel lists them: it counts in 1024 nanoseconds. */
function asKernelLists(sent: object): object {
  const times = Object.entries(sent).filter(([key]) => ["target", "interval", "ceThreshold"].includes(key));
  if ("kind" in sent && sent.kind !== "codel" && sent.kind !== "fq_codel") return sent;
  const listed = (us: number): number => Math.floor(Math.floor(us * 1000 / 1024) * 1024 / 1000);
  return { ...sent, ...Object.fromEntries(times.map(([key, us]) => [key, listed(Number(us))])) };
}

describe("newQdiscRequest()", () => {
  for (const { spec, add, head, without } of CASES) {
    if (add === undefined) continue;
    it(`writes what tc writes: ${QDISCS[add].command}`, () => {
      const { body, flags } = newQdiscRequest(spec, "add", indexOf);
      checkRequest(body, QDISCS[add], head, without);
      assertEquals(flags, 0x600); // NLM_F_CREATE | NLM_F_EXCL
    });
  }

  it("adds, changes and replaces a qdisc of a class", () => {
    const at = { link: { index: 10 }, parent: "1:10", handle: "20:", kind: "netem" } as const;
    checkRequest(newQdiscRequest({ ...at, delay: 1_000_000 }, "add", indexOf).body, QDISCS.addToClass, 24);
    const change = newQdiscRequest({ ...at, delay: 2_000_000 }, "change", indexOf);
    // tc counts in microseconds, of which these ticks are not quite two thousand.
    assertEquals([change.flags, change.body.length], [0, QDISCS.changeInClass.bytes.length]);
    checkRequest(change.body, QDISCS.changeInClass, 24);
    assertEquals(newQdiscRequest({ ...at, delay: 3_000_000 }, "replace", indexOf).flags, 0x500);
  });

  it("sends a time that is no whole tick, or too long for 32 bits, as 64 bits", () => {
    for (const delay of [1, 100, 500_000_000_000, 6_000_000_000_001]) {
      const { body } = newQdiscRequest({ ...V0, kind: "netem", delay, jitter: delay }, "add", indexOf);
      assertObjectMatch(decodeQdisc(body), { delay, jitter: delay });
    }
  });

  it("sends back what was listed, so that it is the same again", () => {
    for (const { kernel } of CASES) {
      const listed = decodeQdisc(QDISCS[kernel].bytes);
      for (const change of ["add", "replace", "change"] as const) {
        const again = asKernelLists(decodeQdisc(newQdiscRequest(listed, change, indexOf).body));
        const { refcnt: _r, bytes: _b, packets: _p, directPacketsStat: _d, ...same } = {
          directPacketsStat: 0,
          ...listed,
        };
        // Of pfifo_fast nothing can be chosen.
        assertObjectMatch(again, listed.kind === "pfifo_fast" ? { parent: "root", handle: "10:" } : same, kernel);
      }
    }
  });

  it("takes any other kind with its options as they are", () => {
    const { kind, data } = { data: undefined, ...decodeQdisc(QDISCS.choke.bytes) };
    assertEquals([kind, data === undefined], ["choke", false]);
    const again = newQdiscRequest(decodeQdisc(QDISCS.choke.bytes), "add", indexOf);
    assertEquals(
      hex(tcMessage.decode(again.body).attributes.options ?? new Uint8Array()),
      hex(data ?? new Uint8Array()),
    );
    assertEquals(decodeQdisc(QDISCS.hfsc.bytes).kind, "hfsc");
  });

  it("keeps attributes that it has no name for", () => {
    const attribute = [5, 0, 99, 0, 7, 0, 0, 0];
    const { options = new Uint8Array() } = tcMessage.decode(QDISCS.netem.bytes).attributes;
    const data = Uint8Array.of(...options, ...attribute);
    const body = tcMessage.encode({
      ...tcMessage.decode(QDISCS.netem.bytes),
      attributes: { kind: "netem", options: data },
    });
    const again = newQdiscRequest(decodeQdisc(body), "add", indexOf).body;
    assertEquals(
      hex(tcMessage.decode(again).attributes.options ?? data).endsWith(hex(Uint8Array.from(attribute))),
      true,
    );
  });

  it("refuses a slot of netem with another field, or with a time below 0", () => {
    const netem = (slot: object): QdiscSpec => Object.assign(JSON.parse('{"link":"v0","kind":"netem"}'), { slot });
    assertThrows(() => newQdiscRequest(netem({ pakets: 1 }), "add", indexOf), TypeError, 'Cannot use "pakets" as');
    assertThrows(() => newQdiscRequest(netem({ min: -1 }), "add", indexOf), RangeError, "Cannot use -1 as slot.min");
  });

  it("refuses what is none of the kind, and what the kind lacks", () => {
    const wrong = (spec: object): string => {
      const given: QdiscSpec = Object.assign(JSON.parse('{"link":"v0"}'), spec); // from untyped code
      return assertThrows(() => newQdiscRequest(given, "add", indexOf), Error).message;
    };
    assertEquals(
      wrong({ kind: "netem", dely: 1 }).startsWith('Cannot use "dely" as a field of a qdisc of the kind netem'),
      true,
    );
    assertEquals(wrong({ kind: "netem", loss: 101 }), "Cannot use 101 as loss: expected a percentage from 0 to 100");
    assertEquals(wrong({ kind: "netem", delay: 0.5 }).startsWith("Cannot use 0.5 as delay"), true);
    assertEquals(wrong({ kind: "netem", handle: 10 }).startsWith("Cannot use 10 as handle"), true);
    assertEquals(wrong({ kind: "netem", parent: "top" }).startsWith('Cannot use "top" as parent'), true);
    assertEquals(wrong({ kind: "netem", distribution: "flat" }).startsWith('Cannot use "flat" as distribution'), true);
    assertEquals(wrong({ kind: "tbf", rate: 1 }), "Cannot use a tbf without rate and burst: expected both");
    assertEquals(wrong({ kind: "tbf", rate: 1, burst: 1 }).startsWith("Cannot use a tbf without limit"), true);
    assertEquals(wrong({ kind: "fq", buckets: 500 }).startsWith("Cannot use 500 as buckets"), true);
    assertEquals(wrong({ kind: "choke", data: "none" }).startsWith('Cannot use "none" as data'), true);
    const nowhere: QdiscSpec = JSON.parse('{"kind":"pfifo"}');
    assertThrows(
      () => newQdiscRequest(nowhere, "add", indexOf),
      TypeError,
      "as a qdisc: expected one with link or linkIndex",
    );
  });
});

describe("deleteQdiscRequest()", () => {
  it("writes what tc writes", () => {
    assertEquals(hex(deleteQdiscRequest({ link: "v0" }, indexOf).body), hex(QDISCS.deleteRoot.bytes));
    assertEquals(
      hex(deleteQdiscRequest({ link: "v0", kind: "ingress" }, indexOf).body),
      hex(QDISCS.deleteIngress.bytes),
    );
  });

  it("names exactly the one that was listed", () => {
    for (const { kernel } of CASES) {
      const listed = decodeQdisc(QDISCS[kernel].bytes);
      const { index, handle, parent, attributes } = tcMessage.decode(deleteQdiscRequest(listed, indexOf).body);
      const of = tcMessage.decode(QDISCS[kernel].bytes);
      assertEquals(
        { index, handle, parent, attributes },
        { index: of.index, handle: of.handle, parent: of.parent, attributes: { kind: listed.kind } },
      );
    }
  });
});

describe("decodeQdisc()", () => {
  for (const { kernel, listed, spec: { kind } } of CASES) {
    it(`reads what the kernel wrote: ${kernel}`, () => {
      const place = {
        linkIndex: 10,
        kind,
        drops: 0,
        overlimits: 0,
        requeues: 0,
        backlog: 0,
        qlen: 0,
        offloaded: false,
      };
      assertObjectMatch(decodeQdisc(QDISCS[kernel].bytes), { ...place, ...listed });
    });
  }

  it("reads counters of 64 bits, the place, and who uses it", () => {
    const { bytes, packets, refcnt, handle, parent } = decodeQdisc(QDISCS.netem.bytes);
    assertEquals({ bytes, packets, refcnt, handle, parent }, {
      bytes: 90n,
      packets: 1n,
      refcnt: 2,
      handle: "10:",
      parent: "root",
    });
    assertEquals(decodeQdisc(QDISCS.ofClass.bytes).parent, "1:10");
  });

  it("gives a value or a MalformedMessageError for a message that is cut short", () => {
    for (const { kernel } of CASES) checkTruncated(decodeQdisc, QDISCS[kernel]);
  });
});

describe("listQdiscsRequest()", () => {
  it("asks for hidden ones only if they are wanted", () => {
    assertEquals(hex(listQdiscsRequest({}).body), "00".repeat(20));
    assertEquals(hex(listQdiscsRequest({ invisible: true }).body), "00".repeat(20) + "04000a00");
  });
});

describe("QDISC_KINDS", () => {
  it("has every kind of the registry under the name by which the kernel knows it", () => {
    for (const kind of Object.values(registry)) assertEquals(QDISC_KINDS.all.get(kind.kind) as unknown, kind);
    assertEquals(QDISC_KINDS.all.size, Object.values(registry).length);
  });
});
