import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { uplinkHostLink } from "../../../../src/models/uplinks.ts";
import { isHostIfName } from "../../../../src/models/values.ts";
import { RTPROT_KERNEL } from "../../../../src/netlink/constants/route.ts";
import { FakeKernel } from "../fake_kernel.ts";

const FILE = { name: "lab", uplinks: [{ namespace: "blue", dns: [] }] };

/** The addresses of the uplinks. */
const addresses = (kernel: FakeKernel, name = "blue"): string[] => [
  ...kernel.namespace("PID:0").addressList.map(({ text }) => text),
  ...kernel.named(name).addressList.map(({ text }) => text),
];
/** The network of a /30. */
const network = (address = ""): string =>
  address.replace(/\d+\/30$/, (last) => `${Math.floor(parseInt(last) / 4) * 4}`);

describe("expandUplinks()", () => {
  it("makes a pair from the pool, a default route and a table, and nothing the second time", () => {
    const kernel = new FakeKernel();
    kernel.apply(FILE);
    const [far, near] = addresses(kernel);
    assertMatch(far ?? "", /^10\.200\.\d+\.\d+\/30$/);
    assertEquals(network(near), network(far));
    assertNotEquals(near, far);
    const [gateway] = (far ?? "").split("/");
    const routes = kernel.named("blue").routeList.filter(({ destination }) => destination === "0.0.0.0/0");
    assertEquals(routes.map((one) => one.gateway), [gateway]);
    const home = kernel.namespace("PID:0");
    assertEquals(home.linkList.map(({ name }) => name), ["lo", "up-blue"]);
    assertEquals(home.tableList.map((one) => Object.keys(one)[0]), ["table", "chain", "rule"]);
    assertEquals(kernel.plan(FILE).tasks, []);
  });

  it("takes the same network on each run, and another where a route uses that", () => {
    const [kernel, other, used] = [new FakeKernel(), new FakeKernel(), new FakeKernel()];
    kernel.apply(FILE);
    other.apply({ ...FILE, uplinks: [{ namespace: "green", dns: [] }, ...FILE.uplinks] });
    assertEquals(addresses(kernel, "blue")[1], other.named("blue").addressList[0]?.text);
    const taken = network(addresses(kernel)[0]);
    const route = { table: 254, metric: 0, scope: "link", type: "unicast", protocol: RTPROT_KERNEL, index: 1 } as const;
    used.namespace("PID:0").routeList = [{
      ...route,
      destination: `${taken}/30`,
      plain: true,
      keyed: true,
      hops: [],
      whole: true,
    }];
    used.apply(FILE);
    assertMatch(addresses(used)[0] ?? "", /^10\.200\./);
    assertNotEquals(network(addresses(used)[0]), taken);
    // What it has stays, whoever comes later.
    const home = kernel.namespace("PID:0");
    home.routeList = [...home.routeList, {
      ...route,
      destination: "10.200.0.0/16",
      plain: true,
      keyed: true,
      hops: [],
      whole: true,
    }];
    assertEquals(kernel.plan(FILE).tasks, []);
    const full = new FakeKernel();
    full.namespace("PID:0").routeList = [{
      ...route,
      destination: "10.0.0.0/8",
      plain: true,
      keyed: true,
      hops: [],
      whole: true,
    }];
    assertEquals(full.plan(FILE).failed.map(({ item }) => item), ["uplink blue"]);
  });

  it("takes the addresses of the file", () => {
    const kernel = new FakeKernel();
    kernel.apply({ uplinks: [{ namespace: "blue", addresses: "10.77.0.0/24", dns: [] }] });
    assertEquals(addresses(kernel), ["10.77.0.1/24", "10.77.0.2/24"]);
  });
});

describe("uplinkHostLink()", () => {
  it("is a name of a link, of a long name too, and another for another", () => {
    const link = (name: string): string => uplinkHostLink({ namespace: { type: 2, name }, dns: [] });
    assertEquals(link("blue"), "up-blue");
    const long = ["a-name-that-is-too-long-1", "a-name-that-is-too-long-2"].map(link);
    assert(long.every((one) => isHostIfName(one)) && long[0] !== long[1], `${long}`);
  });
});
