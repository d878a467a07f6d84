/** Pictures as trees for the terminal. */
import { printable } from "../../../ffi/mod.ts";
import { edgeLabel, endLabel, factsOf, notesOf, remarksOn, sectionsOf, titleOf } from "../captions.ts";
import {
  type LinkTree,
  linkTrees,
  type Picture,
  type PictureEdge,
  type PictureEnd,
  type PictureNamespace,
} from "../picture.ts";

/** `picture` as text: for each namespace its links with their other ends, and its routes and neighbours. */
export function drawTree(picture: Picture): string {
  const ends = otherEnds(picture.edges);
  return picture.namespaces.map((ns) => namespaceLines(ns, ends).join("\n")).join("\n\n");
}

/** The texts that describe the other ends of a link, by namespace and link. */
type OtherEnds = ReadonlyMap<string, readonly string[]>;

const keyOf = (namespace: string, link: string): string => JSON.stringify([namespace, link]);

function otherEnds(edges: readonly PictureEdge[]): OtherEnds {
  const ends = new Map<string, string[]>();
  const add = ({ namespace, link }: PictureEnd, text: string): void => {
    if (link === undefined) return;
    const key = keyOf(namespace, link);
    ends.set(key, [...ends.get(key) ?? [], text]);
  };
  for (const edge of edges) {
    const line = edge.pending === undefined ? "──" : "╌╌";
    // A link is "on" its parent; the parent shows the kind of that link.
    add(edge.from, `${line} ${edge.kind === "veth" ? "" : "on "}${endLabel(edge.to)}`);
    add(edge.to, `${line} ${edge.kind === "veth" ? "" : `${edgeLabel(edge)} `}${endLabel(edge.from)}`);
  }
  return ends;
}

/** A branch: its line, further lines about the same thing, and the branches below. */
interface Branch {
  readonly text: string;
  readonly more: readonly string[];
  readonly below: readonly Branch[];
  readonly isPending: boolean;
}

function namespaceLines(ns: PictureNamespace, ends: OtherEnds): string[] {
  const branches = [
    ...linkTrees(ns).map((tree) => linkBranch(ns, tree, ends)),
    ...sectionsOf(ns).map(({ title, remarks }) => (
      { text: title, more: remarks.map(({ text }) => text), below: [], isPending: false }
    )),
  ];
  return [
    titleOf(ns),
    ...notesOf(ns).map(({ text }) => `${branches.length > 0 ? "│" : " "} ${text}`),
    ...branchLines(branches, ""),
  ];
}

function linkBranch(ns: PictureNamespace, { link, ports }: LinkTree, ends: OtherEnds): Branch {
  const [first, ...others] = ends.get(keyOf(ns.name, link.name)) ?? [];
  return {
    text: [printable(link.name), ...factsOf(link)].join("  ") + (first === undefined ? "" : ` ${first}`),
    more: [
      ...others,
      ...link.addresses.length === 0 ? [] : [link.addresses.join("  ")],
      ...remarksOn(link),
    ],
    below: ports.map((port) => linkBranch(ns, port, ends)),
    isPending: link.pending !== undefined,
  };
}

function branchLines(branches: readonly Branch[], indent: string): string[] {
  return branches.flatMap(({ text, more, below, isPending }, at) => {
    const isLast = at === branches.length - 1;
    const inner = `${indent}${isLast ? "   " : "│  "}`;
    return [
      `${indent}${isLast ? "└" : "├"}${isPending ? "╌" : "─"} ${text}`,
      ...more.map((line) => `${inner}${below.length > 0 ? "│" : " "} ${line}`),
      ...branchLines(below, inner),
    ];
  });
}
