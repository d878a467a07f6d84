/** Routes that have the key of one of the kernel's own: each apply finds the same. */
import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { CONNECTED_CASES, connectedFile, HINT, withoutRoutes } from "../../support/connected_routes.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

describeAsRoot("Configurator, of a route with the key of the kernel's own,", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  /** What is done for the route, and why it fails. */
  const applied = async (scratch: Scratch, document: Record<string, unknown>): Promise<string[]> => {
    const { lines, failed } = await scratch.apply(document);
    for (const { item, hint } of failed) assertEquals([item, hint], ["route r", HINT]);
    const steps = lines.flatMap((line) =>
      line.startsWith("route r: ") ? [line.slice(9).replace(/(by \w+ in blue).*/, "$1")] : []
    );
    return [...steps, ...failed.map(({ reason }) => reason)];
  };

  for (const [name, addresses, route, expected] of CONNECTED_CASES) {
    it(`a route ${name}`, async () => {
      const described = connectedFile(addresses, route);
      const again = expected.filter((line) => line.startsWith("the kernel"));
      const earlier = [
        undefined, // a new link
        withoutRoutes(described),
        withoutRoutes(connectedFile(["203.0.113.1/25"], route)),
        withoutRoutes(connectedFile(addresses, route, { enabled: false })),
      ];
      for (const before of earlier) {
        using scratch = new Scratch();
        if (before !== undefined) await scratch.apply(before);
        assertEquals(await applied(scratch, described), expected);
        assertEquals(await applied(scratch, described), again, "again");
        using alone = new Scratch();
        await alone.apply(withoutRoutes(described));
        await scratch.apply(withoutRoutes(described));
        const routesOf = (one: Scratch): unknown => (one.state("blue") as { routes: unknown }).routes;
        assertEquals(routesOf(scratch), routesOf(alone), "without it");
        assertEquals((await scratch.destroy(described)).pending, []);
      }
    });
  }
});
