/** What the library says of the features and channels of links, beside what `ethtool` says. */
import { spawnSync } from "node:child_process";
import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { describeAsRoot, traces } from "../integration/support/traces.ts";
import { wired } from "../integration/netlink/support.ts";

/** A feature as `ethtool --json --show-features` has it. */
interface Shown {
  readonly active: boolean;
  readonly fixed: boolean | null;
  readonly requested: boolean | null;
}

describeAsRoot("Ethtool beside ethtool", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("says the same of every feature, before and after either changes one", () => {
    using made = wired();
    using ethtool = made.ns.ethtool();
    const run = (...args: string[]): string => {
      const { status, stdout, stderr } = made.ns.run(() => spawnSync("ethtool", args, { encoding: "utf8" }));
      assertEquals(status, 0, stderr);
      return stdout;
    };
    const same = (link: string): void => {
      const [shown = {}] = JSON.parse(run("--json", "--show-features", link)) as Record<string, Shown>[];
      const ours = ethtool.getFeatures({ name: link });
      // Some features have other names there, as "generic-receive-offload".
      const both = Object.entries(ours).filter(([name]) => name in shown);
      assert(both.length > 30);
      for (const [name, { active, wanted, changeable }] of both) {
        assertEquals({ active, fixed: !changeable, requested: wanted }, shown[name], name);
      }
    };
    for (const link of ["lo", "left"]) same(link);
    ethtool.setFeatures({ name: "left" }, { "rx-gro": true, "tx-scatter-gather": false });
    same("left");
    run("-K", "left", "gro", "off", "sg", "on");
    same("left");
    assertEquals(ethtool.getFeatures({ name: "left" })["rx-gro"]?.active, false);
    assertEquals(ethtool.getChannels({ name: "left" }).max.rx, Number(/^RX:\s+(\d+)/m.exec(run("-l", "left"))?.[1]));
  });
});
