/** What new namespaces inherit from the machine's first one, and what only that one has: here it is the tests' own. */
import { deleteNamedNamespace, namedNs, NsHandle, readConfig } from "@netns/netns";
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readFileSync, writeFileSync } from "node:fs";
import { show } from "../../../src/configurator/show/show.ts";
import { readSysctls, writeSysctl } from "../../../src/sysctl/sysctl.ts";
import { Scratch } from "../../integration/configurator/scratch.ts";
import { leavesNothing } from "./leaves_nothing.ts";

const KEYS = ["net.ipv4.ip_forward", "net.ipv4.conf.all.accept_redirects"];
const VALUES = ["00", "01", "10", "11"].map((bits) => [...bits]);

/** Sets sysctls in this order. */
function set(ns: NsHandle, keys: readonly string[], values: readonly string[]): void {
  keys.forEach((key, i) => writeSysctl(ns, key, values[i] ?? "0"));
}

const valuesOf = (ns: NsHandle, keys: readonly string[]): string[] => [...readSysctls(ns, keys).values()];

describe("The machine's first namespace", () => {
  leavesNothing();

  it("may pass packets on or not: what is shown of another one makes the same again", async () => {
    using home = NsHandle.home();
    const initial = valuesOf(home, KEYS);
    try {
      for (const machine of VALUES) {
        set(home, KEYS, machine);
        for (const values of VALUES) {
          using scratch = new Scratch();
          scratch.make("a");
          scratch.in("a", (netlink, ns) => {
            for (const [name, far] of [["e0", "e1"], ["e2", "e3"]] as const) {
              netlink.addLink({ kind: "veth", name, peer: { name: far } });
            }
            netlink.setLink("lo", { up: true });
            set(ns, KEYS, values);
          });
          const { config } = await show(scratch.handler, scratch.configurator, [namedNs(scratch.name("a"))], []);
          deleteNamedNamespace(scratch.name("a"));
          assertEquals((await scratch.configurator.apply(readConfig(config))).failed, []);
          const now = scratch.in("a", (_, ns) => valuesOf(ns, KEYS));
          assertEquals(now, values, JSON.stringify([machine, config.namespaces]));
          await scratch.configurator.destroy(readConfig(config));
        }
      }
    } finally {
      set(home, KEYS, initial);
    }
  });

  it("may take no more namespaces: what is shown has no sysctls, and says why", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    const path = "/proc/sys/user/max_net_namespaces";
    const most = readFileSync(path, "utf8");
    writeFileSync(path, "0");
    try {
      const { config, omitted } = await show(scratch.handler, scratch.configurator, [namedNs(scratch.name("a"))], []);
      assertEquals(config.namespaces, [scratch.name("a")]);
      assertMatch(omitted.join("\n"), /the sysctls of .*: those of a new one are not known: .*ENOSPC/);
    } finally {
      writeFileSync(path, most);
    }
  });

  it("has defaults for neighbours, which are set before those of a link", async () => {
    const keys = ["default", "lo"].map((link) => `net.ipv4.neigh.${link}.gc_stale_time`);
    using home = NsHandle.home();
    const initial = valuesOf(home, keys);
    const [, ofLink = ""] = keys;
    using scratch = new Scratch();
    const document = {
      namespaces: [{ name: "PID:0", sysctls: { [ofLink]: initial[1] ?? "", [keys[0] ?? ""]: "61" } }],
    };
    assertEquals((await scratch.apply(document)).failed, []);
    assertEquals(valuesOf(home, keys), ["61", initial[1]]);
    assertEquals((await scratch.apply(document)).lines, []);
    await scratch.destroy(document);
    assertEquals(valuesOf(home, keys), initial);
  });
});
