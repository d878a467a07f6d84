/** The paths of edges between positioned boxes, and the positions of their labels. */
import { groupBy } from "../../../collections.ts";
import { edgeLabel } from "../../captions.ts";
import type { PictureEdge, PictureEnd } from "../../picture.ts";
import type { Point, PositionedBox, Positions } from "./positions.ts";
import { widthOf } from "./text.ts";

/** A part of a path: a curve that is horizontal at both ends, or a horizontal line. */
export interface Segment {
  /** Its start. */
  readonly from: Point;
  /** Its end. */
  readonly to: Point;
  /** How far it bulges to the right, if it leads back to the side where it starts. */
  readonly bulge?: number;
}

/** An edge with its path. */
export interface EdgePath {
  /** The edge. */
  readonly edge: PictureEdge;
  /** The segments of its path; each begins where the one before it ends. */
  readonly segments: readonly Segment[];
  /** The middle of its label. */
  readonly label: Point;
  /** The width of its label. */
  readonly labelWidth: number;
}

/** The font size of labels, in pixels. */
export const LABEL_SIZE = 11;
/** The height of a label with its border. */
export const LABEL_HEIGHT = 18;
/** The least distance between two labels. */
const LABEL_GAP = 4;
/** The bulge of the first loop at a box. */
const BULGE = 44;
/** How much further each next loop bulges. */
const NEXT_BULGE = 14;

/** The width of the label of an edge, with its border. */
export const labelWidthOf = (edge: PictureEdge): number => Math.ceil(widthOf(edgeLabel(edge), LABEL_SIZE) + 16);

/** True for an edge between two links of one namespace. */
const isLoop = ({ from, to }: PictureEdge): boolean => from.namespace === to.namespace;

/** The width that loops need to the right of their boxes. */
export function loopWidthOf(edges: readonly PictureEdge[]): number {
  const loops = edges.filter(isLoop);
  if (loops.length === 0) return 0;
  const most = Math.max(...[...groupBy(loops, ({ from }) => from.namespace).values()].map(({ length }) => length));
  const widest = Math.max(...loops.map(labelWidthOf));
  return bulgeOf(most - 1, widest) + widest / 2;
}

/** The bulge of the loop with this number: far enough that its label is beside the box. */
const bulgeOf = (at: number, labelWidth: number): number => Math.max(BULGE, labelWidth / 2 + 12) + at * NEXT_BULGE;

/** The paths of all edges. */
export function pathsOf(edges: readonly PictureEdge[], positions: Positions): EdgePath[] {
  const { boxes, points } = positions;
  const byName = new Map(boxes.map((positioned) => [positioned.box.namespace.name, positioned]));
  const loops = loopsOf(edges, byName);
  const paths: EdgePath[] = [];
  edges.forEach((edge, at) => {
    const [from, to] = [byName.get(edge.from.namespace), byName.get(edge.to.namespace)];
    if (from === undefined || to === undefined) return;
    const segments = loops.get(edge) ??
      (from.x < to.x
        ? segmentsBetween(from, edge.from, to, edge.to, points[at] ?? [], positions)
        : segmentsBetween(to, edge.to, from, edge.from, points[at] ?? [], positions));
    const labelWidth = labelWidthOf(edge);
    paths.push({ edge, segments, label: labelPosition(segments, labelWidth, paths), labelWidth });
  });
  return paths;
}

/** The segments of loops; shorter loops are inside of longer ones. */
function loopsOf(
  edges: readonly PictureEdge[],
  boxes: ReadonlyMap<string, PositionedBox>,
): ReadonlyMap<PictureEdge, readonly Segment[]> {
  const loops = edges.filter(isLoop).flatMap((edge) => {
    const box = boxes.get(edge.from.namespace);
    return box === undefined
      ? []
      : [{ edge, box, from: port(box, edge.from, "right"), to: port(box, edge.to, "right") }];
  });
  const height = ({ from, to }: Segment): number => Math.abs(from.y - to.y);
  return new Map(
    [...groupBy(loops, ({ box }) => box).values()].flatMap((ofBox) =>
      ofBox.toSorted((a, b) => height(a) - height(b)).map(({ edge, from, to }, at) => (
        [edge, [{ from, to, bulge: bulgeOf(at, labelWidthOf(edge)) }]] as const
      ))
    ),
  );
}

