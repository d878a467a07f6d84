import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ethernet, mac } from "../../../../src/netlink/wire/mac.ts";
import { read, written } from "../check.ts";

describe("mac", () => {
  it("reads and writes addresses of any link", () => {
    assertEquals(written(mac, "02:00:00:00:00:FF"), [2, 0, 0, 0, 0, 255]);
    assertEquals(read(mac, 2, 0, 0, 0, 0, 255), "02:00:00:00:00:ff");
    assertEquals(read(mac, 10, 0, 0, 1), "0a:00:00:01"); // of an IPv4 tunnel
  });

  it("refuses what is not one", () => {
    for (const wrong of ["", "02", "2:0:0:0:0:1", "02-00-00-00-00-01", "02:00:00:00:00:0g", "02:00:00:00:00:01:"]) {
      assertThrows(() => written(mac, wrong), TypeError, "02:00:00:00:00:01", wrong);
    }
  });
});

describe("ethernet()", () => {
  it("refuses the address of a tunnel", () => {
    assertEquals(ethernet("02:00:00:00:00:01"), "02:00:00:00:00:01");
    assertThrows(() => ethernet("0a:00:00:01"), TypeError, "0a:00:00:01");
  });
});
