/**
 * The programs of `test/examples/` print what they say in Deno and in Node; those files that a reader meets first are
 * applied and taken away by the command. `example_files.e2e.test.ts` tries what the others make.
 */
import { assertEquals } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { microserviceNs, NsHandler } from "@netns/netns";
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { tryExample } from "../integration/configurator/example.ts";
import { describeService, DOCKER, type Service } from "./docker.ts";
import { firstDifference, promisedOutput } from "./documents/blocks.ts";
import { eventually } from "./following.ts";
import { describeForms, nodeFolder, root, Sandbox } from "./support.ts";

const FOLDER = join(root, "test/examples");
/** The one that waits for a container. */
const CONTAINERS = "follow_containers.ts";
/** How many lines an example has. */
const [LEAST, MOST] = [20, 80];

const files = readdirSync(FOLDER).sort();
const programs = files.filter((name) => name.endsWith(".ts"));
const promised = (name: string): string => promisedOutput(readFileSync(join(FOLDER, name), "utf8"));

/** The command that runs an example in Deno. */
const inDeno = (name: string): string[] => [
  process.execPath,
  ...["run", "-A", "--config", join(root, "deno.json"), "--node-modules-dir=manual", join(FOLDER, name)],
];

/** The command that runs an example in Node, as a user's compiler would hand it on. */
function inNode(name: string, folder: string): string[] {
  const program = join(folder, name.replace(/\.ts$/, ".mjs"));
  const options = ["--format=esm", "--target=node20", "--log-level=error", `--outfile=${program}`];
  const { status, stderr } = spawnSync(join(root, "node_modules/.bin/esbuild"), [join(FOLDER, name), ...options], {
    encoding: "utf8",
  });
  assertEquals(status, 0, stderr);
  return ["node", program];
}

describe("test/examples", () => {
  it("are complete programs that can be read at once", () => {
    for (const name of programs) {
      const lines = readFileSync(join(FOLDER, name), "utf8").trimEnd().split("\n").length;
      assertEquals(lines >= LEAST && lines <= MOST, true, `${name} has ${lines} lines`);
    }
  });
});

describeForms("test/examples", (command, form) => {
  for (const name of programs.filter((one) => one !== CONTAINERS)) {
    it(`${name} prints what it says`, async () => {
      await using sandbox = await Sandbox.open();
      sandbox.output("ip", "link", "set", "lo", "up");
      using folder = nodeFolder();
      const printed = sandbox.output(...form === "Deno" ? inDeno(name) : inNode(name, folder.path));
      assertEquals(firstDifference(promised(name), printed), undefined, printed);
      assertEquals(sandbox.names(), [], "it leaves no name");
    });
  }

  for (const name of ["topology.yaml", "tap.yaml", "container.yaml"]) {
    it(`${name} can be applied, applied again without a change, and taken away`, async () => {
      await using sandbox = await Sandbox.open();
      const report = (verb: string) => JSON.parse(sandbox.output(...command, verb, "--json", join(FOLDER, name)));
      const first = report("apply");
      assertEquals([first.done.length > 0, first.failed], [true, []]);
      assertEquals(report("apply").done, []);
      assertEquals(report("destroy").failed, []);
      assertEquals(sandbox.names(), []);
    });
  }
});

describeService(DOCKER, CONTAINERS, (open) => {
  let service: Service;
  before(async () => service = await open());
  after(() => service[Symbol.asyncDispose]());

  it("container.yaml is applied, tried, applied again and taken away", async () => {
    const id = await service.run({ MICROSERVICE_LABEL: "web" });
    await using handler = new NsHandler({ docker: { socketPath: service.socket } });
    await handler.init();
    try {
      (await handler.waitFor(microserviceNs("web"), { signal: AbortSignal.timeout(60_000) })).close();
      await tryExample(join(FOLDER, "container.yaml"), handler);
    } finally {
      await service.remove(id);
    }
  });

  for (const form of ["Deno", "Node"]) {
    it(`prints what it says in ${form}`, async () => {
      using folder = nodeFolder();
      const [command = "", ...args] = form === "Deno" ? inDeno(CONTAINERS) : inNode(CONTAINERS, folder.path);
      const env = { ...process.env, DOCKER_HOST: `unix://${service.socket}` };
      const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
      let [printed, complained] = ["", ""];
      child.stdout.setEncoding("utf8").on("data", (piece) => printed += piece);
      const waits = text(child.stderr.on("data", (piece) => complained += String(piece)));
      const ended = new Promise((done) => child.on("exit", done));
      try {
        await eventually(() => complained.includes("waiting"), () => complained);
        const id = await service.run({ MICROSERVICE_LABEL: "web" });
        await eventually(() => printed.includes("started"), () => printed);
        await service.remove(id);
        assertEquals(await ended, 0, await waits);
        assertEquals(firstDifference(promised(CONTAINERS), printed), undefined, printed);
      } finally {
        child.kill("SIGKILL");
      }
    });
  }
});
