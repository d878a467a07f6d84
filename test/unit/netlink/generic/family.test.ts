import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeFamily, familyMessage, getFamilyRequest } from "../../../../src/netlink/generic/family.ts";
import { checkTruncated, checkVector, hex } from "../check.ts";
import { FAMILIES } from "./vectors.ts";

describe("familyMessage", () => {
  it("reads what the kernel wrote, and writes the same bytes", () => {
    checkVector(familyMessage, FAMILIES.family, { command: 1, attributes: { id: 32, name: "wireguard", version: 1 } });
  });

  it("gives a value or a MalformedMessageError for a message that is cut short", () => {
    checkTruncated(decodeFamily, FAMILIES.family);
  });
});

describe("getFamilyRequest()", () => {
  it("is what wg sends", () => {
    assertEquals(hex(getFamilyRequest("wireguard").body), hex(FAMILIES.getFamily.bytes));
  });
});

describe("decodeFamily()", () => {
  it("gives the operations and the groups", () => {
    assertEquals(decodeFamily(FAMILIES.family.bytes), {
      id: 32,
      name: "wireguard",
      version: 1,
      headerSize: 0,
      maxAttribute: 8,
      operations: [{ id: 0, flags: 28 }, { id: 1, flags: 26 }],
      groups: new Map(),
    });
  });
});
