import { describe, it } from "@std/testing/bdd";
import { assertStringIncludes, assertThrows } from "@std/assert";
import { requireCapabilities } from "../../../src/cli/capability_check.ts";

const status = (hex: string) =>
  `Name:\tdeno\nUid:\t0\t0\t0\t0\nCapPrm:\tffffffffffffffff\nCapEff:\t${hex}\nCapBnd:\t0\n`;

describe("requireCapabilities()", () => {
  it("accepts a process that has them, whatever its user id", () => {
    requireCapabilities("apply", ["CAP_SYS_ADMIN", "CAP_NET_ADMIN"], status("0000000000201000"));
  });

  it("names each one that is missing, and what to do", () => {
    const refuse = (hex: string) => () => requireCapabilities("apply", ["CAP_NET_ADMIN", "CAP_SYS_ADMIN"], status(hex));
    const { message } = assertThrows(refuse("0000000000000000"), Error);
    assertStringIncludes(
      message,
      "netns apply needs CAP_NET_ADMIN and CAP_SYS_ADMIN: run it as root (sudo netns apply",
    );
    assertStringIncludes(assertThrows(refuse("0000000000001000"), Error).message, "needs CAP_SYS_ADMIN: run");
  });

  it("leaves the decision to the kernel if /proc cannot be read", () => {
    requireCapabilities("apply", ["CAP_SYS_ADMIN"], "");
  });
});
