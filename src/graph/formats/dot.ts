/** Pictures in DOT, the language of Graphviz. */
import { edgeLabel, entryLines, headingOf, linkLines } from "../captions.ts";
import { Ids } from "../ids.ts";
import { type LinkTree, linkTrees, type Picture, type PictureNamespace } from "../picture.ts";

/** `picture` as an undirected graph, with a cluster for each namespace. */
export function drawDot({ namespaces, edges }: Picture): string {
  const ids = new Ids(namespaces);
  return [
    "graph netns {",
    "  graph [rankdir=LR, compound=true, nodesep=0.3, ranksep=1];",
    '  node [shape=box, fontname="monospace", fontsize=11];',
    '  edge [fontname="monospace", fontsize=10];',
    ...namespaces.flatMap((ns) => cluster(ns, ids)),
    ...edges.map((edge) => {
      const style = edge.pending === undefined ? "" : ", style=dashed";
      const [a, b] = ids.ends(edge).map((end) => node(ids.of(end)));
      return `  ${a} -- ${b} [label=${label([edgeLabel(edge)])}${style}];`;
    }),
    "}",
  ].join("\n");
}

/** The node of a link; a namespace that an edge leads to has a node without a link. */
const node = (id: string): string => id.includes("l") ? id : `${id}e`;

function cluster(ns: PictureNamespace, ids: Ids): string[] {
  const id = ids.of({ namespace: ns.name });
  const entries = entryLines(ns);
  const links = linkTrees(ns).flatMap((tree) => nodes(ns, tree, ids));
  const style = (ns.pending ?? ns.unseen) === undefined ? "rounded" : "rounded,dashed";
  const title = label(headingOf(ns));
  return [
    `  subgraph cluster_${id} {`,
    `    label=${title}; style="${style}"; fontname="monospace"; fontsize=12;`,
    ...links,
    ...links.length > 0 && entries.length === 0 ? [] : [`    ${id}e [label=${label(entries)}, shape=plain];`],
    "  }",
  ];
}

function nodes(ns: PictureNamespace, { link, ports }: LinkTree, ids: Ids): string[] {
  const id = ids.of({ namespace: ns.name, link: link.name });
  return [
    `    ${id} [label=${label(linkLines(link))}${link.pending === undefined ? "" : ", style=dashed"}];`,
    ...ports.flatMap((port) => [
      ...nodes(ns, port, ids),
      `    ${id} -- ${ids.of({ namespace: ns.name, link: port.link.name })};`,
    ]),
  ];
}

/** Lines as a quoted string, aligned to the left. Graphviz reads backslashes first and then HTML entities. */
function label(lines: readonly string[]): string {
  const escaped = lines.map((line) => line.replaceAll("&", "&amp;").replaceAll("\\", "\\\\").replaceAll('"', '\\"'));
  return `"${escaped.length === 1 ? escaped.join() : escaped.map((line) => `${line}\\l`).join("")}"`;
}
