import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { microserviceNs, NsHandle, NsHandler } from "@netns/netns";
import { scratchName } from "../integration/support/traces.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { describeService, DOCKER, type Service } from "./docker.ts";
import { eventually, following } from "./following.ts";
import { describeForms } from "./support.ts";

const HOST = "127.0.0.1";

describeService(DOCKER, "containers over TCP", (open) => {
  let own: Certificates;
  let others: Certificates;
  let service: Service;
  let port: number;
  let id: string;
  let pid: number;
  before(async () => {
    [own, others] = [makeCertificates(), makeCertificates()];
    port = await freePort();
    const file = (name: string): string => join(own.dir, name);
    service = await open([
      ...["--tlsverify", "--tlscacert", file("ca.pem"), "--tlscert", file("server.pem")],
      ...["--tlskey", file("server-key.pem"), "-H", `tcp://${HOST}:${port}`],
    ]);
    id = await service.run({ MICROSERVICE_LABEL: "web" });
    pid = await service.pid(id);
  });
  after(async () => {
    await service[Symbol.asyncDispose]();
    own[Symbol.dispose]();
    others[Symbol.dispose]();
  });

  const tlsOf = (ca: Certificates, client: Certificates) => ({
    ca: readFileSync(join(ca.dir, "ca.pem"), "utf8"),
    cert: readFileSync(join(client.dir, "cert.pem"), "utf8"),
    key: readFileSync(join(client.dir, "key.pem"), "utf8"),
  });

  it("with TLS are followed by the options, and end with the handler", async () => {
    const connected = { state: "connected", endpoint: `tls://${HOST}:${port}` };
    await using it = await following({ host: HOST, port, tls: tlsOf(own, own) });
    assertEquals(it.handler.containerRuntime as unknown, connected);
    using ns = await it.handler.waitFor(microserviceNs("web"), { signal: AbortSignal.timeout(60_000) });
    using real = NsHandle.fromPid(pid);
    assert(ns.equals(real));
    const next = await service.run({ MICROSERVICE_LABEL: "next" });
    await eventually(() => it.handler.getMicroserviceByLabel().has("next"));
    await service.remove(next);
    await eventually(() => !it.handler.getMicroserviceByLabel().has("next"));
  });

  it("with TLS say why, if one side does not trust the other", async () => {
    for (const tls of [tlsOf(others, own), tlsOf(own, others)]) {
      const handler = new NsHandler({ docker: { host: HOST, port, tls }, configNamespace: scratchName() });
      await handler.init();
      try {
        await eventually(() => handler.containerRuntime.state === "unavailable", () => handler.containerRuntime);
        const state = handler.containerRuntime;
        assert(state.state === "unavailable");
        assertMatch(state.tried.join(), new RegExp(`^tls://${HOST}:${port}: .*(certificate|ca|handshake|peer)`, "i"));
      } finally {
        await handler.close();
      }
    }
  });

  describeForms("netns microservices", ([program = "", ...words]) => {
    const variables = (): NodeJS.ProcessEnv => ({
      ...process.env,
      NO_COLOR: "1",
      DOCKER_HOST: `tcp://${HOST}:${port}`,
      DOCKER_TLS_VERIFY: "1",
      DOCKER_CERT_PATH: own.dir,
    });

    it("goes by DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, and ends with SIGTERM", async () => {
      const { stdout, stderr } = spawnSync(program, [...words, "microservices", "--json"], {
        encoding: "utf8",
        env: variables(),
      });
      assertEquals(JSON.parse(stdout || "[]"), [{ label: "web", pid, id, network: "own" }], stderr);
      const { DOCKER_TLS_VERIFY: _, ...others } = variables();
      const byScheme = spawnSync(program, [...words, "microservices", "--json"], {
        encoding: "utf8",
        env: { ...others, DOCKER_HOST: `https://${HOST}:${port}` },
      });
      assertEquals(byScheme.stdout, stdout, byScheme.stderr);
      const child = spawn(program, [...words, "microservices", "--watch", "--json"], {
        env: variables(),
        stdio: ["ignore", "pipe", "inherit"],
      });
      await once(child.stdout, "data"); // it follows
      process.kill(child.pid ?? 0, "SIGTERM");
      assertEquals(await once(child, "exit"), [0, null]);
    });
  });

  it("without TLS are followed by the options", async () => {
    await service.stop();
    await service.start(["--tls=false", "-H", `tcp://${HOST}:${port}`]);
    await using it = await following({ host: HOST, port });
    assertEquals(it.handler.containerRuntime as unknown, { state: "connected", endpoint: `tcp://${HOST}:${port}` });
    await eventually(() => it.handler.getMicroserviceByLabel().get("web")?.id === id);
  });
});

/** A port on which nobody listens now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
