import { assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TcAction } from "../../../../../src/netlink/tc/action/types.ts";
import { decodeFilter } from "../../../../../src/netlink/tc/filter/reply.ts";
import {
  deleteFilterRequest,
  listFiltersRequest,
  newFilterRequest,
} from "../../../../../src/netlink/tc/filter/request.ts";
import type { TcFilter, TcFilterSpec } from "../../../../../src/netlink/tc/filter/types.ts";
import { tcMessage } from "../../../../../src/netlink/tc/message.ts";
import { checkTruncated, hex } from "../../check.ts";
import { checkRequest, indexOf } from "../check.ts";
import { FILTERS } from "./vectors.ts";

interface Case {
  readonly spec: TcFilterSpec;
  readonly add: keyof typeof FILTERS;
  readonly kernel: keyof typeof FILTERS;
  readonly listed: object;
  /** Attributes in which tc and this differ: rate tables. */
  readonly without?: readonly number[];
}

const CASES: readonly Case[] = [
  {
    spec: {
      ...{ link: "v0", parent: "1:", protocol: "ip", pref: 7, handle: 7, kind: "flower", ipProto: "tcp" },
      ...{ dstIp: "10.0.0.0/24", srcIp: "10.1.0.1", dstPort: 80, srcPort: [1000, 2000], classid: "1:10" },
    },
    add: "addFlower",
    kernel: "flower",
    listed: {
      ...{ linkIndex: 10, parent: "1:", protocol: "ip", pref: 7, handle: 7, chain: 0, ipProto: "tcp", ethType: "ip" },
      ...{ dstIp: "10.0.0.0/24", srcIp: "10.1.0.1", dstPort: 80, srcPort: [1000, 2000], classid: "1:10", actions: [] },
    },
  },
  {
    spec: {
      ...{ link: "v0", parent: "1:", protocol: "ipv6", pref: 8, kind: "flower", ipProto: "udp", skipHw: true },
      ...{ dstIp: "2001:db8::/32", dstPort: 53, ipTos: 0x10, ipTosMask: 0xfc, ipTtl: 64, classid: "1:10" },
    },
    add: "addFlower6",
    kernel: "flower6",
    listed: { protocol: "ipv6", ipProto: "udp", dstIp: "2001:db8::/32", dstPort: 53, ipTosMask: 0xfc, skipHw: true },
  },
  {
    spec: {
      ...{ link: "v0", parent: "1:", protocol: "all", pref: 9, kind: "flower", indev: "v1" },
      dstMac: "02:00:00:00:00:01",
      srcMac: "02:00:00:00:00:02/ff:ff:ff:00:00:00",
      actions: [{ kind: "gact", action: "drop" }],
    },
    add: "addFlowerMac",
    kernel: "flowerMac",
    listed: {
      ...{ protocol: "all", dstMac: "02:00:00:00:00:01", indev: "v1" },
      srcMac: "02:00:00:00:00:02/ff:ff:ff:00:00:00",
    },
  },
  {
    spec: {
      ...{ link: "v0", parent: "1:", protocol: "802.1Q", pref: 10, kind: "flower", vlanId: 7, vlanPrio: 3 },
      ...{ vlanEthtype: "ip", dstIp: "10.0.0.9", actions: [{ kind: "gact", action: "pass" }] },
    },
    add: "addFlowerVlan",
    kernel: "flowerVlan",
    listed: { protocol: "802.1Q", vlanId: 7, vlanPrio: 3, vlanEthtype: "ip", dstIp: "10.0.0.9" },
  },
  {
    spec: {
      ...{ link: "v0", parent: "1:", protocol: "ip", pref: 11, kind: "flower", ipProto: "icmp", icmpType: 8 },
      ...{ icmpCode: 0, actions: [{ kind: "gact", action: "continue" }] },
    },
    add: "addFlowerIcmp",
    kernel: "flowerIcmp",
    listed: { ipProto: "icmp", icmpType: 8, icmpCode: 0 },
  },
  {
    spec: {
      ...{ link: "v0", parent: "1:", protocol: "ip", pref: 12, kind: "flower", ipProto: "tcp", tcpFlags: 2 },
      ...{ tcpFlagsMask: 0x17, actions: [{ kind: "gact", action: "reclassify" }] },
    },
    add: "addFlowerFlags",
    kernel: "flowerFlags",
    listed: { ipProto: "tcp", tcpFlags: 2, tcpFlagsMask: 0x17 },
  },
  {
    spec: {
      ...{ link: "v0", parent: "ingress", kind: "matchall" },
      actions: [{ kind: "mirred", action: "redirect", link: "v1" }],
    },
    add: "addMirred",
    kernel: "mirred",
    listed: { parent: "ingress", protocol: "all", pref: 49152, handle: 1, chain: 0, kind: "matchall" },
  },
  {
    spec: {
      ...{ link: "v0", parent: "ingress", pref: 3, chain: 4, kind: "matchall", skipHw: true },
      actions: [
        { kind: "mirred", action: "mirror", direction: "ingress", link: { name: "v1" } },
        { kind: "gact", action: "drop", prob: { randomType: "determ", action: "pass", val: 5 } },
      ],
    },
    add: "addMirrorRandom",
    kernel: "mirrorRandom",
    listed: { chain: 4, pref: 3, skipHw: true, inHw: false },
  },
];

