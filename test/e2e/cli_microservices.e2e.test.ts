import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { describeServices, formWith, type Service } from "./docker.ts";
import { eventually } from "./following.ts";
import { describeForms } from "./support.ts";

describeServices("the command with containers", (open, name) => {
  let service: Service;
  before(async () => void (service = await open()));
  after(() => service[Symbol.asyncDispose]());

  describeForms("netns microservices", ([program = "", ...words]) => {
    const env = (): NodeJS.ProcessEnv => ({ ...process.env, NO_COLOR: "1", DOCKER_HOST: `unix://${service.socket}` });
    const run = (...args: string[]) => spawnSync(program, [...words, ...args], { encoding: "utf8", env: env() });

    it("lists them as a table and as JSON, and exec goes into them", async () => {
      const id = await service.run({ MICROSERVICE_LABEL: "web" });
      const pid = await service.pid(id);
      const guest = await service.run({ MICROSERVICE_LABEL: "a b" }, ["--network", `container:${id}`]);
      const { stdout, status } = run("microservices");
      assertEquals([status, stdout.split("\n").length], [0, 4]);
      assertMatch(stdout, /^LABEL +PID +ID +NETWORK\n/);
      assertMatch(stdout, new RegExp(`^web +${pid} +${id.slice(0, 12)}$`, "m"));
      const json = JSON.parse(run("microservices", "--json").stdout) as unknown[];
      assertEquals(json[1], { label: "web", pid, id, network: "own" });
      assertEquals(json[0], { label: "a b", pid: await service.pid(guest), id: guest, network: "shared" });
      const inside = run("exec", "MICROSERVICE:web", "--", "readlink", "/proc/self/ns/net");
      assertEquals(inside.stdout, spawnSync("readlink", [`/proc/${pid}/ns/net`], { encoding: "utf8" }).stdout);
      const none = run("exec", "MICROSERVICE:none", "--", "true");
      assertEquals(none.status, 1);
      assertStringIncludes(none.stderr, 'No container with the microservice label "none" is running');
      await service.remove(guest, id);
    });

    it("watches them until SIGTERM, and ends at once", async () => {
      const child = spawn(program, [...words, "microservices", "--watch", "--json"], { env: env(), stdio: "pipe" });
      let out = "";
      child.stdout.on("data", (data) => out += data);
      const lines = (): string[] => out.split("\n").slice(0, -1);
      const ids = [await service.run({ MICROSERVICE_LABEL: "web" }), await service.run({ MICROSERVICE_LABEL: "db" })];
      await eventually(() => lines().length === 2, () => out);
      await service.remove(...ids);
      await eventually(() => lines().length === 4, () => out);
      const events = lines().map((line) => JSON.parse(line) as { eventType: string; label: string });
      const seen = events.map(({ eventType, label }) => `${eventType} ${label}`);
      assertEquals(seen.toSorted(), ["new-ms db", "new-ms web", "term-ms db", "term-ms web"]);
      // Not child.kill(): Deno would report the signal as the end of every child.
      process.kill(child.pid ?? 0, "SIGTERM");
      assertEquals(await once(child, "exit"), [0, null]);
    });

    it("doctor finds the runtime, and counts its containers", async () => {
      const id = await service.run({});
      const { stdout } = run("doctor", "--json");
      const found = (JSON.parse(stdout) as { check: string; status: string; detail: string }[])
        .filter(({ check }) => /unix:[/]{2}|^container runtime$|of containers$/.test(check));
      assertEquals(found, [
        { check: `unix://${service.socket}`, status: "ok", detail: "answers; 1 container runs" },
        { check: "container runtime", status: "ok", detail: `unix://${service.socket}` },
        { check: "network namespaces of containers", status: "ok", detail: "each is proved to be the container's" },
      ]);
      await service.remove(id);
    });

    it("warns in another PID namespace that it cannot know the processes", async () => {
      const id = await service.run({ MICROSERVICE_LABEL: "web" });
      const apart = (...args: string[]) =>
        spawnSync("unshare", ["--pid", "--fork", "--mount-proc", program, ...words, ...args], {
          encoding: "utf8",
          env: env(),
        });
      const reason = new RegExp(`(Docker|Podman) says that "web" is process \\d+, which .*run with --pid=host`);
      const listed = apart("microservices", "--json");
      assertEquals([listed.status, listed.stdout], [0, "[]\n"], listed.stderr);
      assertMatch(listed.stderr, new RegExp(`^warning: ${reason.source}`));
      const entered = apart("exec", "MICROSERVICE:web", "true");
      assertEquals(entered.status, 1);
      assertMatch(entered.stderr, reason);
      const checks = JSON.parse(apart("doctor", "--json").stdout) as {
        check: string;
        status: string;
        detail: string;
      }[];
      const found = checks.find(({ check }) => check === "network namespaces of containers");
      assertEquals(found?.status, "warning");
      assertMatch(found?.detail ?? "", reason);
      await service.remove(id);
    });

    it("enters a container by its name or id, with a label or without", async () => {
      const name = `name-${crypto.randomUUID().slice(0, 8)}`;
      const id = await service.run({}, ["--name", name]);
      const expected = spawnSync("readlink", [`/proc/${await service.pid(id)}/ns/net`], { encoding: "utf8" }).stdout;
      for (const text of [name, id, id.slice(0, 12)]) {
        const inside = run("exec", `CONTAINER:${text}`, "--", "readlink", "/proc/self/ns/net");
        assertEquals(inside.stdout, expected, inside.stderr);
      }
      const none = run("exec", "CONTAINER:nobody", "--", "true");
      assertStringIncludes(none.stderr, 'No container of the name or id "nobody" is running');
      await service.remove(id);
    });

    it("lists what it tried if there is no runtime", () => {
      const { status, stderr } = spawnSync(program, [...words, "microservices"], {
        encoding: "utf8",
        env: { ...env(), DOCKER_HOST: "unix:///nonexistent.sock" },
      });
      assertEquals(status, 1);
      assertMatch(stderr, /^error: no container runtime .*unix:\/\/\/nonexistent\.sock: there is no such socket.*\n$/);
    });
  }, formWith(name));
});
