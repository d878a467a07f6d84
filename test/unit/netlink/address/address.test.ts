import { assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { addressMessage } from "../../../../src/netlink/address/message.ts";
import { decodeAddress } from "../../../../src/netlink/address/reply.ts";
import {
  addAddressRequest,
  deleteAddressRequest,
  listAddressesRequest,
} from "../../../../src/netlink/address/request.ts";
import { IFA_F_NODAD, IFA_F_PERMANENT } from "../../../../src/netlink/constants/address.ts";
import { checkTruncated, checkVector, hex } from "../check.ts";
import { ADDRESSES } from "./vectors.ts";

describe("addressMessage", () => {
  it("reads what the kernel wrote, and writes the same bytes", () => {
    checkVector(addressMessage, ADDRESSES.ipv4, {
      family: 2,
      prefixLength: 24,
      index: 10,
      attributes: { address: "10.0.0.1", local: "10.0.0.1", broadcast: "10.0.0.255", label: "v0:x", flags: 0x80 },
    });
    checkVector(addressMessage, ADDRESSES.pointToPoint, { attributes: { local: "10.9.0.1", address: "10.9.0.2" } });
    checkVector(addressMessage, ADDRESSES.noDad, { family: 10, attributes: { address: "2001:db8::1", flags: 0x82 } });
    checkVector(addressMessage, ADDRESSES.withLifetimes, {
      attributes: { cacheInfo: { preferred: 300, valid: 600 } },
    });
    checkVector(addressMessage, ADDRESSES.linkLocal, { scope: 253, attributes: { address: "fe80::ff:fe00:1" } });
  });

  it("reads what ip wrote, and writes the same bytes", () => {
    checkVector(addressMessage, ADDRESSES.addAddress, { attributes: { local: "10.0.0.1", label: "v0:x" } });
    checkVector(addressMessage, ADDRESSES.addPointToPoint, { attributes: { address: "10.9.0.2" } });
    checkVector(addressMessage, ADDRESSES.addNoDad, { flags: IFA_F_NODAD });
    checkVector(addressMessage, ADDRESSES.addWithLifetimes, { attributes: { cacheInfo: { valid: 600 } } });
    checkVector(addressMessage, ADDRESSES.deletePointToPoint, { prefixLength: 32 });
  });

  it("gives a value or a MalformedMessageError for a message that is cut short", () => {
    for (const name of ["ipv4", "pointToPoint", "withLifetimes", "linkLocal"] as const) {
      checkTruncated(decodeAddress, ADDRESSES[name]);
    }
  });
});

describe("decodeAddress()", () => {
  it("reads an IPv4 address", () => {
    assertEquals(decodeAddress(ADDRESSES.ipv4.bytes), {
      linkIndex: 10,
      family: 2,
      address: "10.0.0.1",
      prefixLength: 24,
      cidr: "10.0.0.1/24",
      broadcast: "10.0.0.255",
      scope: 0,
      flags: IFA_F_PERMANENT,
      tentative: false,
      duplicate: false,
      permanent: true,
      label: "v0:x",
    });
  });

  it("reads both ends of a point-to-point link", () => {
    assertObjectMatch(decodeAddress(ADDRESSES.pointToPoint.bytes) ?? {}, {
      address: "10.9.0.1",
      peer: "10.9.0.2",
      cidr: "10.9.0.1/32",
    });
  });

  it("reads an IPv6 address: no DAD, still tentative, lifetimes", () => {
    assertEquals(decodeAddress(ADDRESSES.noDad.bytes)?.flags, IFA_F_NODAD | IFA_F_PERMANENT);
    assertObjectMatch(decodeAddress(ADDRESSES.linkLocal.bytes) ?? {}, { tentative: true, permanent: true, scope: 253 });
    assertObjectMatch(decodeAddress(ADDRESSES.withLifetimes.bytes) ?? {}, {
      permanent: false,
      preferredLifetime: 300,
      validLifetime: 600,
    });
  });

  it("skips what is neither IPv4 nor IPv6", () => {
    // An MCTP address (AF_MCTP 45) has one byte, which is no IP address.
    assertEquals(decodeAddress(Uint8Array.of(45, 0, 0, 0, 1, 0, 0, 0, 5, 0, 2, 0, 8, 0, 0, 0)), undefined);
  });
});

const NLM_F_EXCL = 0x200;
const NLM_F_REPLACE = 0x100;

describe("addAddressRequest()", () => {
  it("writes what ip writes", () => {
    // ip puts IFA_LABEL before IFA_ADDRESS and IFA_BROADCAST; the kernel does not ask for an order.
    assertEquals(
      addressMessage.decode(addAddressRequest(10, "10.0.0.1/24", { label: "v0:x", broadcast: "+" }).body),
      addressMessage.decode(ADDRESSES.addAddress.bytes),
    );
    assertEquals(
      hex(addAddressRequest(10, "10.9.0.1/32", { peer: "10.9.0.2" }).body),
      hex(ADDRESSES.addPointToPoint.bytes),
    );
    assertEquals(
      hex(addAddressRequest(10, "2001:db8::5/64", { validLifetime: 600, preferredLifetime: 300 }).body),
      hex(ADDRESSES.addWithLifetimes.bytes),
    );
  });

  it("writes what ip writes of metrics, routes to networks and home addresses", () => {
    const same = (request: { readonly body: Uint8Array }, name: keyof typeof ADDRESSES): void =>
      assertEquals(addressMessage.decode(request.body), addressMessage.decode(ADDRESSES[name].bytes));
    const [metric, noPrefixRoute] = [50, true];
    same(addAddressRequest(10, "10.1.0.1/24", { metric, noPrefixRoute }), "addWithMetric");
    const home = { home: true, managedTemporaries: true, noDad: true };
    same(addAddressRequest(10, "2001:db8:1::1/64", home), "addHome");
    assertObjectMatch(decodeAddress(ADDRESSES.withMetric.bytes) ?? {}, { metric, noPrefixRoute });
    assertObjectMatch(decodeAddress(ADDRESSES.home.bytes) ?? {}, { home: true, managedTemporaries: true });
    for (const name of ["withMetric", "home"] as const) checkVector(addressMessage, ADDRESSES[name], { index: 10 });
  });

  it("gives an IPv4 network its broadcast address for +, but for the smallest two, and otherwise none", () => {
    const broadcastOf = (cidr: string, broadcast: string | undefined = "+"): unknown =>
      (addressMessage.decode(addAddressRequest(1, cidr, { broadcast }).body) as { attributes: { broadcast?: string } })
        .attributes.broadcast;
    assertEquals(["10.1.2.3/8", "10.1.2.3/20", "10.1.2.3/30"].map((cidr) => broadcastOf(cidr)), [
      "10.255.255.255",
      "10.1.15.255",
      "10.1.2.3",
    ]);
    assertEquals(["10.1.2.3/31", "10.1.2.3/32", "10.1.2.3", "2001:db8::1/64"].map((cidr) => broadcastOf(cidr)), [
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("fails if the address is there, unless it is to replace it", () => {
    assertEquals(addAddressRequest(1, "10.0.0.1/24").flags & NLM_F_EXCL, NLM_F_EXCL);
    assertEquals(addAddressRequest(1, "10.0.0.1/24", { replace: true }).flags & NLM_F_REPLACE, NLM_F_REPLACE);
  });

  it("takes a scope by name or by number; 127.0.0.0/8 is of the host", () => {
    const scopeOf = (cidr: string, scope?: "link" | number): number =>
      addressMessage.decode(addAddressRequest(1, cidr, { scope }).body).scope;
    assertEquals([scopeOf("10.0.0.1/8"), scopeOf("127.0.0.2/8"), scopeOf("::1/128")], [0, 254, 0]);
    assertEquals([scopeOf("10.0.0.1/8", "link"), scopeOf("127.0.0.2/8", 200)], [253, 200]);
  });

  it("refuses what is not an address", () => {
    for (const wrong of ["", "10.0.0/8", "10.0.0.1/33", "10.0.0.1/-1", "10.0.0.1/8/8", "::1/129", "fe80::1%eth0/64"]) {
      assertThrows(() => addAddressRequest(1, wrong), TypeError, "expected", wrong);
    }
  });
});

describe("deleteAddressRequest()", () => {
  it("writes what ip writes: without IFA_ADDRESS the prefix would not count", () => {
    assertEquals(
      hex(deleteAddressRequest(10, "10.9.0.1/32", { peer: "10.9.0.2" }).body),
      hex(ADDRESSES.deletePointToPoint.bytes),
    );
    assertObjectMatch(addressMessage.decode(deleteAddressRequest(10, "10.0.0.1/24").body), {
      prefixLength: 24,
      attributes: { local: "10.0.0.1", address: "10.0.0.1" },
    });
  });
});

describe("listAddressesRequest()", () => {
  it("asks for those of a link and a family", () => {
    assertObjectMatch(addressMessage.decode(listAddressesRequest({ linkIndex: 3, family: 10 }).body), {
      family: 10,
      index: 3,
    });
  });
});
