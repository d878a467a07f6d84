import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { shownUplinks } from "../../../../src/configurator/show/uplinks.ts";
import type { InterfaceInput } from "../../../../src/models/interface/linux_interface.ts";

const uplink = (fields: Partial<InterfaceInput>): InterfaceInput => ({
  ...{
    name: "PID:42/uplink",
    type: "EXISTING",
    namespace: "PID:42",
    hostIfName: "uplink",
    ipAddresses: ["10.200.1.2/30"],
  },
  ...fields,
});
const far = (name: string): InterfaceInput => ({
  ...{ name: `PID:0/${name}`, type: "VETH", namespace: "PID:0", hostIfName: name, ipAddresses: ["10.200.1.1/30"] },
  veth: { peerIfName: "PID:42/uplink" },
});
const found = (...interfaces: InterfaceInput[]): unknown =>
  shownUplinks(interfaces, "lab").map(({ ends, gateway, uplink }) => [ends, gateway, uplink.addresses]);

describe("shownUplinks()", () => {
  it("finds the end in the namespace, and the pair where the default one is shown, too", () => {
    const pair = uplink({ type: "VETH", veth: { peerIfName: "PID:0/up-PID42" } });
    const [link = ""] = shownUplinks([uplink({})], "lab").map(({ ends }) => ends[0]);
    assertEquals(link, "PID:42/uplink");
    assertEquals(found(uplink({})), [[["PID:42/uplink"], "10.200.1.1", "10.200.1.0/30"]]);
    assertEquals(found(pair, far("up-PID42")), [], "the name of another one");
    const name = "up-blue";
    const blue = {
      namespace: "blue",
      name: "blue/uplink",
      type: "VETH",
      veth: { peerIfName: `PID:0/${name}` },
    } as const;
    assertEquals(found(uplink(blue), far(name)), [[["blue/uplink", `PID:0/${name}`], "10.200.1.1", "10.200.1.0/30"]]);
    assertEquals(found(uplink({ ...blue, ipAddresses: ["10.200.1.2/30", "10.3.0.1/24"] }), far(name)), []);
  });

  it("leaves a link of the name in the default namespace, and a pair that leads elsewhere", () => {
    assertEquals(found(uplink({ namespace: "PID:0" })), []);
    const pair = uplink({ namespace: "blue", type: "VETH", veth: { peerIfName: "green/eth0" } });
    assertEquals(found(pair, { ...far("eth0"), name: "green/eth0", namespace: "green" }), []);
  });
});
