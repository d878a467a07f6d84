import { assertEquals, assertObjectMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeNsid, newNsidRequest, nsidMessage } from "../../../../src/netlink/nsid/nsid.ts";
import { checkTruncated, checkVector } from "../check.ts";
import { NSIDS } from "./vectors.ts";

describe("nsidMessage", () => {
  it("reads what the kernel and ip wrote, and writes the same bytes", () => {
    checkVector(nsidMessage, NSIDS.namespaceId, { attributes: { nsid: 77 } });
    checkVector(nsidMessage, NSIDS.noNamespaceId, { attributes: { nsid: -1 } });
    checkVector(nsidMessage, NSIDS.addNamespaceId, { attributes: { fd: 6, nsid: 77 } });
  });

  it("gives a value or a MalformedMessageError for a message that is cut short", () => {
    checkTruncated(decodeNsid, NSIDS.namespaceId);
  });
});

describe("decodeNsid()", () => {
  it("gives the id, or nothing where there is none", () => {
    assertEquals(decodeNsid(NSIDS.namespaceId.bytes), 77);
    assertEquals(decodeNsid(NSIDS.noNamespaceId.bytes), undefined);
  });
});

describe("newNsidRequest()", () => {
  it("asks for an id, or for any", () => {
    assertObjectMatch(nsidMessage.decode(newNsidRequest({ fd: 6 }, 77).body), { attributes: { fd: 6, nsid: 77 } });
    assertObjectMatch(nsidMessage.decode(newNsidRequest({ fd: 6 }).body), { attributes: { fd: 6, nsid: -1 } });
  });
});
