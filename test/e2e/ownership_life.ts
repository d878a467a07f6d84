/** The life of a configuration beside a machine that is somebody else's. */
import { assertEquals } from "@std/assert";
import {
  type ApplyReport,
  ConfigError,
  Configurator,
  MemoryStateStore,
  type NetworkConfig,
  type NsHandler,
} from "@netns/netns";
import type { AnyLife } from "../support/any_machine.ts";
import { Machine, type Snapshot, without } from "./ownership_machine.ts";

/** Applies, applies again, edits, applies twice and destroys, and looks at the machine after each step. */
export async function live(
  handler: NsHandler,
  { machine, other, file, intrusions, edited, agent }: AnyLife,
): Promise<void> {
  using place = new Machine(machine);
  const configurator = new Configurator(handler, { store: new MemoryStateStore() });
  let strangers = place.look(); // what belongs to no configuration
  if (other !== undefined) await applied(configurator, place.config(other, "other"));
  let foreign = other === undefined ? strangers : place.look();
  const check = (step: string): Snapshot => {
    const now = place.look();
    assertEquals(without(foreign, now), [], step);
    return now;
  };
  const applyTwice = async (config: NetworkConfig, step: string): Promise<Snapshot> => {
    await applied(configurator, config);
    const now = check(step);
    const again = await applied(configurator, config);
    assertEquals(again?.done ?? [], [], `${step} again`);
    return now;
  };

  const earlier = await applyTwice(place.config(file, "own"), "apply");
  if (intrusions.length > 0) {
    for (const intrusion of intrusions) place.intrude(intrusion, strangers);
    const now = place.look();
    const after = (all: Snapshot): Snapshot => [...without(all, without(earlier, now)), ...without(now, earlier)];
    [strangers, foreign] = [after(strangers), after(foreign)];
  }
  const next = place.config(edited, "own");
  await applyTwice(next, "apply the edited file");
  if (agent) {
    assertEquals((await oneRound(configurator, next))?.done ?? [], [], "agent");
    check("agent");
  }
  await configurator.destroy(next);
  let last = check("destroy");
  if (other !== undefined) {
    await configurator.destroy(place.config(other, "other"));
    last = place.look();
  }
  assertEquals([without(strangers, last), place.added(last, strangers)], [[], []], "after destroy");
}

/** The report of an apply; undefined if two items of the file are one on this machine. */
async function applied(configurator: Configurator, config: NetworkConfig): Promise<ApplyReport | undefined> {
  try {
    return await configurator.apply(config);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** The first report of an agent. */
async function oneRound(configurator: Configurator, config: NetworkConfig): Promise<ApplyReport | undefined> {
  const ended = new AbortController();
  const configs = async function* (): AsyncGenerator<NetworkConfig> {
    yield config;
  };
  for await (const report of configurator.agent(configs(), { signal: ended.signal })) {
    ended.abort();
    return report;
  }
  return undefined;
}
