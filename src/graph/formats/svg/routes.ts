/** Which way edges go between boxes that have their places, and where their words stand. */
import type { DrawnEdge, DrawnEnd } from "../../picture.ts";
import { edgeWords } from "../../captions.ts";
import type { Placed, Places, Point } from "./places.ts";
import { widthOf } from "./text.ts";

/** A part of the way of an edge: a curve that starts and ends level, or a line. */
export interface Stretch {
  /** Where it starts. */
  readonly from: Point;
  /** Where it ends. */
  readonly to: Point;
  /** How far it goes to the right on its way, if it comes back to where it started, above or below. */
  readonly bulge?: number;
}

/** An edge with its way. */
export interface Routed {
  /** The edge. */
  readonly edge: DrawnEdge;
  /** The parts of its way, each from where the one before it ends. */
  readonly way: readonly Stretch[];
  /** The middle of what is written on it. */
  readonly label: Point;
  /** How wide that is. */
  readonly labelWidth: number;
}

/** The font of what is written on edges, in pixels. */
export const LABEL_SIZE = 11;
/** How high that is, with its border. */
export const LABEL_HEIGHT = 18;
/** How far the first edge within a box bulges, and how much further each next one. */
const BULGE = 44;
const NEXT_BULGE = 14;

/** How wide the words of an edge are, with their border. */
export const labelWidthOf = (edge: DrawnEdge): number => Math.ceil(widthOf(edgeWords(edge), LABEL_SIZE) + 16);

const isLoop = ({ from, to }: DrawnEdge): boolean => from.namespace === to.namespace;

/** How much room the edges within a box take to the right of it. */
export function loopRoom(edges: readonly DrawnEdge[]): number {
  const counts = new Map<string, number>();
  for (const { from } of edges.filter(isLoop)) counts.set(from.namespace, (counts.get(from.namespace) ?? 0) + 1);
  if (counts.size === 0) return 0;
  const widest = Math.max(...edges.filter(isLoop).map(labelWidthOf));
  return bulgeOf(Math.max(...counts.values()) - 1, widest) + widest / 2;
}

/** How far the loop with this number bulges: at least so far that what is written on it is beside the box. */
const bulgeOf = (at: number, labelWidth: number): number => Math.max(BULGE, labelWidth / 2 + 12) + at * NEXT_BULGE;

/** The ways of all edges. */
export function route(edges: readonly DrawnEdge[], places: Places): Routed[] {
  const { boxes, points } = places;
  const byName = new Map(boxes.map((placed) => [placed.box.namespace.name, placed]));
  const loops = loopsOf(edges, byName);
  const routed: Routed[] = [];
  edges.forEach((edge, at) => {
    const [from, to] = [byName.get(edge.from.namespace), byName.get(edge.to.namespace)];
    if (from === undefined || to === undefined) return;
    const way = loops.get(edge) ??
      (from.x < to.x
        ? across(from, edge.from, to, edge.to, points[at] ?? [], places)
        : across(to, edge.to, from, edge.from, points[at] ?? [], places));
    const labelWidth = labelWidthOf(edge);
    routed.push({ edge, way, label: freePlace(way, labelWidth, routed), labelWidth });
  });
  return routed;
}

/** The ways of the edges within a box: the shorter ones inside of the longer ones. */
function loopsOf(
  edges: readonly DrawnEdge[],
  boxes: ReadonlyMap<string, Placed>,
): ReadonlyMap<DrawnEdge, readonly Stretch[]> {
  const byBox = new Map<Placed, { readonly edge: DrawnEdge; readonly from: Point; readonly to: Point }[]>();
  for (const edge of edges.filter(isLoop)) {
    const box = boxes.get(edge.from.namespace);
    if (box === undefined) continue;
    const loop = { edge, from: port(box, edge.from, "right"), to: port(box, edge.to, "right") };
    byBox.set(box, [...byBox.get(box) ?? [], loop]);
  }
  const span = ({ from, to }: Stretch): number => Math.abs(from.y - to.y);
  return new Map(
    [...byBox.values()].flatMap((loops) =>
      loops.toSorted((a, b) => span(a) - span(b)).map(({ edge, from, to }, at) => (
        [edge, [{ from, to, bulge: bulgeOf(at, labelWidthOf(edge)) }]] as const
      ))
    ),
  );
}

