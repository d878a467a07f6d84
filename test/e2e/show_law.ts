/** The law of `show`: a plan of what it gives has nothing to do, and an apply of it on an empty machine makes the same. */
import { assert, assertEquals } from "@std/assert";
// All from the source: the bundle for Node has what "@netns/netns" exports a second time.
import { Configurator } from "../../src/configurator/configurator.ts";
import { MemoryStateStore } from "../../src/configurator/store/memory.ts";
import { readConfig } from "../../src/models/config.ts";
import { createNamedNamespace } from "../../src/named/create.ts";
import { deleteNamedNamespace } from "../../src/named/delete.ts";
import { namedNs } from "../../src/namespace.ts";
import { NsHandler } from "../../src/ns_handler.ts";
import { show } from "../../src/configurator/show/show.ts";
import process from "node:process";
import { pause } from "../../src/async/pause.ts";
import { scratchName } from "../integration/support/traces.ts";
import { type Deed, isSettled, make, picture, type Side, SIDES, sysctlsOf } from "./show_machine.ts";

/** How long a machine may take until it is at rest, in milliseconds. */
const LONGEST = Number(process.env["SHOW_LONGEST"] ?? 30_000);
const BETWEEN = 60;
/** How long the kernel may take to hear of a carrier, in milliseconds: it looks once a second, later on a busy machine. */
const CARRIER = 5000;

/** Makes a machine, shows it, and makes it again of what was shown. Gives the lines of what the file does not say. */
export async function holdsFor(deeds: readonly Deed[]): Promise<readonly string[]> {
  const prefix = scratchName();
  const nameOf = (side: Side): string => `${prefix}-${side}`;
  // They are many, and do not change by themselves: once is enough.
  const sysctls = () => SIDES.map((side) => sysctlsOf(nameOf(side)));
  const pictures = () => JSON.stringify(SIDES.map((side) => picture(nameOf(side))), null, 1).replaceAll("\\", "");
  const handler = new NsHandler({ docker: false });
  try {
    for (const side of SIDES) createNamedNamespace(nameOf(side)).close();
    make(nameOf, SIDES.map((side): Deed => ({ do: "set", side, name: "lo", change: { up: true } })));
    make(nameOf, deeds);
    const before = await atRest(pictures, () => SIDES.every((side) => isSettled(nameOf(side))));
    const sysctlsBefore = sysctls();
    const configurator = new Configurator(handler, { store: new MemoryStateStore() });
    const { config, omitted } = await show(handler, configurator, SIDES.map((side) => namedNs(nameOf(side))), []);
    const { steps, pending, failed } = await configurator.plan(readConfig(config));
    assertEquals([steps, pending, failed], [[], [], []], "a plan of what is shown");
    for (const side of SIDES) deleteNamedNamespace(nameOf(side));
    const again = new Configurator(handler, { store: new MemoryStateStore() });
    const made = await again.apply(readConfig(config));
    if (omitted.length > 0) return omitted;
    assertEquals([made.pending, made.failed], [[], []], JSON.stringify(config, null, 1));
    let now = pictures();
    for (const end = Date.now() + LONGEST; now !== before && Date.now() < end; now = pictures()) await pause(BETWEEN);
    if (now !== before) assertEquals(now.split("\n"), before.split("\n"), JSON.stringify(config, null, 1));
    assertEquals(sysctls(), sysctlsBefore, JSON.stringify(config, null, 1));
    assert(made.done.length > 0);
    return omitted;
  } finally {
    for (const side of SIDES) {
      try {
        deleteNamedNamespace(nameOf(side));
      } catch { /* it was not made */ }
    }
    await handler[Symbol.asyncDispose]();
  }
}

/** What `look` gives once it gives the same twice, and `isSettled`. */
async function atRest(look: () => string, isSettled: () => boolean): Promise<string> {
  const start = Date.now();
  let before = look();
  while (Date.now() < start + LONGEST) {
    await pause(BETWEEN);
    const settled = isSettled() || Date.now() > start + CARRIER;
    const now = look();
    if (settled && now === before && !now.includes('"operstate":"UNKNOWN","state":"listening"')) return now;
    before = now;
  }
  return before;
}
