import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { constants } from "node:os";
import { deleteNamedNamespace } from "@netns/netns";
import { interceptLibc } from "../../../../ffi/mod.ts";
import { assertSameTraces, describeAsRoot, traces } from "../../support/traces.ts";
import { Scratch } from "../scratch.ts";

const RTM_DELLINK = 17;

describeAsRoot("Configurator.destroy() of a star", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("deletes links together, and each by itself where that fails", async () => {
    using scratch = new Scratch();
    const star = {
      interfaces: [0, 1, 2].flatMap((i) => [
        { name: `hub${i}`, namespace: "blue", veth: { peerIfName: `leaf${i}` } },
        { name: `leaf${i}`, namespace: `leaf${i}`, hostIfName: "eth0", veth: { peerIfName: `hub${i}` } },
      ]),
    };
    let count = 0;
    const failingAt = (place: number): Disposable =>
      interceptLibc((name, [, message], proceed) => {
        const type = name === "send" && message instanceof Uint8Array ? message[4] : 0;
        return type === RTM_DELLINK && ++count === place ? { errno: constants.errno.ENOBUFS } : proceed();
      });
    for (const [place, sends] of [[0, 1], [1, 2]] as const) {
      scratch.make("blue");
      assertEquals((await scratch.apply(star)).failed, []);
      count = 0;
      using _door = failingAt(place);
      const { failed, done } = await scratch.destroy(star);
      assertEquals([failed, done.filter(({ kind }) => kind === "delete-link").length, count], [[], 3, sends]);
      assertEquals(scratch.look("blue"), {});
      deleteNamedNamespace(scratch.name("blue"));
    }
  });
});