/** The point where an edge ends at a box: at the row of its link, or at the head. */
function port({ box, x, y, width }: PositionedBox, { link }: PictureEnd, side: "left" | "right"): Point {
  const row = box.rows.find((one) => one.link === link);
  return { x: side === "left" ? x : x + width, y: y + (row?.middle ?? box.head / 2) };
}

/** From a box to one further right: horizontal in the columns that it passes, curved between columns. */
function segmentsBetween(
  left: PositionedBox,
  leftEnd: PictureEnd,
  right: PositionedBox,
  rightEnd: PictureEnd,
  points: readonly Point[],
  { boxes, loopWidth }: Positions,
): Segment[] {
  const [start, end] = [port(left, leftEnd, "right"), port(right, rightEnd, "left")];
  const segments: Segment[] = [];
  let from = start;
  for (const { x, y } of points) {
    const column = boxes.find((one) => one.x <= x && x <= one.x + one.width + loopWidth);
    if (column === undefined || column.x <= start.x || column.x >= end.x) continue;
    const into = { x: column.x, y: Math.round(y) };
    const out = { x: column.x + column.width + loopWidth, y: Math.round(y) };
    segments.push({ from, to: into }, { from: into, to: out });
    from = out;
  }
  return [...segments, { from, to: end }];
}

/** The point of a segment at `t`, from 0 to 1, as of a cubic Bézier curve. */
function pointOf(segment: Segment, t: number): Point {
  const { from, to } = segment;
  const [first, second] = handlesOf(segment);
  const between = (a: number, b: number, c: number, d: number): number =>
    (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t ** 2 * c + t ** 3 * d;
  return {
    x: between(from.x, first.x, second.x, to.x),
    y: between(from.y, first.y, second.y, to.y),
  };
}

/** The control points of the curve of a segment. */
export function handlesOf({ from, to, bulge }: Segment): readonly [Point, Point] {
  if (bulge !== undefined) {
    const reach = bulge * 4 / 3; // a curve reaches three quarters of the way to its handles
    return [{ x: from.x + reach, y: from.y }, { x: to.x + reach, y: to.y }];
  }
  const x = (from.x + to.x) / 2;
  return [{ x, y: from.y }, { x, y: to.y }];
}

/** How far along a segment a label may be, the best first. */
const LABEL_POSITIONS = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74];

/** A position that no other label covers, between two columns, as near to the middle of the path as possible. */
function labelPosition(segments: readonly Segment[], width: number, others: readonly EdgePath[]): Point {
  const curves = segments.filter((_, at) => at % 2 === 0); // the others are beside boxes
  const middle = Math.floor((curves.length - 1) / 2);
  const byDistance = curves.toSorted((a, b) =>
    Math.abs(curves.indexOf(a) - middle) - Math.abs(curves.indexOf(b) - middle)
  );
  // Clear of the boxes at both ends; a loop has a box at one side only.
  const fits = ({ from, to, bulge }: Segment, { x }: Point): boolean =>
    Math.min(x - from.x, bulge === undefined ? to.x - x : Infinity) >= width / 2 + 8;
  const candidates = byDistance.flatMap((segment) =>
    LABEL_POSITIONS.map((t) => pointOf(segment, t)).filter((point) => fits(segment, point))
  );
  const isFree = ({ x, y }: Point): boolean =>
    others.every(({ label, labelWidth }) =>
      Math.abs(label.x - x) >= (labelWidth + width) / 2 + LABEL_GAP ||
      Math.abs(label.y - y) >= LABEL_HEIGHT + LABEL_GAP
    );
  const { x, y } = candidates.find(isFree) ?? candidates[0] ?? { x: 0, y: 0 };
  return { x: Math.round(x), y: Math.round(y) };
}
