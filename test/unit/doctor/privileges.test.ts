import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { capabilityVerdict, userNamespaceVerdict } from "../../../src/doctor/privileges.ts";

const status = (effective: string, permitted: string, bounding: string): string =>
  `CapPrm:\t${permitted}\nCapEff:\t${effective}\nCapBnd:\t${bounding}\n`;
const ADMIN = "0000000000200000";
const NONE = "0000000000000000";

describe("capabilityVerdict()", () => {
  const verdict = (text: string) => {
    const { status, detail, remedy = "" } = capabilityVerdict("CAP_SYS_ADMIN", text);
    return [status, detail.split(";")[0], remedy.split(",")[0]];
  };

  it("says what holds a capability back", () => {
    assertEquals(verdict(status(ADMIN, ADMIN, ADMIN)), ["ok", "effective", ""]);
    assertEquals(verdict(status(NONE, ADMIN, ADMIN)), ["failed", "permitted, but not effective", "raise it"]);
    assertEquals(verdict(status(NONE, NONE, ADMIN)), ["failed", "missing", "run as root (sudo)"]);
    const bounded = capabilityVerdict("CAP_SYS_ADMIN", status(NONE, NONE, NONE));
    assertStringIncludes(bounded.detail, "not in the bounding set");
    assertStringIncludes(bounded.remedy ?? "", "--cap-add SYS_ADMIN");
  });

  it("warns of one that only some need, and where /proc says nothing", () => {
    assertEquals(capabilityVerdict("CAP_SYS_PTRACE", status(NONE, NONE, ADMIN)).status, "warning");
    assertEquals(capabilityVerdict("CAP_SYS_ADMIN", "").status, "warning");
  });
});

describe("userNamespaceVerdict()", () => {
  it("is content with the initial one alone, whatever its map", () => {
    assertEquals(userNamespaceVerdict("         0          0 4294967295\n", true).status, "ok");
    const whole = userNamespaceVerdict("         0          0 4294967295\n", false);
    assertEquals([whole.status, whole.detail.includes("4294967295 from 0 are those from 0 outside")], [
      "warning",
      true,
    ]);
  });

  it("says who is who outside", () => {
    const { detail } = userNamespaceVerdict("0 1000 1\n1 100000 65536\n", false);
    assertStringIncludes(detail, "user ids: 0 is 1000 outside, 65536 from 1 are those from 100000 outside");
    assertStringIncludes(userNamespaceVerdict("", false).detail, "none are mapped");
  });
});
