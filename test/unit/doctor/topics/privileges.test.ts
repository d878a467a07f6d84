import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { capabilityVerdict, userNamespaceVerdict } from "../../../../src/doctor/topics/privileges.ts";

const status = (effective: string, permitted: string, bounding: string): string =>
  `CapPrm:\t${permitted}\nCapEff:\t${effective}\nCapBnd:\t${bounding}\n`;
const ADMIN = "0000000000200000";
const NONE = "0000000000000000";

describe("capabilityVerdict()", () => {
  const verdict = (text: string) => {
    const { status, detail, remedy = "" } = capabilityVerdict("CAP_SYS_ADMIN", text);
    return [status, detail.split(";")[0], remedy.split(",")[0]];
  };

  it("says which set limits a capability", () => {
    assertEquals(verdict(status(ADMIN, ADMIN, ADMIN)), ["ok", "effective", ""]);
    assertEquals(verdict(status(NONE, ADMIN, ADMIN)), ["failed", "permitted, but not effective", "raise it"]);
    assertEquals(verdict(status(NONE, NONE, ADMIN)), ["failed", "missing", "run as root (sudo)"]);
    const bounded = capabilityVerdict("CAP_SYS_ADMIN", status(NONE, NONE, NONE));
    assertStringIncludes(bounded.detail, "not in the bounding set");
    assertStringIncludes(bounded.remedy ?? "", "--cap-add SYS_ADMIN");
  });

  it("warns of a capability that only some need, and if /proc cannot be read", () => {
    assertEquals(capabilityVerdict("CAP_SYS_PTRACE", status(NONE, NONE, ADMIN)).status, "warning");
    assertEquals(capabilityVerdict("CAP_SYS_ADMIN", "").status, "warning");
  });
});

describe("userNamespaceVerdict()", () => {
  it("accepts only the initial one, whatever its map", () => {
    assertEquals(userNamespaceVerdict("         0          0 4294967295\n", true).status, "ok");
    const whole = userNamespaceVerdict("         0          0 4294967295\n", false);
    assertEquals([whole.status, whole.detail.includes("0 to 4294967294 are 0 to 4294967294 outside")], [
      "warning",
      true,
    ]);
  });

  it("lists the mapped user ids", () => {
    const { detail } = userNamespaceVerdict("0 1000 1\n1 100000 65536\n", false);
    assertStringIncludes(detail, "user ids: 0 is 1000 outside, 1 to 65536 are 100000 to 165535 outside");
    assertStringIncludes(userNamespaceVerdict("", false).detail, "none are mapped");
  });
});
