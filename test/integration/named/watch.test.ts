import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import process from "node:process";
import {
  createNamedNamespace,
  deleteNamedNamespace,
  type NamedNamespaceChange,
  NsHandle,
  watchNamedNamespaces,
} from "@netns/netns";
import { assertSameTraces, describeAsRoot, scratchName, scratchNamespace, traces } from "../support/traces.ts";

/** The changes of `names` that a watch yields for what `act` does in one piece. */
async function changesOf(names: readonly string[], count: number, act: () => void): Promise<NamedNamespaceChange[]> {
  const seen: NamedNamespaceChange[] = [];
  const watch = watchNamedNamespaces({ signal: AbortSignal.timeout(30_000) });
  const collecting = (async () => {
    for await (const change of watch) {
      if (names.includes(change.name)) seen.push(change);
      if (seen.length === count) break;
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 20));
  act();
  await collecting;
  return seen;
}

describeAsRoot("watchNamedNamespaces()", () => {
  let start: unknown;
  before(async () => {
    NsHandle.home().close();
    await changesOf([], 0, () => scratchNamespace()[Symbol.dispose]()); // Deno keeps what it hears signals with
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("yields names that were added and deleted before it could look", async () => {
    const [a, b] = [scratchName(), scratchName()];
    const seen = await changesOf([a, b], 4, () => {
      for (const name of [a, b]) createNamedNamespace(name).close();
      for (const name of [a, b]) deleteNamedNamespace(name);
    });
    assertEquals(seen, [
      { kind: "added", name: a },
      { kind: "added", name: b },
      { kind: "removed", name: a },
      { kind: "removed", name: b },
    ]);
  });

  it("yields a name that another namespace got meanwhile", async () => {
    const name = scratchName();
    createNamedNamespace(name).close();
    const seen = await changesOf([name], 2, () => {
      deleteNamedNamespace(name);
      createNamedNamespace(name).close();
    });
    deleteNamedNamespace(name);
    assertEquals(seen, [{ kind: "removed", name }, { kind: "added", name }]);
  });

  it("follows more directories than Node allows listeners", async () => {
    const warnings: unknown[] = [];
    const warn = (warning: unknown): void => void warnings.push(warning);
    process.on("warning", warn);
    const controllers = Array.from({ length: 12 }, () => new AbortController()); // Node 20 warns of one with so many, too
    const watches = controllers.map(({ signal }) => watchNamedNamespaces({ signal }).next());
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (const controller of controllers) controller.abort();
    assertEquals((await Promise.all(watches)).map(({ done }) => done), watches.map(() => true));
    process.off("warning", warn);
    assertEquals(warnings, []);
  });
});
