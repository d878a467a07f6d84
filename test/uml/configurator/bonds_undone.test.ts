/** Bonds and their members, taken back by `atomic`: as `ip` lists them before. */
import { spawnSync } from "node:child_process";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type InterfaceInput, type NetworkConfigInput, NsHandle } from "@netns/netns";
import { Scratch } from "../../integration/configurator/scratch.ts";
import { vethEnd } from "../../support/topologies.ts";
import { leavesNothing } from "./leaves_nothing.ts";

type Listed = Readonly<Record<string, unknown>>;

/** Runs lines in the namespace `a`, and gives what they write. */
function run(scratch: Scratch, ...lines: readonly string[]): string {
  using ns = NsHandle.fromName(scratch.name("a"));
  const { status, stdout, stderr } = ns.run(() => spawnSync("sh", ["-ec", lines.join("\n")], { encoding: "utf8" }));
  assertEquals(status, 0, `${lines.join("\n")}: ${stdout}${stderr}`);
  return stdout;
}

/** The links with their masters, options and addresses, and the routes. */
function listed(scratch: Scratch): readonly string[] {
  const links: Listed[] = JSON.parse(run(scratch, "ip -d -j addr show"));
  const routes: Listed[] = JSON.parse(run(scratch, "ip -j route show table all"));
  return [
    ...links.map(({ ifname, ifindex, flags, address, mtu, master, linkinfo, addr_info }) =>
      JSON.stringify({
        ...{ ifname, ifindex, address, mtu, master, up: JSON.stringify(flags).includes('"UP"') },
        info: JSON.stringify(linkinfo ?? {}).replace(
          /"(mii_status|active_slave|state|link_failure_count|queue_id|ad_)[^,}]*/g,
          "",
        ),
        addresses: JSON.stringify(addr_info).match(/"local":"[^"]*"/g)?.filter((one) => !one.includes("fe80")),
      })
    ),
    ...routes.map(({ dst, dev, gateway, table }) => `${dst} ${dev} ${gateway} ${table}`)
      .filter((one) => !/^(fe80|ff00|multicast)/.test(one)),
  ].sort();
}

const inA = (one: InterfaceInput): InterfaceInput => ({ namespace: "a", ...one });

const bond = (options: NonNullable<InterfaceInput["bond"]>): InterfaceInput =>
  inA({ name: "b0", type: "BOND", bond: { miimon: 100, ...options }, ipAddresses: ["10.8.0.1/24", "fd08::1/64"] });

/** What the kernel refuses after all the others. */
const FAILING: readonly InterfaceInput[] = [
  vethEnd("zz", "yy", { namespace: "a", ipAddresses: ["::1/128"] }),
  vethEnd("yy", "zz", { namespace: "a" }),
];

async function isTakenBack(scratch: Scratch, document: NetworkConfigInput): Promise<void> {
  const initial = listed(scratch);
  const failing = { ...document, interfaces: [...document.interfaces ?? [], ...FAILING] };
  const { done, failed } = await scratch.apply(failing, { atomic: true, adopt: true });
  assertEquals([done, failed.map(({ item, reason }) => item === "interface zz" ? item : `${item}: ${reason}`)], [
    [],
    ["interface zz"],
  ]);
  assertEquals(listed(scratch), initial);
}

describe("atomic, of bonds", () => {
  leavesNothing();

  for (
    const [enabled, options] of [
      [true, { mode: "active-backup", primary: "d0" }],
      [false, { mode: "802.3ad", lacpRate: "fast" }],
    ] as const
  ) {
    it(`a deleted one, ${options.mode}, has its members again, which the file has ${enabled ? "up" : "down"}`, async () => {
      using scratch = new Scratch();
      scratch.make("a");
      run(scratch, "ip link add p0 type dummy", "ip link add p1 type dummy");
      const first: NetworkConfigInput = {
        interfaces: [
          bond(options),
          ...["d0", "d1"].map((name) => inA({ name, type: "DUMMY", master: "b0" })),
          ...["p0", "p1"].map((name) => inA({ name, type: "EXISTING", master: "b0" })),
        ],
      };
      assertEquals((await scratch.apply(first)).failed, []);
      run(scratch, "ip link set p1 down", "ip route add 10.9.0.0/16 via 10.8.0.9");
      await isTakenBack(scratch, {
        interfaces: [
          inA({ name: "d0", type: "DUMMY", enabled, ipAddresses: ["10.7.0.1/24"] }),
          ...["p0", "p1"].map((name) => inA({ name, type: "EXISTING", enabled })),
        ],
      });
      assertEquals((await scratch.destroy(first)).failed, []);
    });
  }

  it("a member of somebody's, adopted or used, is in it again", async () => {
    for (const type of ["DUMMY", "EXISTING"] as const) {
      using scratch = new Scratch();
      scratch.make("a");
      run(
        scratch,
        "ip link add b0 type bond mode active-backup miimon 100",
        "ip link add p0 type dummy",
        "ip link add p1 type dummy",
        "ip link set p0 master b0",
        "ip link set p1 master b0",
        "ip link set b0 up",
        "ip addr add 10.8.0.1/24 dev b0",
      );
      for (const enabled of [true, false]) {
        await isTakenBack(scratch, {
          interfaces: [inA({ name: "p0", type, master: null, enabled, ipAddresses: ["10.7.0.1/24"] })],
        });
        await isTakenBack(scratch, {
          interfaces: [
            inA({ name: "b1", type: "BOND", bond: { mode: "balance-rr", miimon: 100 } }),
            inA({ name: "p0", type, master: "b1", enabled }),
          ],
        });
      }
    }
  });
});
