import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  addForwardingEntryRequest,
  decodeForwardingEntry,
  deleteForwardingEntryRequest,
  forwardingMessage,
} from "../../../../src/netlink/bridge/forwarding.ts";
import {
  addBridgeVlanRequest,
  bridgeVlanMessage,
  decodeBridgeVlans,
  deleteBridgeVlanRequest,
} from "../../../../src/netlink/bridge/vlans.ts";
import { checkTruncated, checkVector, hex } from "../check.ts";
import type { Vector } from "../vector.ts";
import { FORWARDING, VLANS } from "./vectors.ts";

const LINK = 20;

describe("addBridgeVlanRequest() and deleteBridgeVlanRequest()", () => {
  /** What `bridge` writes; that the master is meant it leaves out. */
  const meant = ({ bytes }: Vector): object => bridgeVlanMessage.decode(bytes);

  it("write what bridge writes", () => {
    const MASTER = { flags: 1 };
    const withMaster = (message: object): object => {
      const { attributes, ...rest }: { attributes?: { bridge?: object } } = message;
      return { ...rest, attributes: { ...attributes, bridge: { ...MASTER, ...attributes?.bridge } } };
    };
    const read = ({ body }: { body: Uint8Array }): object => bridgeVlanMessage.decode(body);
    assertEquals(read(addBridgeVlanRequest(LINK, { id: 7, pvid: true, untagged: true })), withMaster(meant(VLANS.add)));
    assertEquals(read(addBridgeVlanRequest(LINK, { id: [10, 20], self: true })), meant(VLANS.addRange));
    assertEquals(read(deleteBridgeVlanRequest(LINK, { id: 7 })), withMaster(meant(VLANS.remove)));
    assertEquals(read(deleteBridgeVlanRequest(LINK, { id: [7, 7] })), withMaster(meant(VLANS.remove)));
  });

  it("name the link and the VLANs, and refuse other fields", () => {
    assertEquals(addBridgeVlanRequest(LINK, { id: [10, 20] }).label, "RTM_SETLINK of link 20, VLAN 10 to 20");
    assertThrows(() => addBridgeVlanRequest(LINK, JSON.parse('{ "id": 7, "pvvid": 1 }')), TypeError, "mean pvid?");
    assertThrows(() => addBridgeVlanRequest(LINK, { id: 70_000 }), RangeError, "70000");
  });
});

describe("decodeBridgeVlans()", () => {
  it("reads what the kernel lists", () => {
    const tagged = { linkIndex: 10, pvid: false, untagged: false, self: false };
    assertEquals(decodeBridgeVlans(VLANS.list.bytes), [
      { ...tagged, id: 1, untagged: true },
      { ...tagged, id: 7, pvid: true, untagged: true },
      ...[10, 11, 12].map((id) => ({ ...tagged, id })),
    ]);
    checkTruncated(decodeBridgeVlans, VLANS.list);
  });
});

describe("addForwardingEntryRequest() and deleteForwardingEntryRequest()", () => {
  const address = "02:00:00:00:00:09";
  const sent = (vector: Vector): string => hex(vector.bytes);

  it("write what bridge writes", () => {
    const add = (spec: object): string => hex(addForwardingEntryRequest({ linkIndex: LINK, address, ...spec }).body);
    assertEquals(add({ ip: "10.9.0.9", port: 9999, vni: 42, viaIndex: 10 }), sent(FORWARDING.addRemote));
    assertEquals(add({ master: true, state: "static", vlan: 7, sticky: true }), sent(FORWARDING.addStatic));
    assertEquals(add({ address: "00:00:00:00:00:00", ip: "10.9.0.3", append: true }), sent(FORWARDING.append));
    assertEquals(add({ ip: "2001:db8::9", replace: true }), sent(FORWARDING.replace));
    const { body } = deleteForwardingEntryRequest({ linkIndex: LINK, address, master: true, vlan: 7 });
    assertEquals(hex(body), sent(FORWARDING.remove));
  });

  it("set the flags that bridge sets", () => {
    const flags = (spec: object): number => addForwardingEntryRequest({ linkIndex: LINK, address, ...spec }).flags;
    assertEquals([flags({}), flags({ append: true }), flags({ replace: true })], [0x600, 0xc00, 0x500]);
  });
});

describe("decodeForwardingEntry()", () => {
  const none = { self: false, externLearn: false, offload: false, sticky: false, router: false };

  it("reads what the kernel lists", () => {
    const address = "02:00:00:00:00:09";
    assertEquals(decodeForwardingEntry(FORWARDING.listed.bytes), {
      ...none,
      linkIndex: 2,
      address,
      ip: "10.9.0.2",
      state: "permanent",
      self: true,
    });
    assertEquals(decodeForwardingEntry(FORWARDING.ofBridge.bytes), {
      ...none,
      linkIndex: 10,
      address,
      master: 30,
      vlan: 7,
      state: "static",
      sticky: true,
    });
    for (const vector of Object.values(FORWARDING)) {
      checkVector(forwardingMessage, vector, { family: 7 });
      checkTruncated(forwardingMessage.decode, vector);
    }
  });
});
