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
});
