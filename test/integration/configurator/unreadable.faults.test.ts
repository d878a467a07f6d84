import { assert, assertEquals, assertMatch } from "@std/assert";
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

describeAsRoot("Configurator.destroy(), of a namespace that cannot be opened", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("says what is left there and why, and takes it when it can be", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    const file = {
      interfaces: [{ name: "br", type: "BRIDGE", namespace: "blue", ipAddresses: ["10.1.0.1/24"] }],
      routes: [{ name: "r", interface: "br", dstIpAddr: "10.9.0.0/16", gwAddr: "10.1.0.2" }],
      rules: [{ name: "u", namespace: "blue", from: "10.5.0.0/16", table: 42 }],
    } as const;
    assertEquals((await scratch.apply(file)).failed, []);
    const refused = (name: string, args: readonly unknown[]): boolean =>
      name === "open" && args[0] instanceof Uint8Array &&
      new TextDecoder().decode(args[0]).includes(`/${scratch.name("blue")}`);
    {
      using _door = interceptLibc((name, args, proceed) => (
        refused(name, args) ? { errno: constants.errno.EACCES } : proceed()
      ));
      const { done, pending, failed } = await scratch.destroy(file);
      assertEquals([done, failed], [[], []]);
      assertEquals(pending.map(({ item }) => item).sort(), ["interface br", "route r", "rule u"]);
      for (const { reason } of pending) assertMatch(reason, /^it is left: open .*\(EACCES\)/);
    }
    assertEquals(Object.keys(scratch.look("blue")), ["br"]);
    const { done, pending } = await scratch.destroy(file);
    assertEquals([done.map(({ item }) => item), pending], [["rule u", "interface br"], []]);
    assertEquals(Object.keys(scratch.look("blue")), []);
  });
});
