import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals } from "@std/assert";
import { portName } from "../../../../src/models/short/link.ts";
import { checkConfig, faults } from "../faults.ts";

const one = (link: unknown, start: string, expected = ""): void => {
  const found = faults({ links: [link] });
  assert(found.length === 1 && found[0]?.startsWith(start), `${JSON.stringify(link)}: ${found.join("\n")}`);
  assert(found[0]?.includes(expected), found[0]);
};

describe("links", () => {
  it("makes the interfaces of a pair", () => {
    const { interfaces } = checkConfig({
      links: [{
        ends: ["client eth0 192.0.2.2/24 2001:DB8::2/64", "  PID:0   left "],
        mtu: 1400,
        impair: { delay: "20ms" },
      }],
    });
    assertEquals(interfaces, [{
      name: "client/eth0",
      type: "VETH",
      enabled: true,
      namespace: { type: 2, name: "client" },
      hostIfName: "eth0",
      ipAddresses: ["192.0.2.2/24", "2001:db8::2/64"],
      mtu: 1400,
      impair: { delay: "20ms" },
      veth: { peerIfName: "PID:0/left" },
    }, {
      name: "PID:0/left",
      type: "VETH",
      enabled: true,
      namespace: { type: 0, pid: 0 },
      hostIfName: "left",
      mtu: 1400,
      impair: { delay: "20ms" },
      veth: { peerIfName: "client/eth0" },
    }]);
  });

  it("gives each end its own impairment, or none", () => {
    const ends = ["a eth0", "b eth0"];
    const { interfaces } = checkConfig({ links: [{ ends, impair: [null, { loss: 1 }] }] });
    assertEquals(interfaces.map(({ impair }) => impair), [undefined, { loss: "1%" }]);
    one({ ends, impair: [{ loss: 1 }] }, "links[0].impair: one for each of the 2 ends");
    one({ ends, impair: [null, { loss: 200 }] }, "links[0].impair[1].loss: a part");
    one({ ends, impair: { delay: "x" } }, "links[0].impair.delay: a time");
  });

  it("names the place in the short form of every fault", () => {
    one({ ends: ["a eth0", "b"] }, "links[0].ends[1]: a link as text", "the name of the link is missing");
    one({ ends: ["a eth0", "b e:0"] }, "links[0].ends[1]", "e:0 is not a name");
    one({ ends: ["a/b eth0", "b eth0"] }, "links[0].ends[0]", "a/b is no namespace");
    one({ ends: ["a eth0 10.0.0.1", "b eth0"] }, "links[0].ends[0]", "10.0.0.1 is no IP address with the prefix");
    one({ ends: ["a eth0 0.0.0.0/0", "b eth0"] }, "links[0].ends[0]");
    one({ ends: ["a eth0 fd00::1/64", "b eth0"], mtu: 1000 }, "links[0].mtu: at least 1280");
    one({ ends: ["a eth0", "b eth0"], mtu: 1 }, "links[0].mtu");
    one({ ends: ["a eth0"] }, "links[0].ends: two ends, or a bridge");
    one({ ends: "a eth0" }, "links[0].ends: a list");
    one({ ends: ["a eth0", 5] }, "links[0].ends[1]");
    one({}, "links[0].ends");
    one({ ends: ["a eth0", "b eth0"], mtuu: 5 }, "links[0].mtuu: no such field");
    one("a eth0", "links[0]: a mapping");
    assertEquals(faults({ links: "x" }), ["links: a list of links"]);
  });

  it("is checked against the other items", () => {
    const link = { ends: ["a eth0", "b eth0"] };
    const found = faults({
      interfaces: [{ name: "x", type: "AUTO_TAP" }],
      links: [link, { ends: ["a eth0", "c eth0"] }],
    });
    assert(
      found.some((line) => line.startsWith("links[1].ends[0]: ") && line.includes("links[0].ends[0] has the same")),
    );
    assert(found.every((line) => line.startsWith("links[")), found.join("\n"));
  });
});

describe("portName()", () => {
  it("has namespace and link, or a hash of them where they do not fit", () => {
    assertEquals(portName({ namespace: "a", link: "eth0" }), "a_eth0");
    const long = portName({ namespace: "a-long-namespace", link: "eth0" });
    assertEquals(long, portName({ namespace: "a-long-namespace", link: "eth0" }));
    assert(/^a-long-n-[0-9a-z]{6}$/.test(long), long);
    for (const [namespace, link] of [["PID:42", "eth0"], ["FILE:/run/x", "e"], ["ä".repeat(9), "eth0"], ["a_b", "c"]]) {
      const name = portName({ namespace: namespace ?? "", link: link ?? "" });
      assert(new TextEncoder().encode(name).length <= 15 && !/[:/\s]/.test(name), name);
    }
    const same = [{ namespace: "a_b", link: "c" }, { namespace: "a", link: "b_c" }].map(portName);
    assertEquals(new Set(same).size, 2);
  });
});
