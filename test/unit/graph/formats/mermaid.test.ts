import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { drawMermaid } from "../../../../src/graph/formats/mermaid.ts";
import { edge, link, namespace, OFFICE } from "../pictures.ts";

const EXPECTED = `
flowchart LR
  subgraph n0["the default namespace"]
    n0l0["eth0<br/>up, mtu 9000<br/>192.0.2.10/24"]
    n0l1["br0<br/>bridge, up<br/>10.0.0.1/24<br/>fd00::1/64"]
    n0l2["p0<br/>veth, up"]
    n0l1 --- n0l2
    n0l3["p1<br/>veth, no carrier"]
    n0l1 --- n0l3
    n0l4["p2<br/>veth, up"]
    n0l1 --- n0l4
    n0l5["home<br/>veth, down"]
    n0l6["lost<br/>veth, up<br/>its other end, link 5, is in a namespace that was not found"]
    n0l7["gone<br/>veth, up"]
    n0e["default via 192.0.2.1 by eth0<br/>blackhole 10.9.0.0/16<br/>10.0.0.9 is at 02:00:00:00:00:09 by br0"]:::entries
  end
  subgraph n1["blue<br/>also azure<br/>process 42 sleep"]
    n1l0["eth0<br/>veth, up<br/>10.0.0.2/24"]
    n1l1["mv0<br/>macvlan, up, mtu 1400"]
  end
  subgraph n2["MICROSERVICE:web<br/>pending"]
    n2l0["eth0<br/>veth, pending<br/>10.0.0.3/24<br/>no container with the label #34;web#34; runs"]:::pending
  end
  subgraph n3["shut<br/>cannot be inspected: setns: Operation not permitted (EPERM)"]
    n3e[" "]:::entries
  end
  subgraph n4["empty"]
    n4e[" "]:::entries
  end
  n0l2 ---|"veth"| n1l0
  n0l3 -.-|"veth, pending"| n2l0
  n0l4 ---|"veth"| n0l5
  n0l0 ---|"macvlan"| n1l1
  n0l7 ---|"veth"| n3
  classDef pending stroke-dasharray:6 4
  classDef entries fill:none,stroke:none,text-align:left
  class n2 pending
  class n3 pending
`;

describe("drawMermaid()", () => {
  it("draws subgraphs with a node for each link, and dashes what is pending", () => {
    assertEquals(drawMermaid(OFFICE), EXPECTED.slice(1, -1));
  });

  it("writes characters that Mermaid may interpret as numbers", () => {
    const picture = { namespaces: [namespace('a"]; %%{init}%% `b` <i>&amp; #1')], edges: [] };
    assertEquals(
      drawMermaid(picture).split("\n")[1],
      '  subgraph n0["#34;a#92;#34;#93;#59; #37;#37;#123;init#125;#37;#37; #96;b#96; #60;i#62;#38;amp#59; #35;1#34;"]',
    );
  });

  it("puts the end whose namespace comes first on the left", () => {
    const picture = {
      namespaces: [namespace("a", [link("x")]), namespace("b", [link("y")])],
      edges: [edge("b/y", "a/x")],
    };
    assertEquals(drawMermaid(picture).split("\n").filter((line) => line.includes("---")), ['  n0l0 ---|"veth"| n1l0']);
  });
});
