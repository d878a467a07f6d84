import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { main } from "../../../../src/cli/main.ts";
import { fakeIo } from "../fake_io.ts";

const FILE = `
interfaces:
  - { name: a, hostIfName: eth0, namespace: blue, veth: { peerIfName: b } }
  - { name: b, hostIfName: eth0, namespace: green, veth: { peerIfName: a } }
`;

describe("netns graph FILE", () => {
  const draw = async (...options: string[]): Promise<string> => {
    const io = fakeIo(FILE);
    assertEquals([await main(["graph", "-", ...options], io), io.complaints], [0, []]);
    return io.printed.join("\n");
  };

  it("draws a tree by default", async () => {
    const tree = "blue\n└─ eth0  veth  up ── eth0 in green\n\ngreen\n└─ eth0  veth  up ── eth0 in blue";
    assertEquals(await draw(), tree);
    assertEquals(await draw("--format", "tree"), tree);
  });

  it("draws in every format", async () => {
    assertMatch(await draw("--format", "mermaid"), /^flowchart LR\n/);
    assertMatch(await draw("--format", "dot"), /^graph netns \{\n/);
    assertMatch(await draw("--format", "svg"), /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
    const picture = JSON.parse(await draw("--json"));
    assertEquals(picture.edges, [
      { from: { namespace: "blue", link: "eth0" }, to: { namespace: "green", link: "eth0" }, kind: "veth" },
    ]);
    assertEquals(await draw("--format", "json"), await draw("--json"));
  });

  const bad: [why: string, argv: string[], message: RegExp][] = [
    ["neither a file nor --live", [], /^error: Give a FILE, or --live; see netns graph --help$/],
    ["a file and --live", ["x.yaml", "--live"], /^error: Give a FILE or --live, not both$/],
    ["--plan with --live", ["--live", "--plan"], /'--plan' cannot be used with option '--live'/],
    ["--json with another format", ["-", "--json", "--format", "svg"], /'--json' cannot be used with option '--format/],
    [
      "an unknown format",
      ["-", "--format", "png"],
      /'png' is invalid\. Allowed choices are tree, mermaid, dot, svg, json/,
    ],
  ];
  for (const [why, argv, message] of bad) {
    it(`refuses ${why}, with status 2`, async () => {
      const io = fakeIo(FILE);
      assertEquals([await main(["graph", ...argv], io), io.printed], [2, []]);
      assertMatch(io.complaints.join("\n"), message);
    });
  }

  it("reports the faults of a file, with status 2", async () => {
    const io = fakeIo("interfaces: [{ name: a }]");
    assertEquals(await main(["graph", "-"], io), 2);
    assertStringIncludes(io.complaints.join("\n"), "interfaces[0].veth");
  });
});
