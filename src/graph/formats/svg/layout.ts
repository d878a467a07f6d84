/** The layout of a picture: connected namespaces from left to right, unconnected parts side by side and below. */
import { groupBy } from "../../../collections.ts";
import type { Picture, PictureEdge } from "../../picture.ts";
import { layOutBox, type RankOf } from "./box.ts";
import { type EdgePath, labelWidthOf, loopWidthOf, pathsOf } from "./edges.ts";
import { type Point, positionBoxes, type PositionedBox, type Positions } from "./positions.ts";

/** Boxes and edges with their positions. */
export interface Layout {
  /** The width of the picture, in pixels. */
  readonly width: number;
  /** Its height. */
  readonly height: number;
  /** The boxes of the namespaces. */
  readonly boxes: readonly PositionedBox[];
  /** The edges. */
  readonly edges: readonly EdgePath[];
}

/** The distance to the border of the picture. */
const MARGIN = 24;
/** The distance between boxes one above the other, and between unconnected parts. */
const GAP = 28;
/** The length of an edge between two boxes side by side, without its label. */
const EDGE_LENGTH = 60;
/** The distance between edges that pass a box. */
const EDGE_GAP = 24;
/** The width of a row of unconnected parts. */
const ROW_WIDTH = 1000;

/** Lays out `picture`. */
export function layOut(picture: Picture): Layout {
  const parts = connectedParts(picture).map(layOutPart);
  const widest = Math.max(ROW_WIDTH, ...parts.map(({ width }) => width));
  const boxes: PositionedBox[] = [];
  const edges: EdgePath[] = [];
  let [x, y, rowHeight, right] = [0, 0, 0, 0];
  for (const part of parts) {
    if (x > 0 && x + part.width > widest) [x, y, rowHeight] = [0, y + rowHeight + GAP, 0];
    const moved = moveBy(part, { x: MARGIN + x, y: MARGIN + y });
    boxes.push(...moved.boxes);
    edges.push(...moved.edges);
    right = Math.max(right, x + part.width);
    rowHeight = Math.max(rowHeight, part.height);
    x += part.width + GAP;
  }
  return { width: right + 2 * MARGIN, height: y + rowHeight + 2 * MARGIN, boxes, edges };
}

function moveBy({ boxes, edges }: Pick<Layout, "boxes" | "edges">, by: Point): Pick<Layout, "boxes" | "edges"> {
  const moved = ({ x, y }: Point): Point => ({ x: x + by.x, y: y + by.y });
  return {
    boxes: boxes.map((positioned) => ({ ...positioned, ...moved(positioned) })),
    edges: edges.map((path) => ({
      ...path,
      label: moved(path.label),
      segments: path.segments.map((segment) => ({ ...segment, from: moved(segment.from), to: moved(segment.to) })),
    })),
  };
}

/** The parts of a picture that no edge connects; parts with several namespaces come first. */
function connectedParts({ namespaces, edges }: Picture): Picture[] {
  const partOf = new Map(namespaces.map(({ name }) => [name, new Set([name])]));
  for (const { from, to } of edges) {
    const [a, b] = [partOf.get(from.namespace), partOf.get(to.namespace)];
    if (a === undefined || b === undefined || a === b) continue;
    const [large, small] = a.size < b.size ? [b, a] : [a, b];
    for (const name of small) partOf.set(name, large.add(name));
  }
  const edgesByPart = groupBy(edges, ({ from }) => partOf.get(from.namespace));
  const parts = [...groupBy(namespaces, ({ name }) => partOf.get(name))].map(([part, namespaces]) => (
    { namespaces, edges: edgesByPart.get(part) ?? [] }
  ));
  return parts.toSorted((a, b) => Number(b.namespaces.length > 1) - Number(a.namespaces.length > 1));
}

function layOutPart({ namespaces, edges }: Picture): Layout {
  const spacing = {
    vertical: GAP,
    horizontal: EDGE_LENGTH + Math.max(0, ...edges.map(labelWidthOf)),
    loops: loopWidthOf(edges),
    edges: EDGE_GAP,
  };
  const positions = positionBoxes(namespaces.map((ns) => layOutBox(ns)), edges, spacing);
  const ranks = ranksOf(edges, positions);
  const boxes = positions.boxes.map((positioned) => (
    { ...positioned, box: layOutBox(positioned.box.namespace, ranks.get(positioned.box.namespace.name)) }
  ));
  const paths = pathsOf(edges, { ...positions, boxes });
  // An edge may pass above or below all boxes.
  const ys = [
    ...boxes.flatMap(({ y, box }) => [y, y + box.height]),
    ...paths.flatMap(({ segments }) => segments.flatMap(({ from, to }) => [from.y, to.y])),
  ];
  const top = Math.min(...ys);
  return {
    width: Math.ceil(Math.max(
      ...boxes.map(({ x, width }) => x + width),
      ...paths.map(({ label, labelWidth }) => label.x + labelWidth / 2),
      ...paths.flatMap(({ segments }) => segments.map(({ to, bulge = 0 }) => to.x + bulge)),
    )),
    height: Math.max(...ys) - top,
    ...moveBy({ boxes, edges: paths }, { x: 0, y: -top }),
  };
}

/** For each namespace, the vertical position at which the edge of a link enters the next column. */
function ranksOf(edges: readonly PictureEdge[], { boxes, points }: Positions): ReadonlyMap<string, RankOf> {
  const numbers = new Map(boxes.map(({ box }, at) => [box.namespace.name, at]));
  const found = new Map(boxes.map(({ box }) => [box.namespace.name, new Map<string, number>()]));
  edges.forEach(({ from, to }, at) => {
    if (from.namespace === to.namespace) return;
    for (const [own, other] of [[from, to], [to, from]] as const) {
      const ranks = found.get(own.namespace);
      const isFirst = (numbers.get(own.namespace) ?? 0) < (numbers.get(other.namespace) ?? 0);
      // Point 0 is at the border of the own box, point 1 half-way to the next column, point 2 in that column.
      const next = points[at]?.at(isFirst ? 2 : -3);
      if (ranks === undefined || own.link === undefined || next === undefined || ranks.has(own.link)) continue;
      ranks.set(own.link, next.y);
    }
  });
  return new Map([...found].map(([name, ranks]) => [name, (link: string) => ranks.get(link)]));
}
