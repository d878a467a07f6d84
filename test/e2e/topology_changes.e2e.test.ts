/** The agent follows the file that it is given: written in pieces, replaced, behind a link, away for a while. */
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertEquals, assertMatch } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { pause } from "../../src/async/pause.ts";
import { topologyChanges } from "../../src/cli/topology_changes.ts";
import { readNamedTopology } from "../../src/cli/topology_file.ts";
import { type FakeIo, fakeIo } from "../unit/cli/fake_io.ts";

const text = (...names: readonly string[]): string => `name: t\nnamespaces: [${names.join(", ")}]\n`;

describe("topologyChanges()", () => {
  let parent: string, directory: string, file: string, io: FakeIo;
  const faults: string[] = [];

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "netns-unit-"));
    directory = join(parent, "d");
    mkdirSync(directory);
    file = join(directory, "t.yaml");
    writeFileSync(file, text("a"));
    io = fakeIo();
    faults.length = 0;
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  /** The namespaces of each configuration, with one change made after each. */
  async function follow(...changes: readonly (() => unknown)[]): Promise<string[]> {
    const seen: string[] = [];
    const first = await readNamedTopology(file, io);
    const timer = setTimeout(() => io.interruption.abort(), 20_000);
    await pause(5); // so that another time of change is another stamp
    void changes[0]?.();
    for await (
      const { namespaces } of topologyChanges(file, undefined, io, first, (error) => faults.push(`${error}`))
    ) {
      seen.push(namespaces.join(" "));
      const next = changes[seen.length];
      if (next === undefined) io.interruption.abort();
      else void next();
    }
    clearTimeout(timer);
    return seen;
  }

  it("takes half of a file that is being written for no other file", async () => {
    const writeInPieces = async (): Promise<void> => {
      const fd = openSync(file, "w");
      for (const piece of ["name: t\n", "namespaces:\n  - a\n", "  - b\n"]) {
        writeSync(fd, piece); // each of them is a file without a fault
        await pause(20);
      }
      closeSync(fd);
    };
    assertEquals(await follow(writeInPieces), ["a b"]);
    assertEquals(faults, []);
  });

  it("sees another target of a symbolic link, one that is edited, and a directory that was replaced", async () => {
    const target = join(parent, "target.yaml");
    writeFileSync(target, text("b"));
    assertEquals(
      await follow(
        () => {
          rmSync(file);
          symlinkSync(target, file);
        },
        () => writeFileSync(target, text("c")),
        () => {
          renameSync(directory, `${directory}.old`);
          mkdirSync(directory);
          writeFileSync(file, text("d"));
        },
        () => writeFileSync(file, text("e")),
      ),
      ["b", "c", "d", "e"],
    );
  });

  it("keeps the last good version while there are faults, or no file", async () => {
    const seen = await follow(
      async () => {
        rmSync(file);
        await pause(500);
        writeFileSync(file, "namespaces: [");
        await pause(500);
        writeFileSync(file, text("b"));
      },
    );
    assertEquals([seen, faults.length], [["b"], 2]);
  });

  it("goes on, and ends, beside a FIFO that somebody makes, and a link to one", async () => {
    const seen = await follow(
      async () => {
        assertEquals(spawnSync("mkfifo", [join(directory, "fifo")]).status, 0);
        symlinkSync("fifo", join(directory, "link"));
        await pause(300);
        writeFileSync(file, text("b"));
      },
      async () => {
        rmSync(file);
        assertEquals(spawnSync("mkfifo", [file]).status, 0);
        await pause(500);
        rmSync(file);
        writeFileSync(file, text("c"));
      },
    );
    assertEquals([seen, faults.length], [["b", "c"], 1]);
    assertMatch(faults[0] ?? "", /regular file/);
  });
});
