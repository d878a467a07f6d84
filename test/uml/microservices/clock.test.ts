/** A container runtime whose events are followed while the clock of the machine changes, which takes a machine of one's own. */
import { assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientOf } from "../../../src/microservices/client/client.ts";

const HOUR = 3600;

/** Sets the clock forward by so many seconds; see date(1). */
function setClock(by: number): void {
  execFileSync("date", ["--utc", "--set", `@${Math.floor(Date.now() / 1000) + by}`]);
}

describe("ContainerRuntime.subscribe()", () => {
  it("ends when the clock is set back, since the runtime would send no event until it is as late again", async () => {
    const folder = mkdtempSync(join(tmpdir(), "netns-clock-"));
    const path = join(folder, "sock");
    const server = createServer((request, response) => {
      if (request.url?.includes("/events") === true) return void response.flushHeaders();
      response.setHeader("Api-Version", "1.41").end("OK");
    });
    server.listen(path);
    await once(server, "listening");
    try {
      const runtime = await clientOf({ name: path, transport: { type: "unix", path } });
      const events = await runtime.subscribe(AbortSignal.timeout(10_000));
      setClock(-HOUR);
      try {
        const followed = async () => {
          for await (const event of events) throw new Error(`an event: ${JSON.stringify(event)}`);
        };
        await assertRejects(followed, Error, "the clock of the machine was set back");
      } finally {
        setClock(HOUR + 2); // not less than it was: the test is timed by it, too
      }
    } finally {
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true });
    }
  });
});
