import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { main } from "../../../../src/cli/main.ts";
import { fakeIo } from "../fake_io.ts";

const SEGMENT = `
interfaces:
  - { name: x, namespace: d, physAddress: "02:00:00:00:00:01", veth: { peerIfName: p } }
  - { name: p, namespace: s, master: s/br0, veth: { peerIfName: x } }
  - { name: y, namespace: e, physAddress: "02:00:00:00:00:01", veth: { peerIfName: q } }
  - { name: q, namespace: s, master: s/br0, veth: { peerIfName: y } }
links:
  - { bridge: s br0, ends: ["a eth0 10.0.0.1/24", "b eth0 10.0.0.1/24"] }
routes: ["a default via 192.0.2.1"]
`;

describe("netns validate", () => {
  it("has status 1 and the places of the faults", async () => {
    const io = fakeIo("links: [{ ends: ['a eth0'] }]\nnamespaces: ['a/b']");
    assertEquals(await main(["validate", "-"], io), 1);
    assertStringIncludes(io.complaints.join("\n"), "links[0].ends");
    const json = fakeIo("links: [{ ends: ['a eth0'] }]");
    assertEquals(await main(["validate", "-", "--json"], json), 1);
    assertEquals(JSON.parse(json.printed.join("")).faults.map(({ path }: { path: string }) => path), ["links[0].ends"]);
  });

  it("says in JSON what the text says: the place, what stands there, and what is expected", async () => {
    const text = "namespaces: ['a/b', 3, [x], ~]\ninterfaces: [{ name: d, type: DUMMY, namespace: a, mtu: 1 }]";
    const [plain, json] = [fakeIo(text), fakeIo(text)];
    assertEquals([await main(["validate", "-"], plain), await main(["validate", "-", "--json"], json)], [1, 1]);
    const faults: { path: string; value: unknown; expected: string }[] = JSON.parse(json.printed.join("")).faults;
    assertEquals(faults.map(({ value }) => value), ["a/b", 3, '["x"]', null, 1]);
    for (const { path } of faults) assertStringIncludes(plain.complaints.join("\n"), path);
    for (const { expected } of faults) assertStringIncludes(plain.complaints.join("\n"), expected);
  });

  it("has status 0 with warnings only", async () => {
    const io = fakeIo(SEGMENT);
    assertEquals([await main(["validate", "-"], io), io.printed], [0, ["no faults"]]);
    const items = io.complaints.map((line) => line.split(": ")[1]);
    assertEquals(items, ["interface y", "interface b/eth0", "route a default via 192.0.2.1"], io.complaints.join("\n"));
  });
});
