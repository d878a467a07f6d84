import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FakeKernel } from "../fake_kernel.ts";
import { lines } from "../fixtures.ts";

describe("wireguard", () => {
  it("adopts a link that has the keys and peers of the file, and none whose own would be lost", () => {
    const kernel = new FakeKernel();
    const file = (wireguard: object) => ({
      interfaces: [{ name: "wg0", type: "WIREGUARD", namespace: "blue", mtu: 1400, wireguard }],
    });
    kernel.apply({ namespaces: ["blue"] });
    kernel.named("blue").addLink({ name: "wg0", kind: "wireguard", up: true, carrier: true, mtu: 1420 });
    const { failed, tasks } = kernel.plan(file({ listenPort: 7 }), true);
    assertEquals([failed.map(({ reason }) => reason), tasks.filter(({ item }) => item === "interface wg0")], [[
      "wg0 in blue is not this configuration's, and is not adopted: " +
      "its keys and peers could not be given back: they are not recorded",
    ], []]);
    assertEquals(lines(kernel.apply(file({}), true)), [
      "interface wg0: adopt wg0 in blue",
      "interface wg0: set wg0 in blue: mtu 1400",
    ]);
    assertEquals(kernel.plan(file({ listenPort: 7 })).failed.length, 1);
  });
});
