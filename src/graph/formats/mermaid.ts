/** Pictures in Mermaid, which GitHub and others render in Markdown. */
import { edgeLabel, entryLines, headingOf, linkLines } from "../captions.ts";
import { Ids } from "../ids.ts";
import { type LinkTree, linkTrees, type Picture, type PictureNamespace } from "../picture.ts";

/** `picture` as a flowchart, with a subgraph for each namespace. */
export function drawMermaid({ namespaces, edges }: Picture): string {
  const ids = new Ids(namespaces);
  return [
    "flowchart LR",
    ...namespaces.flatMap((ns) => subgraph(ns, ids)),
    ...edges.map((edge) => {
      const [a, b] = ids.ends(edge).map((end) => ids.of(end));
      return `  ${a} ${edge.pending === undefined ? "---" : "-.-"}|${label([edgeLabel(edge)])}| ${b}`;
    }),
    "  classDef pending stroke-dasharray:6 4",
    "  classDef entries fill:none,stroke:none,text-align:left",
    ...namespaces.filter(isDashed).map((ns) => `  class ${ids.of({ namespace: ns.name })} pending`),
  ].join("\n");
}

const isDashed = ({ pending, unseen }: PictureNamespace): boolean => (pending ?? unseen) !== undefined;

function subgraph(ns: PictureNamespace, ids: Ids): string[] {
  const id = ids.of({ namespace: ns.name });
  const entries = entryLines(ns);
  const links = linkTrees(ns).flatMap((tree) => nodes(ns, tree, ids));
  return [
    `  subgraph ${id}[${label(headingOf(ns))}]`,
    ...links,
    ...entries.length === 0 ? [] : [`    ${id}e[${label(entries)}]:::entries`],
    // Mermaid leaves out an empty subgraph.
    ...links.length + entries.length > 0 ? [] : [`    ${id}e[" "]:::entries`],
    "  end",
  ];
}

function nodes(ns: PictureNamespace, { link, ports }: LinkTree, ids: Ids): string[] {
  const id = ids.of({ namespace: ns.name, link: link.name });
  return [
    `    ${id}[${label(linkLines(link))}]${link.pending === undefined ? "" : ":::pending"}`,
    ...ports.flatMap((port) => [
      ...nodes(ns, port, ids),
      `    ${id} --- ${ids.of({ namespace: ns.name, link: port.link.name })}`,
    ]),
  ];
}

/** Lines as a quoted string. Characters that Mermaid, Markdown or HTML may interpret become their numbers. */
function label(lines: readonly string[]): string {
  const escaped = lines.map((line) => line.replace(/[^\p{L}\p{M}\p{N} ,.:/()+_-]/gu, (c) => `#${c.codePointAt(0)};`));
  return `"${escaped.join("<br/>")}"`;
}
