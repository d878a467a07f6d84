/** Impairments that follow on each other: the kernel leaves of a netem what a change does not name. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ImpairmentInput, namedNs, type NetworkConfigInput, readConfig } from "@netns/netns";
import { standardIo } from "../../../src/cli/io.ts";
import { impairLink } from "../../../src/cli/impair_link.ts";
import { show } from "../../../src/configurator/show/show.ts";
import { netem } from "../../../src/netlink/tc/qdisc/kinds/netem.ts";
import { tbf } from "../../../src/netlink/tc/qdisc/kinds/tbf.ts";
import { Scratch } from "../../integration/configurator/scratch.ts";
import { vethEnd } from "../../support/topologies.ts";
import { leavesNothing } from "./leaves_nothing.ts";

/** Each is all that there is after it, whatever was there before. */
const STEPS: readonly ImpairmentInput[] = [
  { loss: "1%", duplicate: "2%", corrupt: "3%", delay: "1ms", reorder: "4%", rate: "8mbit", limit: 55 },
  { delay: "10ms" },
  { delay: "10ms", jitter: "1ms", distribution: "normal" },
  { delay: "10ms", jitter: "1ms" },
  { delay: "10ms", jitter: "2ms", distribution: "pareto" },
  { delay: "10ms" },
  { corrupt: "3%", loss: "1%" },
  { rate: "8mbit" },
  { limit: 100 },
];

const file = (impair?: ImpairmentInput): NetworkConfigInput => ({
  interfaces: [
    vethEnd("left", "right", { hostIfName: "eth0", namespace: "a", ipAddresses: undefined, impair }),
    vethEnd("right", "left", { hostIfName: "eth0", namespace: "b", ipAddresses: undefined }),
  ],
});

/** The qdisc of the link, without its counters. */
const qdiscs = (scratch: Scratch): string =>
  scratch.in("a", (netlink) => {
    const { index } = netlink.getLink("eth0");
    const options = new Set([...Object.keys(netem.fields), ...Object.keys(tbf.fields), "kind", "handle", "parent"]);
    const all = netlink.listQdiscs({ index }).map((one) => Object.entries(one).filter(([key]) => options.has(key)));
    return JSON.stringify(all, (_, value) => typeof value === "bigint" ? String(value) : value);
  });

/** Forwards and backwards. */
const ORDER = [...STEPS, ...STEPS.toReversed()];

const words = (impair: ImpairmentInput): string[] => Object.entries(impair).map(([name, value]) => `${name}=${value}`);

/** `netns impair`. */
async function command(scratch: Scratch, all: readonly string[]): Promise<void> {
  await impairLink(namedNs(scratch.name("a")), "eth0", all, {}, standardIo()); // prints nothing where it sets something
}

/** What each is on a link that had none. */
async function ofNewLinks(scratch: Scratch): Promise<ReadonlyMap<ImpairmentInput, string>> {
  const found = new Map<ImpairmentInput, string>();
  for (const impair of STEPS) {
    await command(scratch, words(impair));
    found.set(impair, qdiscs(scratch));
    await command(scratch, ["off"]);
  }
  return found;
}

describe("impairments that follow on each other", () => {
  leavesNothing();

  it("are each as on a new link, at rest at the second apply, and shown with their distribution", async () => {
    using scratch = new Scratch();
    await scratch.apply(file());
    const expected = await ofNewLinks(scratch);
    const shownOnce = new Set<string | undefined>();
    for (const impair of STEPS) {
      assertEquals((await scratch.apply(file(impair))).failed, []);
      const again = await scratch.apply(file(impair));
      assertEquals([again.lines, again.failed], [[], []], JSON.stringify(impair));
      assertEquals(qdiscs(scratch), expected.get(impair), JSON.stringify(impair));
      if (impair.jitter === undefined || shownOnce.has(impair.distribution)) continue; // it takes a second here
      shownOnce.add(impair.distribution);
      const namespaces = ["a", "b"].map((name) => namedNs(scratch.name(name)));
      const { name = "" } = scratch.config({});
      const records = new Map([[name, (await scratch.store.load(name))?.records ?? []]]);
      const { config, omitted } = await show(scratch.handler, scratch.configurator, namespaces, [name], records);
      assertEquals(omitted, []);
      assertEquals((await scratch.configurator.plan(readConfig(config))).steps, [], JSON.stringify(impair));
    }
    await scratch.destroy(file());
  });

  it("are each as `netns impair` says, which remembers nothing", async () => {
    using scratch = new Scratch();
    await scratch.apply(file());
    const expected = await ofNewLinks(scratch);
    for (const impair of ORDER) {
      await command(scratch, words(impair));
      assertEquals(qdiscs(scratch), expected.get(impair), JSON.stringify(impair));
    }
    await command(scratch, ["off"]);
    await scratch.destroy(file());
  });
});
