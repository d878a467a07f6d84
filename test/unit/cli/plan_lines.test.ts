import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { planLines } from "../../../src/cli/plan_lines.ts";
import type { Step } from "../../../src/configurator/report.ts";

describe("planLines()", () => {
  it("says of each kind from what to what, below its namespace", () => {
    const step = (kind: Step["kind"], from: string | null, to: string | null): Step => (
      { kind, item: "interface i", description: "i in a", namespace: "a", link: "i", from, to }
    );
    assertEquals(
      planLines([
        step("set-wireguard", null, "its private key, listenPort 7"),
        step("set-wireguard", "listenPort 6", "listenPort 7"),
        step("set-tun", "owner 1", "owner 2"),
        step("change-link", "mtu 1500", "mtu 1400"),
      ]),
      [
        "a",
        "  set i: its private key, listenPort 7",
        "  set i: listenPort 6 → listenPort 7",
        "  set i: owner 1 → owner 2",
        "  set i: mtu 1500 → mtu 1400",
      ],
    );
  });
});
