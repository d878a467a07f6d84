import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { constants } from "node:os";
import { interceptLibc } from "../../../ffi/mod.ts";
import { vethEnd } from "../../support/topologies.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

describeAsRoot("Configurator.plan(), of a namespace that cannot be read", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("fails the items of that namespace alone", async () => {
    using scratch = new Scratch();
    const file = {
      namespaces: ["blue", "green", "red", "white"],
      interfaces: [
        vethEnd("left", "right", { namespace: "blue" }),
        vethEnd("right", "left", { namespace: "green" }),
        vethEnd("one", "two", { namespace: "red" }),
        vethEnd("two", "one", { namespace: "white" }),
      ],
    };
    assertEquals((await scratch.apply(file)).failed, []);
    const config = scratch.config(file);
    // Each socket in turn: of the default namespace, and of those of the file.
    const sockets = 5;
    const counts: number[] = [];
    for (let flooded = 0; flooded < sockets; flooded++) {
      const open: number[] = [];
      using _door = interceptLibc((name, args, proceed) => {
        if (name === "recvfrom" && args[0] === open[flooded]) return { errno: constants.errno.ENOBUFS };
        const result = proceed();
        if (name === "socket") open.push(Number(result));
        return result;
      });
      const { failed, steps } = await scratch.configurator.plan(config);
      for (const { reason } of failed) assert(reason.includes("ENOBUFS"), reason);
      assertEquals(steps, []);
      counts.push(failed.length);
    }
    assert(counts.some((count) => count > 0));
    assert(counts.every((count) => count < 5), String(counts)); // 8 items, of which each pair has 4
    await scratch.destroy(file);
  });
});