/** Where an edge ends at a box: beside the row of its link, or beside the head. */
function port({ box, x, y, width }: Placed, { link }: DrawnEnd, side: "left" | "right"): Point {
  const row = box.rows.find((one) => one.link === link);
  return { x: side === "left" ? x : x + width, y: y + (row?.middle ?? box.head / 2) };
}

/** From one box to another to the right of it: level through the columns between them, curved between columns. */
function across(
  left: Placed,
  leftEnd: DrawnEnd,
  right: Placed,
  rightEnd: DrawnEnd,
  points: readonly Point[],
  { boxes, room }: Places,
): Stretch[] {
  const [start, end] = [port(left, leftEnd, "right"), port(right, rightEnd, "left")];
  const stretches: Stretch[] = [];
  let from = start;
  for (const { x, y } of points) {
    const column = boxes.find((one) => one.x <= x && x <= one.x + one.width + room);
    if (column === undefined || column.x <= start.x || column.x >= end.x) continue;
    const [into, out] = [{ x: column.x, y: Math.round(y) }, { x: column.x + column.width + room, y: Math.round(y) }];
    stretches.push({ from, to: into }, { from: into, to: out });
    from = out;
  }
  return [...stretches, { from, to: end }];
}

/** A point of a stretch; `t` goes from 0 to 1. The handles of its curve are half-way, and level with its ends. */
function pointOf({ from, to, bulge }: Stretch, t: number): Point {
  const between = (a: number, b: number, c: number, d: number): number =>
    (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t ** 2 * c + t ** 3 * d;
  const [first, second] = handles({ from, to, ...bulge === undefined ? {} : { bulge } });
  return {
    x: between(from.x, first.x, second.x, to.x),
    y: between(from.y, first.y, second.y, to.y),
  };
}

/** The handles of the cubic curve of a stretch. */
export function handles({ from, to, bulge }: Stretch): readonly [Point, Point] {
  // A curve reaches three quarters of the way to its handles.
  if (bulge !== undefined) {
    return [{ x: from.x + bulge * 4 / 3, y: from.y }, { x: to.x + bulge * 4 / 3, y: to.y }];
  }
  const x = (from.x + to.x) / 2;
  return [{ x, y: from.y }, { x, y: to.y }];
}

/** How far along a stretch words may stand, the best first. */
const PLACES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74];

/** A place for words on an edge where none stand yet; between two columns, nearest to the middle of the way. */
function freePlace(way: readonly Stretch[], width: number, others: readonly Routed[]): Point {
  const level = (stretch: Stretch): boolean => way.indexOf(stretch) % 2 === 1; // beside the box that it passes
  const curves = way.filter((stretch) => !level(stretch));
  const middle = Math.floor((curves.length - 1) / 2);
  const inOrder = curves.toSorted((a, b) =>
    Math.abs(curves.indexOf(a) - middle) - Math.abs(curves.indexOf(b) - middle)
  );
  // Between the two boxes; of an edge within a box, beside that.
  const fits = ({ from, to, bulge }: Stretch, { x }: Point): boolean =>
    Math.min(x - from.x, bulge === undefined ? to.x - x : Infinity) >= width / 2 + 8;
  const candidates = inOrder.flatMap((stretch) =>
    PLACES.map((t) => pointOf(stretch, t)).filter((point) => fits(stretch, point))
  );
  const isFree = ({ x, y }: Point): boolean =>
    others.every(({ label, labelWidth }) =>
      Math.abs(label.x - x) >= (labelWidth + width) / 2 + 4 || Math.abs(label.y - y) >= LABEL_HEIGHT + 4
    );
  const { x, y } = candidates.find(isFree) ?? candidates[0] ?? { x: 0, y: 0 };
  return { x: Math.round(x), y: Math.round(y) };
}
