import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { once } from "node:events";
import { type AgentOptions, get } from "node:https";
import { createServer, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { NsHandle } from "@netns/netns";
import { closed, firstConnection, lookAlikes, portOf } from "../../integration/netns/sockets/network.ts";
import { assertSameTraces, describeAsRoot, traces } from "../../integration/support/traces.ts";
import { makeCertificates } from "../certificates.ts";
import { type Echo, webServer } from "./web_server.ts";

describeAsRoot("NsHandle.httpsAgent()", () => {
  let start: unknown;
  before(async () => {
    await firstConnection();
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("reaches the server of its own namespace, whose CA it is given", async () => {
    using certificates = makeCertificates();
    const file = (name: string): string => readFileSync(join(certificates.dir, name), "utf8");
    const tls = { key: file("server-key.pem"), cert: file("server.pem") };
    using networks = lookAlikes();
    await using blue = await webServer(networks.blue, { name: "blue", tls });
    await using _green = await webServer(networks.green, { name: "green", tls, port: blue.port });
    const ask = async (ns: NsHandle, options: object): Promise<Echo> => {
      const agent = ns.httpsAgent(options);
      try {
        return JSON.parse(
          await new Promise<string>((resolve, reject) => {
            get(`${blue.origin}/x`, { agent }, (response) => text(response).then(resolve, reject)).on("error", reject);
          }),
        );
      } finally {
        agent.destroy();
      }
    };
    const ca = file("ca.pem");
    for (const [name, ns] of [["blue", networks.blue], ["green", networks.green]] as const) {
      const { from, url, headers } = await ask(ns, { ca });
      assertEquals([from, url, headers["host"]], [name, "/x", `127.0.0.1:${blue.port}`]);
    }
    const untrusted = await assertRejects(() => ask(networks.blue, {}), Error);
    assert(
      /UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|SELF_SIGNED/.test(`${Reflect.get(untrusted, "code")}`),
      `${untrusted}`,
    );
    const error = await assertRejects(() => networks.blue.fetch(blue.origin), TypeError, "fetch failed");
    assertInstanceOf(error.cause, Error);
  });

  it("leaves no connection where TLS refuses the options", async () => {
    using networks = lookAlikes();
    const open = new Set<Socket>();
    const server = createServer((socket) => {
      open.add(socket.on("error", () => undefined).on("close", () => open.delete(socket)).resume());
    });
    await networks.blue.listen(server, { host: "127.0.0.1", port: 0 });
    for (const options of [{ minVersion: "none" }, { ciphers: "none" }]) {
      const agent = networks.blue.httpsAgent(options as AgentOptions); // untyped
      const request = get(`https://127.0.0.1:${portOf(server)}/`, { agent });
      await once(request, "error");
      agent.destroy();
    }
    await closed(server); // waits until they have ended
    assertEquals(open.size, 0);
  });
});
