import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { nextHopMessage } from "../../../../src/netlink/nexthop/message.ts";
import { decodeNextHop } from "../../../../src/netlink/nexthop/reply.ts";
import { deleteNextHopRequest, newNextHopRequest } from "../../../../src/netlink/nexthop/request.ts";
import type { NextHopObjectSpec } from "../../../../src/netlink/nexthop/types.ts";
import { decodeEncap } from "../../../../src/netlink/route/encap/encap.ts";
import { checkTruncated, checkVector, hex } from "../check.ts";
import { NEXT_HOPS } from "./vectors.ts";

describe("nextHopMessage", () => {
  it("reads what the kernel wrote, and writes the same bytes", () => {
    for (const name of ["byRouter", "blackhole", "group", "resilient"] as const) {
      checkVector(nextHopMessage, NEXT_HOPS[name], {});
    }
    // The kernel asks for NLA_F_NESTED on NHA_ENCAP, and does not set it itself.
    const marked = NEXT_HOPS.withEncap.bytes.slice();
    assertEquals(hex(marked.subarray(34, 36)), "0800");
    marked[35] = 0x80;
    checkVector(nextHopMessage, { ...NEXT_HOPS.withEncap, bytes: marked }, { attributes: { encapType: 2 } });
  });

  it("reads what ip wrote, and writes the same bytes", () => {
    for (const name of ["addByRouter", "addBlackhole", "addGroup", "addResilient", "replace", "remove"] as const) {
      checkVector(nextHopMessage, NEXT_HOPS[name], {});
    }
  });

  it("gives a value or a MalformedMessageError for a message that is cut short", () => {
    for (const name of ["byRouter", "withEncap", "group", "resilient"] as const) {
      checkTruncated(decodeNextHop, NEXT_HOPS[name]);
    }
  });
});

describe("decodeNextHop()", () => {
  it("reads single ones and groups", () => {
    const common = { protocol: 0, flags: 0, onLink: false, blackhole: false, fdb: false };
    assertEquals(decodeNextHop(NEXT_HOPS.byRouter.bytes), {
      ...common,
      id: 21,
      family: 2,
      scope: "link",
      linkIndex: 10,
      gateway: "10.0.0.4",
    });
    assertEquals(decodeNextHop(NEXT_HOPS.blackhole.bytes), {
      ...common,
      id: 22,
      family: 2,
      scope: "universe",
      blackhole: true,
    });
    assertEquals(decodeNextHop(NEXT_HOPS.group.bytes), {
      ...common,
      id: 30,
      family: 0,
      scope: "universe",
      group: [{ id: 21, weight: 3 }, { id: 23, weight: 1 }],
      groupType: "mpath",
    });
    assertEquals(decodeNextHop(NEXT_HOPS.resilient.bytes).resilient, {
      buckets: 8,
      idleTimer: 6000,
      unbalancedTimer: 30_000,
      unbalancedTime: 0n,
    });
  });
});

describe("newNextHopRequest()", () => {
  /** `ip` leaves the padding of an encapsulation as it was in its memory. */
  const meaning = (body: Uint8Array): unknown => {
    const { attributes: { encapType, encap, ...attributes }, ...header } = nextHopMessage.decode(body);
    return [header, attributes, decodeEncap({ encapType, encap })];
  };

  it("writes what ip writes", () => {
    const same = (spec: NextHopObjectSpec, name: keyof typeof NEXT_HOPS, replace = false): void =>
      assertEquals(meaning(newNextHopRequest(spec, replace).body), meaning(NEXT_HOPS[name].bytes), name);
    same({ id: 21, gateway: "10.0.0.2", linkIndex: 10, onLink: true, protocol: 4 }, "addByRouter");
    same({ id: 22, blackhole: true }, "addBlackhole");
    const encap = { type: "ip", id: 9, dst: "10.0.0.9" } as const;
    same({ id: 23, gateway: "10.0.0.3", linkIndex: 10, encap }, "addWithEncap");
    same({ id: 30, group: [{ id: 21, weight: 3 }, { id: 23 }] }, "addGroup");
    same({
      id: 31,
      group: [{ id: 21 }, { id: 23 }],
      groupType: "resilient",
      resilient: { buckets: 8, idleTimer: 6000, unbalancedTimer: 30_000 },
    }, "addResilient");
    same({ id: 21, gateway: "10.0.0.4", linkIndex: 10 }, "replace", true);
    assertEquals(hex(deleteNextHopRequest(22).body), hex(NEXT_HOPS.remove.bytes));
  });

  it("refuses what is no weight, and fields that there are not", () => {
    for (const weight of [0, 1.5, 65_537]) {
      assertThrows(() => newNextHopRequest({ id: 1, group: [{ id: 2, weight }] }, false), RangeError, "as a weight");
    }
    const spec = { id: 1, via: "10.0.0.1" };
    assertThrows(() => newNextHopRequest(spec, false), TypeError, '"via"');
  });
});
