import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { microserviceNs, NsHandler } from "@netns/netns";
import { clientOf } from "../../../src/microservices/client/client.ts";
import { describeAsRoot, descriptors, scratchName, traces } from "../../integration/support/traces.ts";
import { describeServices, type Service } from "../docker.ts";
import { eventually, eventuallyEquals, following } from "../following.ts";
import { type Fate, Proxy } from "../proxy.ts";

const label = (): string => `web-${crypto.randomUUID().slice(0, 8)}`;
const namespaces = (): number => descriptors().filter((one) => one.includes("net:[")).length;

describeServices("following containers", (open) => {
  let service: Service;
  before(async () => void (service = await open()));
  after(() => service[Symbol.asyncDispose]());

  const fates: [what: string, fate: Fate, streams: number][] = [
    ["that comes byte by byte reads it", "crumbled", 1],
    ["that is cut in the middle of a line connects again", "cut", 2],
    ["with a broken line goes over all again", "spoiled", 1],
  ];
  for (const [what, fate, streams] of fates) {
    it(`by a stream ${what}`, async () => {
      await using proxy = await Proxy.open(service.socket);
      await using it = await following({ socketPath: proxy.socket });
      proxy.fate = fate;
      const [first, second] = [label(), label()];
      const ids = [await service.run({ MICROSERVICE_LABEL: first })];
      await eventually(() => it.handler.getMicroserviceByLabel().has(first));
      ids.push(await service.run({ MICROSERVICE_LABEL: second }));
      await eventually(() => it.handler.getMicroserviceByLabel().has(second));
      assertEquals(proxy.streams, streams);
      await service.remove(...ids);
      await eventually(() => it.handler.getMicroserviceByID().size === 0);
    });
  }

  it("by a stream says what happened just before it, too", async () => {
    const id = await service.create({});
    const runtime = await clientOf({ name: "own", transport: { type: "unix", path: service.socket } });
    let isSeen = false;
    for (let i = 0; i < 20 && !isSeen; i++) { // a machine that is slow enough makes a moment long
      await service.api("POST", `/containers/${id}/rename?name=renamed-${i}`);
      const ended = new AbortController();
      const events = await runtime.subscribe(ended.signal);
      const limit = setTimeout(() => ended.abort(), 2000);
      try {
        for await (const event of events) {
          isSeen = "id" in event && event.id === id;
          if (isSeen) break;
        }
      } catch (error) {
        if (!ended.signal.aborted) throw error;
      }
      clearTimeout(limit);
      ended.abort();
    }
    await service.remove(id);
    assert(isSeen);
  });

  it("waits for a service that is killed, and finds all when it is back", async () => {
    await using it = await following({ socketPath: service.socket });
    const web = label();
    const id = await service.run({ MICROSERVICE_LABEL: web });
    (await it.handler.waitFor(microserviceNs(web))).close();
    await service.stop("SIGKILL");
    await eventually(() => it.handler.containerRuntime.state === "unavailable");
    const waiting = it.handler.waitFor(microserviceNs(`${web}-2`));
    await service.start();
    const next = await service.run({ MICROSERVICE_LABEL: `${web}-2` });
    (await waiting).close();
    assertEquals(it.handler.getMicroserviceByID().has(id), (await service.cli("ps", "-q", "--no-trunc")).includes(id));
    await service.remove(id, next);
    await eventually(() => it.handler.getMicroserviceByID().size === 0);
  });

  it("takes none in that is removed between the two looks at it", async () => {
    await using proxy = await Proxy.open(service.socket);
    await using it = await following({ socketPath: proxy.socket });
    const web = label();
    const id = await service.create({ MICROSERVICE_LABEL: web });
    let looks = 0;
    let removed = false;
    proxy.hold = (line) => {
      if (!line.includes(`/containers/${id}/json`) || ++looks !== 2) return undefined;
      return service.remove(id).then(() => void (removed = true));
    };
    const before = namespaces();
    await service.api("POST", `/containers/${id}/start`).catch(() => undefined); // it may be gone before that is done
    await eventually(() => removed);
    await it.handler.handleMicroservices({});
    await eventuallyEquals(namespaces, before); // the second look may still be under way
    assertEquals([it.handler.getMicroserviceByID().size, it.seen(web)], [0, []]);
  });
});

describeAsRoot("NsHandler without a container runtime", () => {
  it("works, and says what was tried", async () => {
    const before = traces();
    const socketPath = `/tmp/${scratchName()}.sock`;
    const handler = new NsHandler({ docker: { socketPath }, configNamespace: scratchName() });
    await handler.init();
    await eventually(() => handler.containerRuntime.state === "unavailable");
    assertStringIncludes(JSON.stringify(handler.containerRuntime), `unix://${socketPath}: there is no such socket`);
    let message = "";
    try {
      handler.withNamespace(microserviceNs("web"), () => undefined);
    } catch (error) {
      message = String(error);
    }
    assertStringIncludes(message, `there is no such socket`);
    await handler.close();
    assertEquals(traces()["names"], before["names"]);
  });
});
