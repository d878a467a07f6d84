import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { leftEnd, PAIR, rightEnd, vethEnd } from "../../../support/topologies.ts";
import { FakeKernel } from "../fake_kernel.ts";
import { change, lines, WHOLE } from "../fixtures.ts";

describe("planAddresses()", () => {
  it("gives back what a link loses that is set down", () => {
    const down = { ...WHOLE, interfaces: [leftEnd({ enabled: false }), rightEnd()] };
    const kernel = new FakeKernel();
    kernel.apply(WHOLE);
    const result = kernel.apply(down);
    assertEquals(lines(result), [
      "interface left: set eth0 in blue: down",
      "interface left: add fd00::1/64 to eth0 in blue",
    ]);
    assertEquals(result.pending.map(({ item, reason }) => `${item}: ${reason}`), [
      "route near: eth0 in blue is down",
      "route far: eth0 in blue is down",
      "ARP entry a: eth0 in blue is down",
    ]);
    assertEquals(lines(kernel.apply(down)), []);
    const up = { ...WHOLE, interfaces: [leftEnd({ enabled: true }), rightEnd()] };
    assertEquals(lines(kernel.apply(up)).length, 4);
  });

  it("gives an IPv4 network before it takes the last one, with which routes and neighbours would go", () => {
    const other = {
      ...WHOLE,
      routes: WHOLE.routes.slice(1),
      interfaces: [leftEnd({ ipAddresses: ["10.7.0.1/16"] }), rightEnd()],
    };
    assertEquals(change({ ...WHOLE, routes: WHOLE.routes.slice(1) }, other), [
      "interface left: add 10.7.0.1/16 to eth0 in blue",
      "interface left: take 10.1.0.1/24 from eth0 in blue",
      "interface left: take fd00::1/64 from eth0 in blue",
    ]);
  });

  it("gives back routes and neighbours that go with the last IPv4 address", () => {
    const kernel = new FakeKernel();
    kernel.apply(WHOLE);
    const result = kernel.apply({ ...WHOLE, interfaces: [leftEnd({ ipAddresses: ["fd00::1/64"] }), rightEnd()] });
    assertEquals(lines(result), [
      "route far: delete the route to 10.2.0.0/16 via 10.1.0.2 by eth0 in blue metric 10",
      "interface left: take 10.1.0.1/24 from eth0 in blue",
      "route near: add the route to 10.3.0.0/16 by eth0 in blue",
      "ARP entry a: set 10.1.0.9 to 02:00:00:00:00:09 on eth0 in blue",
    ]);
    assertEquals(result.pending, [{
      item: "route far",
      reason: "the gateway 10.1.0.2 is not reachable: no address or route of eth0 in blue covers it",
    }]);
  });

  it("takes addresses away that the file gave before and gives no longer", () => {
    const kernel = new FakeKernel();
    kernel.apply(PAIR);
    const blue = kernel.named("blue");
    blue.addressList = [...blue.addressList, { index: 2, text: "192.0.2.1/24", secondary: false }];
    const plain = {
      ...PAIR,
      interfaces: [vethEnd("left", "right", { hostIfName: "eth0", namespace: "blue" }), rightEnd()],
    };
    kernel.apply(plain);
    assertEquals(blue.addresses().map(({ text }) => text), ["192.0.2.1/24"]);
  });
});
