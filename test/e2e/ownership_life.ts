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
import { Machine } from "./ownership_machine.ts";
import { type Snapshot, without, withoutNumbers } from "./ownership_snapshot.ts";

/** Applies, applies again, edits, applies twice and destroys, and looks at the machine after each step. */
export async function live(
  handler: NsHandler,
  { machine, other, file, intrusions, edited, agent, adopt }: AnyLife,
): Promise<void> {
  using here = new Machine(machine);
  const configurator = new Configurator(handler, { store: new MemoryStateStore() });
  let strangers = here.look(); // what belongs to no configuration
  if (other !== undefined) await applied(configurator, here.config(other, "other"));
  let foreign = other === undefined ? strangers : here.look();
  const check = (step: string): Snapshot => {
    const now = here.look();
    if (!adopt) assertEquals(without(here.withoutTaps(foreign), now), [], step);
    return now;
  };
  let isWhole = true; // until a link that was replaced or adopted cannot come back
  const applyTwice = async (config: NetworkConfig, step: string): Promise<Snapshot> => {
    const report = await applied(configurator, config, adopt);
    isWhole &&= report === undefined || comesBack(report);
    const now = check(step);
    const again = await applied(configurator, config, adopt);
    assertEquals(again?.done ?? [], [], `${step} again`);
    return now;
  };

  const earlier = await applyTwice(here.config(file, "own"), "apply");
  if (intrusions.length > 0) {
    // An adopted link that somebody deletes does not come back.
    for (const intrusion of intrusions) if (here.intrude(intrusion, strangers)) isWhole = false;
    const now = here.look();
    const after = (all: Snapshot): Snapshot => [...without(all, without(earlier, now)), ...without(now, earlier)];
    [strangers, foreign] = [after(strangers), after(foreign)];
  }
  const next = here.config(edited, "own");
  await applyTwice(next, "apply the edited file");
  if (agent) {
    assertEquals((await oneRound(configurator, next))?.done ?? [], [], "agent");
    check("agent");
  }
  isWhole = await destroyed(configurator, next) && isWhole;
  let last = check("destroy");
  if (other !== undefined) {
    await destroyed(configurator, here.config(other, "other"));
    last = here.look();
  }
  // What was adopted may have other numbers.
  const compared = (all: Snapshot): Snapshot => adopt ? withoutNumbers(all) : all;
  const lost = isWhole ? without(compared(strangers), compared(last)) : [];
  assertEquals([lost, without(compared(here.added(last, strangers)), compared(strangers))], [[], []], "after destroy");
}

/** The report of an apply; undefined if two items of the file are one on this machine. */
async function applied(
  configurator: Configurator,
  config: NetworkConfig,
  adopt = false,
): Promise<ApplyReport | undefined> {
  try {
    return await configurator.apply(config, { adopt });
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/**
 * Destroys: nothing of it fails, and what is left is in the way of somebody else.
 *
 * @returns False if a link that was replaced cannot come back: somebody has taken its name meanwhile.
 */
async function destroyed(configurator: Configurator, config: NetworkConfig): Promise<boolean> {
  const { failed, pending } = await configurator.destroy(config);
  const isUsual = ({ reason }: { readonly reason: string }): boolean => (
    /^it is left: | is left: | is not made again: |^nothing is remembered of it/.test(reason)
  );
  assertEquals([...failed, ...pending].filter((one) => !isUsual(one)), [], "destroy");
  return comesBack({ pending });
}

/** False if somebody has taken the name of a link that was replaced: that is said once, and it stays away. */
const comesBack = ({ pending }: Pick<ApplyReport, "pending">): boolean =>
  !pending.some(({ reason }) => / is not made again: there is another link of its name/.test(reason));

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
