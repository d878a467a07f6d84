import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  CONNECTED_CASES,
  connectedFile as file,
  HINT,
  withoutRoutes as without,
} from "../../../support/connected_routes.ts";
import { FakeKernel } from "../fake_kernel.ts";
import { lines } from "../fixtures.ts";

/** What is planned for the route, as steps and failures. */
function planned(kernel: FakeKernel, document: object): string[] {
  const result = kernel.apply(document);
  const steps = lines(result).flatMap((line) =>
    line.startsWith("route r: ") ? [line.slice(9).replace(/(by \w+ in blue).*/, "$1")] : []
  );
  for (const { item, hint } of result.failed) assertEquals([item, hint], ["route r", HINT]);
  return [...steps, ...result.failed.map(({ reason }) => reason), ...result.pending.map(({ reason }) => reason)];
}

describe("ConnectedRoutes", () => {
  const V4 = ["198.51.100.1/24", "198.51.100.2/24"];
  const to4 = "198.51.100.0/24";
  for (const [name, addresses, route, expected] of CONNECTED_CASES) {
    const described = file(addresses, route);
    it(`a route ${name}: a new link`, () => {
      const kernel = new FakeKernel();
      assertEquals(planned(kernel, described), expected);
      assertEquals(planned(kernel, described), expected.filter((line) => line.startsWith("the kernel")), "again");
    });
    it(`a route ${name}: an address that is there`, () => {
      const kernel = new FakeKernel();
      kernel.apply(without(described));
      assertEquals(planned(kernel, described), expected);
      assertEquals(planned(kernel, described), expected.filter((line) => line.startsWith("the kernel")), "again");
    });
    it(`a route ${name}: an address that comes`, () => {
      const kernel = new FakeKernel();
      kernel.apply(without(file(["203.0.113.1/25"], route)));
      assertEquals(planned(kernel, described), expected);
      assertEquals(planned(kernel, described), expected.filter((line) => line.startsWith("the kernel")), "again");
    });
    it(`a route ${name}: a link that is set up`, () => {
      const kernel = new FakeKernel();
      kernel.apply(without(file(addresses, route, { enabled: false })));
      assertEquals(planned(kernel, described), expected);
      assertEquals(planned(kernel, described), expected.filter((line) => line.startsWith("the kernel")), "again");
    });
    it(`a route ${name}: without it the kernel's is there again`, () => {
      const [kernel, other] = [new FakeKernel(), new FakeKernel()];
      kernel.apply(described);
      kernel.apply(without(described));
      other.apply(without(described));
      assertEquals(JSON.stringify(kernel.snapshot()), JSON.stringify(other.snapshot()));
    });
  }

  it("a route in the place of one that goes with its address is added", () => {
    const kernel = new FakeKernel();
    const gateway = { dstIpAddr: to4, gwAddr: "203.0.113.9" };
    kernel.apply(without(file(V4, gateway)));
    const described = file(["203.0.113.1/25"], gateway);
    assertEquals(planned(kernel, described), [`add the route to ${to4} via 203.0.113.9 by e1 in blue`]);
    assertEquals(planned(kernel, described), []);
  });

  it("a link that is set down has none: the route waits", () => {
    const kernel = new FakeKernel();
    const described = file(V4, { dstIpAddr: to4, gwAddr: "198.51.100.9" }, { enabled: false });
    assertEquals(planned(kernel, described), ["e1 in blue is down"]);
  });

  it("a route that somebody deleted is made again (T12)", () => {
    const kernel = new FakeKernel();
    const described = file(V4, { dstIpAddr: to4 });
    kernel.apply(described);
    const blue = kernel.named("blue");
    blue.routeList = blue.routeList.filter(({ destination }) => destination !== to4);
    assertEquals(planned(kernel, described), [`add the route to ${to4} by e1 in blue`]);
    assertEquals(planned(kernel, described), []);
  });
});
