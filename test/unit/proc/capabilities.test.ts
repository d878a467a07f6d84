import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals } from "@std/assert";
import { capabilities, hasCapability } from "../../../src/proc/capabilities.ts";

const STATUS = "Name:\tdeno\nUid:\t0\t0\t0\t0\nCapPrm:\tffffffffffffffff\nCapEff:\t0000000000201000\nCapBnd:\t0\n";

describe("capabilities()", () => {
  it("reads the sets from /proc/PID/status", () => {
    assertEquals(capabilities(STATUS), 0x201000n);
    assertEquals(capabilities(STATUS, "CapPrm"), 0xffff_ffff_ffff_ffffn);
    assertEquals(capabilities(STATUS, "CapBnd"), 0n);
  });

  it("is undefined where the file does not say", () => {
    assertEquals(capabilities("Name:\tx\n"), undefined);
    assertEquals(capabilities(""), undefined);
  });
});

describe("hasCapability()", () => {
  it("knows the bits of capabilities(7)", () => {
    assert(hasCapability(0x201000n, "CAP_NET_ADMIN") && hasCapability(0x201000n, "CAP_SYS_ADMIN"));
    assert(!hasCapability(0x201000n, "CAP_SYS_PTRACE") && hasCapability(0x80000n, "CAP_SYS_PTRACE"));
  });
});
