/** Where everything in a picture is: what is joined from left to right, and what nothing joins below it. */
import type { DrawnEdge, DrawnNamespace, Picture } from "../../picture.ts";
import { layOutBox } from "./box.ts";
import { place, type Placed, type Places, type Point } from "./places.ts";
import { labelWidthOf, loopRoom, route, type Routed } from "./routes.ts";

/** All that is drawn, with its place. */
export interface Layout {
  /** The width of the whole, in pixels. */
  readonly width: number;
  /** Its height. */
  readonly height: number;
  /** The boxes of the namespaces. */
  readonly boxes: readonly Placed[];
  /** What joins them. */
  readonly edges: readonly Routed[];
}

/** What is left free around everything. */
const MARGIN = 24;
/** Between boxes, one above the other, and between parts that nothing joins. */
const GAP = 28;
/** What an edge has beside what is written on it, between two boxes side by side. */
const WAY = 60;
/** Between the ways of edges that pass a box. */
const EDGE_GAP = 24;
/** How wide parts that nothing joins are put side by side. */
const SHELF = 1000;

/** Lays out `picture`. */
export function layOut(picture: Picture): Layout {
  const parts = components(picture).map(layOutPart);
  const widest = Math.max(SHELF, ...parts.map(({ width }) => width));
  const boxes: Placed[] = [];
  const edges: Routed[] = [];
  let [x, y, shelf, right] = [0, 0, 0, 0];
  for (const part of parts) {
    if (x > 0 && x + part.width > widest) [x, y, shelf] = [0, y + shelf + GAP, 0];
    const [left, top] = [MARGIN + x, MARGIN + y];
    const moved = (point: Point): Point => ({ x: point.x + left, y: point.y + top });
    boxes.push(...part.boxes.map((placed) => ({ ...placed, ...moved(placed) })));
    edges.push(...part.edges.map((one) => ({
      ...one,
      label: moved(one.label),
      way: one.way.map((stretch) => ({ ...stretch, from: moved(stretch.from), to: moved(stretch.to) })),
    })));
    right = Math.max(right, x + part.width);
    shelf = Math.max(shelf, part.height);
    x += part.width + GAP;
  }
  return { width: right + 2 * MARGIN, height: y + shelf + 2 * MARGIN, boxes, edges };
}

/** The parts of a picture that nothing joins: those with several namespaces first. */
function components({ namespaces, edges }: Picture): Picture[] {
  const groups = new Map(namespaces.map(({ name }) => [name, new Set([name])]));
  for (const { from, to } of edges) {
    const [a, b] = [groups.get(from.namespace), groups.get(to.namespace)];
    if (a === undefined || b === undefined || a === b) continue;
    const [large, small] = a.size < b.size ? [b, a] : [a, b];
    for (const name of small) groups.set(name, large.add(name));
  }
  const parts = new Map<Set<string> | undefined, { namespaces: DrawnNamespace[]; edges: DrawnEdge[] }>();
  for (const ns of namespaces) {
    const group = groups.get(ns.name);
    const part = parts.get(group) ?? { namespaces: [], edges: [] };
    parts.set(group, part);
    part.namespaces.push(ns);
  }
  for (const edge of edges) parts.get(groups.get(edge.from.namespace))?.edges.push(edge);
  return [...parts.values()].toSorted((a, b) => Number(b.namespaces.length > 1) - Number(a.namespaces.length > 1));
}

function layOutPart({ namespaces, edges }: Picture): Layout {
  const room = loopRoom(edges);
  const beside = WAY + Math.max(0, ...edges.map(labelWidthOf));
  const spacing = { above: GAP, beside, right: room, edges: EDGE_GAP };
  const places = place(namespaces.map((ns) => layOutBox(ns)), edges, spacing);
  const ranks = ranksOf(edges, places);
  const boxes = places.boxes.map((placed) => (
    { ...placed, box: layOutBox(placed.box.namespace, ranks.get(placed.box.namespace.name)) }
  ));
  const routed = route(edges, { ...places, boxes });
  // What passes a box at the edge of a part may be outside of all boxes.
  const ys = [
    ...boxes.flatMap(({ y, box }) => [y, y + box.height]),
    ...routed.flatMap(({ way }) => way.flatMap(({ from, to }) => [from.y, to.y])),
  ];
  const top = Math.min(...ys);
  return {
    width: Math.ceil(Math.max(
      ...boxes.map(({ x, width }) => x + width),
      ...routed.map(({ label, labelWidth }) => label.x + labelWidth / 2),
      ...routed.flatMap(({ way }) => way.map(({ to, bulge = 0 }) => to.x + bulge)),
    )),
    height: Math.max(...ys) - top,
    boxes: boxes.map((placed) => ({ ...placed, y: placed.y - top })),
    edges: routed.map((one) => ({
      ...one,
      label: { ...one.label, y: one.label.y - top },
      way: one.way.map((stretch) => ({
        ...stretch,
        from: { ...stretch.from, y: stretch.from.y - top },
        to: { ...stretch.to, y: stretch.to.y - top },
      })),
    })),
  };
}

/** For each namespace, how far above or below its edges arrive at the next column: by link. */
function ranksOf(
  edges: readonly DrawnEdge[],
  { boxes, points }: Places,
): ReadonlyMap<string, (link: string) => number | undefined> {
  const numbers = new Map(boxes.map(({ box }, at) => [box.namespace.name, at]));
  const found = new Map(boxes.map(({ box }) => [box.namespace.name, new Map<string, number>()]));
  edges.forEach(({ from, to }, at) => {
    if (from.namespace === to.namespace) return;
    for (const [own, other] of [[from, to], [to, from]] as const) {
      const ranks = found.get(own.namespace);
      const isFirst = (numbers.get(own.namespace) ?? 0) < (numbers.get(other.namespace) ?? 0);
      // The border of the own box, half-way to the next column, that column.
      const next = points[at]?.at(isFirst ? 2 : -3);
      if (ranks === undefined || own.link === undefined || next === undefined || ranks.has(own.link)) continue;
      ranks.set(own.link, next.y);
    }
  });
  return new Map([...found].map(([name, ranks]) => [name, (link: string) => ranks.get(link)]));
}
