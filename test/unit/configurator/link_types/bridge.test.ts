/** What of a bridge is not as the file has it, where the kernel does not say it. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { withoutShortened } from "../../../../src/configurator/observed/bridge_options.ts";
import type { LinkChange } from "../../../../src/configurator/plan/actions.ts";
import type { BridgeFields } from "../../../../src/models/interface/bridge.ts";
import type { BridgeOptions } from "../../../../src/netlink/link/kinds/bridge.ts";
import { FakeKernel } from "../fake_kernel.ts";

/** What changes of a bridge that has these options. */
function changeOf(fields: BridgeFields, options: BridgeOptions): LinkChange | undefined {
  const kernel = new FakeKernel();
  kernel.apply({ namespaces: ["blue"] });
  const data = withoutShortened({ kind: "bridge", ...options });
  kernel.named("blue").addLink({ name: "br0", kind: "bridge", up: true, carrier: true, arp: true, mtu: 1500, data });
  const file = { interfaces: [{ name: "br0", type: "BRIDGE", namespace: "blue", bridge: fields }] };
  return kernel.plan(file, true).tasks.flatMap(({ action }) => (
    action.kind === "change-link" && action.name === "br0" ? [action.change] : []
  ))[0];
}

describe("a BRIDGE", () => {
  it("keeps its ageing time while the kernel shortens that, as spanning tree's topology changes", () => {
    const shortened = { stpState: 1, topologyChange: true, forwardDelay: 200, ageingTime: 400 };
    assertEquals(changeOf({ stp: true, ageingTime: 30_000 }, shortened), undefined);
    assertEquals(changeOf({ ageingTime: 30_000, priority: 7 }, shortened)?.optionsText, "priority 7");
    for (const other of [{ topologyChange: false }, { ageingTime: 500 }, { stpState: 0 }, { stpState: 2 }]) {
      const { optionsText } = changeOf({ ageingTime: 30_000 }, { ...shortened, ...other }) ?? {};
      assertEquals(optionsText, "ageingTime 30000", JSON.stringify(other));
    }
  });

  it("is not set again and again to what a kernel without snooping ignores", () => {
    assertEquals(changeOf({ multicastSnooping: false }, { stpState: 0 }), undefined);
    assertEquals(
      changeOf({ multicastSnooping: false }, { mcastSnooping: true })?.optionsText,
      "multicastSnooping false",
    );
  });
});
