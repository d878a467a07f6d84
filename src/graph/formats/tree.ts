/** A picture as a tree for the terminal. */
import { printable } from "../../../ffi/mod.ts";
import type { DrawnEdge, DrawnNamespace, LinkTree, Picture } from "../picture.ts";
import { linkTrees } from "../picture.ts";
import { edgeWords, endWords, factsOf, notesOf, remarksOn, sectionsOf, titleOf } from "../captions.ts";

/** Draws `picture` as text: the namespaces, below each its links with where they lead, and its routes. */
export function drawTree(picture: Picture): string {
  const edges = edgesByLink(picture);
  return picture.namespaces.map((ns) => lines(ns, edges).join("\n")).join("\n\n");
}

/** Where the links lead, by namespace and link. */
type Edges = ReadonlyMap<string, readonly string[]>;

const keyOf = (namespace: string, link: string): string => JSON.stringify([namespace, link]);

function edgesByLink({ edges }: Picture): Edges {
  const found = new Map<string, string[]>();
  const add = ({ namespace, link }: DrawnEdge["from"], text: string): void => {
    if (link === undefined) return;
    const key = keyOf(namespace, link);
    found.set(key, [...found.get(key) ?? [], text]);
  };
  for (const edge of edges) {
    const line = edge.pending === undefined ? "──" : "╌╌";
    // What a link is on, it says itself; what is on a link, the other one's kind says.
    add(edge.from, `${line} ${edge.kind === "veth" ? "" : "on "}${endWords(edge.to)}`);
    add(edge.to, `${line} ${edge.kind === "veth" ? "" : `${edgeWords(edge)} `}${endWords(edge.from)}`);
  }
  return found;
}

/** A branch: its first line, what belongs to that, and the branches below it. */
interface Branch {
  readonly text: string;
  readonly more: readonly string[];
  readonly below: readonly Branch[];
  readonly pending: boolean;
}

function lines(ns: DrawnNamespace, edges: Edges): string[] {
  const branches = [
    ...linkTrees(ns).map((tree) => branchOf(ns, tree, edges)),
    ...sectionsOf(ns).map(({ title, remarks }) => (
      { text: title, more: remarks.map(({ text }) => text), below: [], pending: false }
    )),
  ];
  return [
    titleOf(ns),
    ...notesOf(ns).map(({ text }) => `${branches.length > 0 ? "│" : " "} ${text}`),
    ...drawn(branches, ""),
  ];
}

function branchOf(ns: DrawnNamespace, { link, ports }: LinkTree, edges: Edges): Branch {
  const [first, ...others] = edges.get(keyOf(ns.name, link.name)) ?? [];
  return {
    text: [printable(link.name), ...factsOf(link)].join("  ") +
      (first === undefined ? "" : ` ${first}`),
    more: [
      ...others,
      ...link.addresses.length === 0 ? [] : [link.addresses.join("  ")],
      ...remarksOn(link),
    ],
    below: ports.map((port) => branchOf(ns, port, edges)),
    pending: link.pending !== undefined,
  };
}

function drawn(branches: readonly Branch[], indent: string): string[] {
  return branches.flatMap(({ text, more, below, pending }, at) => {
    const last = at === branches.length - 1;
    const inner = `${indent}${last ? "   " : "│  "}`;
    return [
      `${indent}${last ? "└" : "├"}${pending ? "╌" : "─"} ${text}`,
      ...more.map((line) => `${inner}${below.length > 0 ? "│" : " "} ${line}`),
      ...drawn(below, inner),
    ];
  });
}
