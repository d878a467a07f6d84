import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { constants } from "node:os";
import { deleteNamedNamespace } from "@netns/netns";
import { interceptLibc } from "../../../../ffi/mod.ts";
import { assertSameTraces, describeAsRoot, traces } from "../../support/traces.ts";
import { star } from "../../../support/topologies.ts";
import { Scratch } from "../scratch.ts";

const RTM_DELLINK = 17;

describeAsRoot("Configurator.destroy() of a star", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("deletes links together, and each by itself where that fails", async () => {
    using scratch = new Scratch();
    const document = star(3);
    let count = 0;
    const failingAt = (number: number): Disposable =>
      interceptLibc((name, [, message], proceed) => {
        const type = name === "send" && message instanceof Uint8Array ? message[4] : 0;
        return type === RTM_DELLINK && ++count === number ? { errno: constants.errno.ENOBUFS } : proceed();
      });
    for (const [number, sends] of [[0, 1], [1, 2]] as const) {
      scratch.make("blue");
      assertEquals((await scratch.apply(document)).failed, []);
      count = 0;
      using _door = failingAt(number);
      const { failed, done } = await scratch.destroy(document);
      assertEquals([failed, done.filter(({ kind }) => kind === "delete-link").length, count], [[], 3, sends]);
      assertEquals(scratch.look("blue"), {});
      deleteNamedNamespace(scratch.name("blue"));
    }
  });
});
