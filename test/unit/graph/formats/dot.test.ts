import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { drawDot } from "../../../../src/graph/formats/dot.ts";
import { edge, link, namespace, OFFICE } from "../pictures.ts";

const EXPECTED = `
graph netns {
  graph [rankdir=LR, compound=true, nodesep=0.3, ranksep=1];
  node [shape=box, fontname="monospace", fontsize=11];
  edge [fontname="monospace", fontsize=10];
  subgraph cluster_n0 {
    label="the default namespace"; style="rounded"; fontname="monospace"; fontsize=12;
    n0l0 [label="eth0\\lup, mtu 9000\\l192.0.2.10/24\\l"];
    n0l1 [label="br0\\lbridge, up\\l10.0.0.1/24\\lfd00::1/64\\l"];
    n0l2 [label="p0\\lveth, up\\l"];
    n0l1 -- n0l2;
    n0l3 [label="p1\\lveth, no carrier\\l"];
    n0l1 -- n0l3;
    n0l4 [label="p2\\lveth, up\\l"];
    n0l1 -- n0l4;
    n0l5 [label="home\\lveth, down\\l"];
    n0l6 [label="lost\\lveth, up\\lits other end, link 5, is in a namespace that was not found\\l"];
    n0l7 [label="gone\\lveth, up\\l"];
    n0e [label="default via 192.0.2.1 by eth0\\lblackhole 10.9.0.0/16\\l10.0.0.9 is at 02:00:00:00:00:09 by br0\\l", shape=plain];
  }
  subgraph cluster_n1 {
    label="blue\\lalso azure\\lprocess 42 sleep\\l"; style="rounded"; fontname="monospace"; fontsize=12;
    n1l0 [label="eth0\\lveth, up\\l10.0.0.2/24\\l"];
    n1l1 [label="mv0\\lmacvlan, up, mtu 1400\\l"];
  }
  subgraph cluster_n2 {
    label="MICROSERVICE:web\\lpending\\l"; style="rounded,dashed"; fontname="monospace"; fontsize=12;
    n2l0 [label="eth0\\lveth, pending\\l10.0.0.3/24\\lno container with the label \\"web\\" runs\\l", style=dashed];
  }
  subgraph cluster_n3 {
    label="shut\\lcannot be inspected: setns: Operation not permitted (EPERM)\\l"; style="rounded,dashed"; fontname="monospace"; fontsize=12;
    n3e [label="", shape=plain];
  }
  subgraph cluster_n4 {
    label="empty"; style="rounded"; fontname="monospace"; fontsize=12;
    n4e [label="", shape=plain];
  }
  n0l2 -- n1l0 [label="veth"];
  n0l3 -- n2l0 [label="veth, pending", style=dashed];
  n0l4 -- n0l5 [label="veth"];
  n0l0 -- n1l1 [label="macvlan"];
  n0l7 -- n3e [label="veth"];
}
`;

describe("drawDot()", () => {
  it("draws clusters with a node for each link, and dashes what is pending", () => {
    assertEquals(drawDot(OFFICE), EXPECTED.slice(1, -1));
  });

  it("escapes quotation marks, backslashes and entities", () => {
    const picture = { namespaces: [namespace('a"b\\N&lt;')], edges: [] };
    assertStringIncludes(drawDot(picture), String.raw`label="\"a\\\"b\\\\N&amp;lt;\"";`);
  });

  it("puts the end whose namespace comes first on the left", () => {
    const picture = {
      namespaces: [namespace("a", [link("x")]), namespace("b", [link("y")])],
      edges: [edge("b/y", "a/x")],
    };
    assertEquals(drawDot(picture).split("\n").filter((line) => line.includes("--")), [
      '  n0l0 -- n1l0 [label="veth"];',
    ]);
  });
});
