import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { leftEnd, PAIR, rightEnd } from "../../../support/topologies.ts";
import { FakeKernel } from "../fake_kernel.ts";
import { lines } from "../fixtures.ts";

describe("planNeighbours()", () => {
  it("lets neighbours that are not permanent wait for the carrier", () => {
    const entry = { name: "a", interface: "left", ipAddr: "10.1.0.9", hwAddress: "02:00:00:00:00:09", state: "STALE" };
    const stale = { ...PAIR, arpEntries: [entry] };
    const down = { ...stale, interfaces: [leftEnd(), rightEnd({ enabled: false })] };
    const kernel = new FakeKernel();
    kernel.apply(stale);
    assertEquals(kernel.apply(down).pending, [
      { item: "ARP entry a", reason: "eth0 in blue has no carrier" },
    ]);
    assertEquals(lines(kernel.apply(down)), []);
    // After both ends are up, in whatever order they are set up.
    assertEquals(lines(kernel.apply(stale)), [
      "interface right: set eth0 in green: up",
      "ARP entry a: set 10.1.0.9 to 02:00:00:00:00:09 on eth0 in blue",
    ]);
    assertEquals(
      lines(new FakeKernel().apply(stale)).at(-1),
      lines(kernel.apply({ ...stale, arpEntries: [{ ...entry, hwAddress: "02:00:00:00:00:08" }] }))[0]?.replace(
        "00:08",
        "00:09",
      ),
    );
  });

  it("keeps an entry of a link without a carrier that the kernel has not forgotten yet", () => {
    const entry = { name: "a", interface: "e0", ipAddr: "10.1.0.9", hwAddress: "02:00:00:00:00:09", state: "STALE" };
    const stale = { namespaces: ["blue"], arpEntries: [{ ...entry, namespace: "blue" }] };
    const kernel = new FakeKernel();
    kernel.apply({ namespaces: ["blue"] });
    const link = kernel.named("blue").addLink({ name: "e0", kind: "bridge", up: true, carrier: true, mtu: 1500 });
    assertEquals(lines(kernel.apply(stale)).length, 1);
    link.carrier = false;
    const { pending, ...plan } = kernel.apply(stale);
    assertEquals([lines({ pending, ...plan }), pending.map(({ item }) => item)], [[], ["ARP entry a"]]);
    assertEquals(lines(kernel.apply({ namespaces: ["blue"] })), ["ARP entry a: forget 10.1.0.9 on e0 in blue"]);
  });
});
