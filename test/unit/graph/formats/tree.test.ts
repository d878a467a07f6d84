import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { drawTree } from "../../../../src/graph/formats/tree.ts";
import { edge, link, namespace, OFFICE } from "../pictures.ts";

const EXPECTED = `
the default namespace
├─ eth0  up  mtu 9000 ── macvlan mv0 in blue
│    192.0.2.10/24
├─ br0  bridge  up
│  │ 10.0.0.1/24  fd00::1/64
│  ├─ p0  veth  up ── eth0 in blue
│  ├─ p1  veth  no carrier ╌╌ eth0 in MICROSERVICE:web
│  └─ p2  veth  up ── home in the default namespace
├─ home  veth  down ── p2 in the default namespace
├─ lost  veth  up
│    its other end, link 5, is in a namespace that was not found
├─ gone  veth  up ── shut
├─ routes
│    default via 192.0.2.1 by eth0
│    blackhole 10.9.0.0/16
└─ neighbours
     10.0.0.9 is at 02:00:00:00:00:09 by br0

blue
│ also azure
│ process 42 sleep
├─ eth0  veth  up ── p0 in the default namespace
│    10.0.0.2/24
└─ mv0  macvlan  up  mtu 1400 ── on eth0 in the default namespace

MICROSERVICE:web
│ pending
└╌ eth0  veth  pending ╌╌ p1 in the default namespace
     10.0.0.3/24
     no container with the label "web" runs

shut
  cannot be inspected: setns: Operation not permitted (EPERM)

empty
`;

describe("drawTree()", () => {
  it("draws bridges with their ports, the other ends of links, routes, and what is pending", () => {
    assertEquals(drawTree(OFFICE), EXPECTED.slice(1, -1));
  });

  it("counts routes and processes beyond the first ones", () => {
    const routes = Array.from({ length: 20 }, (_, i) => ({ destination: `10.${i}.0.0/16`, link: "eth0" }));
    const processes = Array.from({ length: 9 }, (_, i) => ({ pid: i + 2, command: "nginx" }));
    const lines = drawTree({ namespaces: [namespace("blue", [], { routes, processes })], edges: [] }).split("\n");
    assertEquals(lines.slice(0, 2), ["blue", "│ processes 2 nginx, 3 nginx, 4 nginx and 6 more"]);
    assertEquals(lines.slice(-2), ["     10.7.0.0/16 by eth0", "     and 12 more"]);
  });

  it("lists every other end of a link", () => {
    const below = { namespaces: [namespace("a", [link("x")]), namespace("b", [link("y"), link("z")])] };
    const edges = ["b/y", "b/z"].map((end) => edge(end, "a/x", { kind: "macvlan" }));
    const lines = drawTree({ ...below, edges }).split("\n");
    assertEquals(lines.slice(1, 3), ["└─ x  veth  up ── macvlan y in b", "     ── macvlan z in b"]);
  });

  it("is empty for an empty picture", () => assertEquals(drawTree({ namespaces: [], edges: [] }), ""));
});
