/** Impairments that follow on each other: the kernel leaves of a netem what a change does not name. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ImpairmentInput, namedNs, type NetworkConfigInput, readConfig } from "@netns/netns";
import { impairLink } from "../../../src/cli/impair_link.ts";
import { show } from "../../../src/configurator/show/show.ts";
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

const qdiscs = (scratch: Scratch): string =>
  scratch.in("a", (netlink) => {
    const all = netlink.listQdiscs().filter(({ linkIndex }) => linkIndex === netlink.getLink("eth0").index);
    const isOfOptions = ([key]: readonly [string, unknown]): boolean => !/^(linkIndex|stats|.*[sS]tats.*)$/.test(key);
    return JSON.stringify(
      all.map((one) => Object.fromEntries(Object.entries(one).filter(isOfOptions))),
      (_, value) => typeof value === "bigint" ? String(value) : value,
    );
  });

describe("impairments that follow on each other", () => {
  leavesNothing();

  it("are each as on a new link, at rest at the second apply, and shown with their distribution", async () => {
    for (const [position, impair] of STEPS.entries()) {
      using fresh = new Scratch();
      assertEquals((await fresh.apply(file(impair))).failed, []);
      const expected = qdiscs(fresh);
      await fresh.destroy(file());
      using scratch = new Scratch();
      for (const before of STEPS.filter((_, other) => other !== position)) {
        for (const one of [before, impair]) {
          assertEquals((await scratch.apply(file(one))).failed, []);
          const again = await scratch.apply(file(one));
          assertEquals([again.lines, again.failed], [[], []], JSON.stringify([before, impair]));
        }
        assertEquals(qdiscs(scratch), expected, JSON.stringify([before, impair]));
      }
      const namespaces = ["a", "b"].map((name) => namedNs(scratch.name(name)));
      const { name = "" } = scratch.config({});
      const records = new Map([[name, (await scratch.store.load(name))?.records ?? []]]);
      const { config, omitted } = await show(scratch.handler, scratch.configurator, namespaces, [name], records);
      assertEquals(omitted, []);
      assertEquals((await scratch.configurator.plan(readConfig(config))).steps, [], JSON.stringify(impair));
      await scratch.destroy(file());
    }
  });

  it("are each as `netns impair` says, which remembers nothing", async () => {
    using scratch = new Scratch();
    await scratch.apply(file());
    const words = (impair: ImpairmentInput): string[] =>
      Object.entries(impair).map(([name, value]) => `${name}=${value}`);
    const lines: string[] = [];
    const io = { print: (line: string) => void lines.push(line) } as unknown as Parameters<typeof impairLink>[4];
    const impair = (all: string[]) => impairLink(namedNs(scratch.name("a")), "eth0", all, {}, io);
    for (const one of STEPS) {
      await impair(["off"]);
      await impair(words(one));
      const expected = qdiscs(scratch);
      for (const before of STEPS) {
        await impair(words(before));
        await impair(words(one));
        assertEquals(qdiscs(scratch), expected, JSON.stringify([before, one]));
      }
    }
    await impair(["off"]);
    await scratch.destroy(file());
  });
});
