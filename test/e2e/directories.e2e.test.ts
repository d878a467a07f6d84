import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { makeDirectories } from "../../src/directories.ts";

describe("makeDirectories()", () => {
  it("makes what is missing with the mode, whatever the umask is, and leaves what is there", () => {
    const top = mkdtempSync(join(tmpdir(), "netns-directories-"));
    try {
      chmodSync(top, 0o755);
      const umask = process.umask(0o077);
      makeDirectories(join(top, "shared", "own"), 0o755);
      process.umask(umask);
      assertEquals(["shared", "shared/own"].map((path) => statSync(join(top, path)).mode & 0o777), [0o755, 0o755]);
      const inner = join(top, "a", "b", "c");
      makeDirectories(inner, 0o700);
      makeDirectories(inner, 0o755);
      const modes = [top, join(top, "a"), inner].map((path) => statSync(path).mode & 0o777);
      assertEquals(modes, [0o755, 0o700, 0o700]);
      writeFileSync(join(top, "file"), "");
      assertThrows(() => makeDirectories(join(top, "file", "under"), 0o700), Error, "ENOTDIR");
      assertThrows(() => makeDirectories(join(top, "file"), 0o700), Error, "EEXIST");
    } finally {
      rmSync(top, { recursive: true });
    }
  });

  it("takes what others make at the same time", async () => {
    const top = mkdtempSync(join(tmpdir(), "netns-directories-"));
    const count = 3;
    const arrived = new Int32Array(new SharedArrayBuffer(4));
    // Each thread begins a round when the last one has come to it.
    const program = `
      import { parentPort, workerData } from "node:worker_threads";
      import { Worker } from "node:worker_threads";
import { makeDirectories } from ${JSON.stringify(new URL("../../src/directories.ts", import.meta.url).href)};
      const { arrived, top, rounds, count } = workerData;
      const failures = [];
      for (let round = 1; round <= rounds; round++) {
        Atomics.add(arrived, 0, 1);
        Atomics.notify(arrived, 0);
        for (let now; (now = Atomics.load(arrived, 0)) < round * count;) Atomics.wait(arrived, 0, now);
        try { makeDirectories(top + "/" + round + "/a/b", 0o700); } catch (error) { failures.push(String(error)); }
      }
      parentPort.postMessage(failures);
    `;
    try {
      const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
      const workers = Array.from(
        { length: count },
        () => new Worker(url, { workerData: { arrived, top, rounds: 100, count } }),
      );
      const failures = await Promise.all(workers.map(async (worker) => (await once(worker, "message"))[0]));
      await Promise.all(workers.map((worker) => worker.terminate()));
      assertEquals(failures, workers.map(() => []));
    } finally {
      rmSync(top, { recursive: true });
    }
  });
});
