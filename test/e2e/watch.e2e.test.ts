import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import {
  createNamedNamespace,
  deleteNamedNamespace,
  type NamedNamespaceChange,
  watchNamedNamespaces,
} from "@netns/netns";
import { MNT_DETACH, umount } from "../../ffi/mod.ts";
import { describeAsRoot, scratchName, traces } from "../integration/support/traces.ts";

/** The first `count` changes of the names that `filter` lets through, while `act` runs and waits for what it did. */
async function changes(
  count: number,
  filter: readonly string[],
  act: (isSeen: () => Promise<void>) => Promise<void>,
  netnsDir?: string,
): Promise<NamedNamespaceChange[]> {
  const seen: NamedNamespaceChange[] = [];
  const controller = new AbortController();
  const limit = setTimeout(() => controller.abort(), 60_000);
  const watching = (async () => {
    for await (const change of watchNamedNamespaces({ netnsDir, signal: controller.signal })) {
      if (filter.includes(change.name)) seen.push(change);
      if (seen.length === count) controller.abort();
    }
  })();
  await pause(100);
  let next = 0;
  await act(async () => {
    next++;
    while (seen.length < next && !controller.signal.aborted) await pause(5);
  });
  await watching;
  clearTimeout(limit);
  return seen;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describeAsRoot("watchNamedNamespaces()", () => {
  let start: Readonly<Record<string, readonly string[]>>;
  before(() => start = traces());
  after(() => {
    const { names, mounts, away } = traces();
    assertEquals({ names, mounts, away }, { names: start["names"], mounts: start["mounts"], away: start["away"] });
  });

  it("yields what ip netns and this library do", async () => {
    const [a, b] = [scratchName(), scratchName()];
    const seen = await changes(4, [a, b], async (isSeen) => {
      assertEquals(spawnSync("ip", ["netns", "add", a]).status, 0);
      await isSeen();
      createNamedNamespace(b).close();
      await isSeen();
      assertEquals(spawnSync("ip", ["netns", "del", b]).status, 0);
      await isSeen();
      deleteNamedNamespace(a);
    });
    assertEquals(seen, [
      { kind: "added", name: a },
      { kind: "added", name: b },
      { kind: "removed", name: b },
      { kind: "removed", name: a },
    ]);
  });

  it("waits for a directory that does not exist, and for a new one in its place", async () => {
    const netnsDir = `/run/${scratchName()}/netns`;
    const name = scratchName();
    const takeAway = (): void => {
      deleteNamedNamespace(name, { netnsDir });
      umount(netnsDir, MNT_DETACH);
      rmSync(netnsDir, { recursive: true });
    };
    const seen = await changes(4, [name], async (isSeen) => {
      for (let round = 0; round < 2; round++) {
        mkdirSync(netnsDir, { recursive: true });
        await pause(100);
        createNamedNamespace(name, { netnsDir }).close();
        await isSeen();
        takeAway();
        await isSeen();
      }
    }, netnsDir);
    rmSync(netnsDir.replace(/\/netns$/, ""), { recursive: true, force: true });
    assertEquals(seen.map(({ kind }) => kind), ["added", "removed", "added", "removed"]);
    assert(seen.every((change) => change.name === name));
  });

  it("sees names beside a FIFO", async () => {
    const [fifo, name] = [scratchName(), scratchName()];
    assertEquals(spawnSync("mkfifo", [`/run/netns/${fifo}`]).status, 0);
    try {
      const seen = await changes(2, [fifo, name], async (isSeen) => {
        createNamedNamespace(name).close();
        await isSeen();
        deleteNamedNamespace(name);
      });
      assertEquals(seen, [{ kind: "added", name }, { kind: "removed", name }]);
    } finally {
      rmSync(`/run/netns/${fifo}`);
    }
  });
});