describe("newFilterRequest()", () => {
  for (const { spec, add } of CASES) {
    it(`writes what tc writes: ${FILTERS[add].command}`, () => {
      const { body, flags } = newFilterRequest(spec, "add", indexOf);
      checkRequest(body, FILTERS[add], 0, [22]); // of flags that are 0, tc writes none for matchall, some for flower
      assertEquals(flags, 0x600); // NLM_F_CREATE | NLM_F_EXCL
    });
  }

  it("polices as tc does", () => {
    const options = (spec: TcAction, vector: keyof typeof FILTERS): void => {
      const request = newFilterRequest(
        { link: "v0", kind: "matchall", parent: "egress", actions: [spec] },
        "add",
        indexOf,
      );
      const actions = (bytes: Uint8Array): readonly TcAction[] => {
        const filter = decodeFilter(bytes);
        return filter?.kind === "matchall" ? filter.actions ?? [] : [];
      };
      assertEquals(actions(request.body)[0], actions(FILTERS[vector].bytes)[0], FILTERS[vector].command);
    };
    const rate = { rate: 125_000, burst: 10_240, mtu: 2048, peakrate: 250_000 };
    options({ kind: "police", ...rate, action: "drop", conform: "pipe" }, "addPolice");
    options({ kind: "police", pktsRate: 1000, pktsBurst: 100 }, "addPolicePackets");
  });

  it("sends back what was listed, so that it is the same again", () => {
    for (const kernel of [...CASES.map(({ kernel }) => kernel), "police", "policePackets", "jump", "u32"] as const) {
      const listed = listedOf(kernel);
      const again = decodeFilter(newFilterRequest(listed, "add", indexOf).body);
      assertEquals<unknown>(withoutStats(again), withoutStats(listed), kernel);
    }
  });

  it("leaves out of u32 what the kernel would refuse", () => {
    const { attributes: { options } } = tcMessage.decode(newFilterRequest(listedOf("u32"), "add", indexOf).body);
    const text = hex(options ?? new Uint8Array());
    assertEquals(text.includes("08000b0008000000"), false, "TCA_CLS_FLAGS_NOT_IN_HW");
    assertEquals(hex(FILTERS.u32.bytes).includes("08000b0008000000"), true);
  });

  it("refuses what is none of the kind", () => {
    const wrong = (spec: object): string => {
      const given: TcFilterSpec = Object.assign(JSON.parse('{"link":"v0","kind":"flower"}'), spec); // from untyped code
      return assertThrows(() => newFilterRequest(given, "add", indexOf), Error).message;
    };
    assertEquals(wrong({ dstIP: "10.0.0.1" }).startsWith('Cannot use "dstIP" as a field of a filter'), true);
    assertEquals(wrong({ dstIp: "10.0.0.300" }).startsWith('Cannot use "10.0.0.300" as a prefix'), true);
    assertEquals(wrong({ dstPort: 80 }).startsWith("Cannot use ports with undefined as ipProto"), true);
    assertEquals(wrong({ pref: -1 }).startsWith("Cannot use -1 as pref"), true);
    assertEquals(wrong({ protocol: "ipx" }).startsWith('Cannot use "ipx" as protocol'), true);
    assertEquals(wrong({ actions: {} }).startsWith("Cannot use"), true);
    assertEquals(wrong({ actions: [{ kind: "gact", action: "explode" }] }).startsWith('Cannot use "explode" as'), true);
    assertEquals(
      wrong({ actions: [{ kind: "mirred", action: "steal", link: "v1" }] }).startsWith('Cannot use "steal" as'),
      true,
    );
    assertEquals(wrong({ actions: [{ kind: "police", rate: 1 }] }).includes("without a burst"), true);
  });
});

