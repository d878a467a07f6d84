/** Links that delay and lose packets, which takes a kernel with netem. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { createServer } from "node:http";
import { Lab } from "@netns/netns/lab";
import { assertSameTraces, describeAsRoot, traces } from "../../integration/support/traces.ts";

const TOPOLOGY = `
  links:
    - ends: ["client eth0 10.0.0.2/24", "server eth0 10.0.0.1/24"]
      impair: { delay: 20ms, loss: 1% }
`;
/** How long a packet and its answer are on the way at least, in milliseconds: `delay` is that of each direction. */
const ROUND_TRIP = 40;

async function useOnce(): Promise<void> {
  await using lab = await Lab.up(TOPOLOGY);
  await lab.host("server").listen(createServer((_, response) => response.end()), { host: "10.0.0.1", port: 8080 });
  await (await lab.host("client").fetch("http://10.0.0.1:8080/")).text();
}

describeAsRoot("Lab", () => {
  let start: unknown;
  before(async () => {
    await useOnce(); // what the runtime opens for its first server stays open
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("delays and loses packets, and answers when the cable is plugged in again", async () => {
    await using lab = await Lab.up(TOPOLOGY);
    const server = lab.host("server"), client = lab.host("client");
    await server.listen(createServer((_, response) => response.end("hello")), { port: 8080 });
    await lab.link("server eth0").down();
    const reply = client.fetch("http://10.0.0.1:8080/", { signal: AbortSignal.timeout(120_000) });
    await lab.link("server eth0").up();
    assertEquals((await reply).status, 200);

    const began = performance.now();
    await client.connect({ host: "10.0.0.1", port: 8080 });
    const elapsed = performance.now() - began;
    assert(elapsed >= ROUND_TRIP, `connected after ${elapsed} ms`);
  });

  it("loses all, and mends the link while it runs", async () => {
    await using lab = await Lab.up(TOPOLOGY);
    const client = lab.host("client"), to = { host: "10.0.0.1", port: 1 };
    await lab.link("client eth0").impair({ loss: "100%" });
    const lost = await assertRejects(() => client.connect({ ...to, timeout: 300 }), Error);
    assertEquals(Reflect.get(lost, "code"), "ETIMEDOUT");
    await lab.link("client eth0").impair(undefined);
    const refused = await assertRejects(() => client.connect(to), Error);
    assertEquals(Reflect.get(refused, "code"), "ECONNREFUSED");
  });
});
