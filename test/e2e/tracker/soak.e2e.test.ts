import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import process from "node:process";
import { Configurator, MemoryStateStore, NsHandle, parseConfig } from "@netns/netns";
import { descriptors, linkNames, scratchNamespace } from "../../integration/support/traces.ts";
import { describeServices, type Service } from "../docker.ts";
import { eventually, eventuallyEquals, following } from "../following.ts";

/** How many starts there are (SOAK=1000 for a long one), with how many labels, how many at once. */
const SOAK = { Docker: 200, Podman: 60 };
/** How often each container is started, on average. */
const TURNS = 5;
const LABELS = 8;
const WORKERS = 4;

const open = (what: string): number => descriptors().filter((one) => one.includes(what)).length;

describeServices("containers that come and go", (start, name) => {
  let service: Service;
  before(async () => void (service = await start()));
  after(() => service[Symbol.asyncDispose]());

  it("leave what the runtime has, and no descriptor and no link more than before", async () => {
    const prefix = `soak-${crypto.randomUUID().slice(0, 4)}`;
    using hub = scratchNamespace();
    using ns = NsHandle.fromName(hub.name);
    await using it = await following({ socketPath: service.socket });
    const { handler } = it;
    const before = { namespaces: open("net:["), sockets: open("socket:["), links: linksHere() };
    const ended = new AbortController();
    const agent = follow(new Configurator(handler, { store: new MemoryStateStore() }), hub.name, prefix, ended.signal);
    const pool: string[] = [];
    const running = new Set<string>();
    let starts = Number(process.env["SOAK"] ?? SOAK[name]);
    try {
      for (let i = 0; i < starts / TURNS; i++) {
        pool.push(await service.create({ MICROSERVICE_LABEL: `${prefix}-${i % LABELS}` }));
      }

      const idle = [...pool];
      const life = async (): Promise<void> => {
        while (starts > 0) {
          const [id = ""] = idle.splice(Math.floor(Math.random() * idle.length), 1);
          if (running.has(id)) {
            await end(id);
          } else {
            starts--;
            await service.api("POST", `/containers/${id}/start`);
            running.add(id);
          }
          idle.push(id);
        }
      };
      const end = async (id: string): Promise<void> => {
        await service.api("POST", `/containers/${id}/kill`);
        await service.api("POST", `/containers/${id}/wait`);
        running.delete(id);
      };
      await Promise.all(Array.from({ length: WORKERS }, life));

      const ps = (await service.cli("ps", "-q", "--no-trunc")).split("\n").filter((one) => one !== "").sort();
      assertEquals(ps, [...running].sort());
      const known = (): string[] => [...handler.getMicroserviceByID().keys()].sort();
      await eventually(() => known().join() === ps.join(), () => [known(), ps]);
      const newest = await newestOf(ps);
      const labels = (): string[] => [...handler.getMicroserviceByLabel().values()].map(({ id }) => id).sort();
      const right = [...newest.values()].sort();
      await eventually(() => labels().join() === right.join(), () => [labels(), right]);
      const wired = ["lo", ...newest.keys()].sort().join();
      await eventually(() => linkNames(ns).sort().join() === wired, () => [linkNames(ns), wired]);

      for (const id of [...running]) await end(id);
      await eventually(() => known().length === 0 && linkNames(ns).length === 1, () => [known(), linkNames(ns)]);
    } finally {
      ended.abort();
      await agent;
      for (const id of pool) await service.remove(id);
    }
    await eventuallyEquals(() => [open("net:["), linksHere()], [before.namespaces, before.links]);
    await eventually(() => open("socket:[") <= before.sockets, descriptors);
  });

  /** The newest of each label, by the name of its link. */
  async function newestOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const seen = await Promise.all(ids.map(async (id) => {
      const { State, Config } = JSON.parse(await service.api("GET", `/containers/${id}/json`)) as {
        readonly State: { readonly StartedAt: string };
        readonly Config: { readonly Env: readonly string[] };
      };
      const label = Config.Env.find((entry) => entry.startsWith("MICROSERVICE_LABEL="))?.split("=")[1] ?? "";
      return { id, link: `c${label.split("-").at(-1)}`, at: Date.parse(State.StartedAt), text: State.StartedAt };
    }));
    // Docker leaves out the zeros at the end of nanoseconds.
    seen.sort((a, b) => a.at - b.at || nanoseconds(a.text) - nanoseconds(b.text));
    return new Map(seen.map(({ link, id }) => [link, id]));
  }
});

const nanoseconds = (time: string): number => Number((time.match(/\.(\d+)/)?.[1] ?? "").padEnd(9, "0"));

/** Keeps a pair from the hub to each label, until the end. */
async function follow(configurator: Configurator, hub: string, prefix: string, signal: AbortSignal): Promise<void> {
  const interfaces = Array.from({ length: LABELS }, (_, i) => [
    { name: `hub${i}`, enabled: true, hostIfName: `c${i}`, namespace: hub, veth: { peerIfName: `end${i}` } },
    {
      name: `end${i}`,
      enabled: true,
      hostIfName: "eth0",
      ipAddresses: [`10.99.${i}.2/24`],
      namespace: `MICROSERVICE:${prefix}-${i}`,
      veth: { peerIfName: `hub${i}` },
    },
  ]);
  const config = parseConfig(JSON.stringify({ name: prefix, interfaces: interfaces.flat() }));
  const configs = async function* (): AsyncGenerator<typeof config> {
    yield await Promise.resolve(config);
  };
  for await (const _ of configurator.agent(configs(), { signal }));
}

function linksHere(): string[] {
  using home = NsHandle.home();
  return linkNames(home).sort();
}