function listedOf(name: keyof typeof FILTERS): TcFilter {
  const listed = decodeFilter(FILTERS[name].bytes);
  if (listed === undefined) throw new Error(`${name} is no filter`);
  return listed;
}

/** Without the counters of actions, which no request has. */
function withoutStats(filter: TcFilter | undefined): unknown {
  if (filter === undefined || !("actions" in filter)) return filter;
  return { ...filter, actions: filter.actions?.map(({ stats: _, ...action }) => action) };
}

describe("deleteFilterRequest()", () => {
  it("writes what tc writes", () => {
    const all = deleteFilterRequest({ link: "v0", parent: "ingress", pref: 49152 }, indexOf);
    assertEquals(hex(all.body), hex(FILTERS.deleteAll.bytes));
    const { attributes: { kind }, ...where } = tcMessage.decode(FILTERS.deleteFlower.bytes);
    const one = deleteFilterRequest(
      { link: "v0", parent: "1:", protocol: "ip", pref: 7, handle: 7, kind: "flower" },
      indexOf,
    );
    assertEquals(tcMessage.decode(one.body), { ...where, attributes: { kind } });
  });

  it("names exactly the one that was listed", () => {
    for (const { kernel } of CASES) {
      const of = tcMessage.decode(FILTERS[kernel].bytes);
      const { attributes: { kind, chain }, ...where } = of;
      const sent = tcMessage.decode(deleteFilterRequest(listedOf(kernel), indexOf).body);
      assertEquals(sent, { ...where, attributes: { kind, chain: chain ?? 0 } }, kernel);
    }
  });
});

describe("listFiltersRequest()", () => {
  it("names the parent", () => {
    assertEquals(hex(listFiltersRequest(10, "ingress").body), "000000000a00000000000000f2ffffff00000000");
    assertEquals(hex(listFiltersRequest(10, "1:").body), "000000000a000000000000000000010000000000");
    assertEquals(hex(listFiltersRequest(10, "egress", 4).body).endsWith("08000b0004000000"), true);
  });
});

describe("decodeFilter()", () => {
  for (const { kernel, listed } of CASES) {
    it(`reads what the kernel wrote: ${kernel}`, () => assertObjectMatch(listedOf(kernel), listed));
  }

  it("reads actions with what they counted", () => {
    const stats = { bytes: 0n, packets: 0n, drops: 0, overlimits: 0, requeues: 0, backlog: 0, qlen: 0 };
    assertObjectMatch(listedOf("mirred"), {
      actions: [{
        ...{ kind: "mirred", action: "redirect", direction: "egress", linkIndex: 11, controlAction: "stolen" },
        ...{ index: 1, stats },
      }],
    });
    assertObjectMatch(listedOf("mirrorRandom"), {
      actions: [
        { kind: "mirred", action: "mirror", direction: "ingress", linkIndex: 11, controlAction: "pipe" },
        { kind: "gact", action: "drop", prob: { randomType: "determ", action: "pass", val: 5 } },
      ],
    });
    assertObjectMatch(listedOf("police"), {
      actions: [
        { kind: "police", rate: 125_000, burst: 10_240, mtu: 2048, peakrate: 250_000, action: "drop", conform: "pipe" },
        { kind: "gact", action: { type: "goto", chain: 4 } },
      ],
    });
    assertObjectMatch(listedOf("policePackets"), {
      actions: [{ kind: "police", pktsRate: 1000, pktsBurst: 100 }, { kind: "vlan" }],
    });
    assertObjectMatch(listedOf("jump"), {
      actions: [
        { kind: "police", rate: 5_000_000_000, overhead: 4, linklayer: "atm", action: "reclassify" },
        { kind: "gact", action: { type: "jump", jump: 2 } },
        { kind: "gact", action: "trap" },
        { kind: "gact", action: "pass" },
      ],
    });
  });

  it("skips what stands before the filters of a pref", () => assertEquals(decodeFilter(FILTERS.head.bytes), undefined));

  it("gives a value or a MalformedMessageError for a message that is cut short", () => {
    for (const { kernel } of CASES) checkTruncated(decodeFilter, FILTERS[kernel]);
  });
});
