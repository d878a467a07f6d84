/** The positions of boxes that edges connect, computed by dagre. */
import { Graph, layout } from "npm:@dagrejs/dagre@3.1.3";
import type { PictureEdge } from "../../picture.ts";
import type { Box } from "./box.ts";

/** A point, in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A box; its position is that of its upper left corner. */
export interface PositionedBox extends Point {
  /** The box. */
  readonly box: Box;
  /** The width of the widest box in its column. */
  readonly width: number;
}

/** Distances, in pixels. */
export interface Spacing {
  /** Between boxes one above the other. */
  readonly vertical: number;
  /** Between boxes side by side. */
  readonly horizontal: number;
  /** Kept free to the right of each box, for edges that begin and end at it. */
  readonly loops: number;
  /** Between edges that pass a box. */
  readonly edges: number;
}

/** The positions of boxes, and the columns that edges pass. */
export interface Positions {
  /** The boxes, in the given order. */
  readonly boxes: readonly PositionedBox[];
  /** The width kept free to the right of each box. */
  readonly loopWidth: number;
  /** For each edge, in the given order, the points that it passes, from left to right. */
  readonly points: readonly (readonly Point[])[];
}

/**
 * Positions boxes in columns. Of two boxes that an edge connects, the one that comes first is on the left.
 *
 * @param edges Edges within one box are ignored.
 */
export function positionBoxes(boxes: readonly Box[], edges: readonly PictureEdge[], spacing: Spacing): Positions {
  const graph = new Graph<object, { width: number; height: number } & Partial<Point>, { points?: Point[] }>({
    multigraph: true,
  });
  graph.setGraph({
    rankdir: "LR",
    nodesep: spacing.vertical,
    edgesep: spacing.edges,
    ranksep: spacing.horizontal,
  });
  // dagre keeps its identifiers as keys of plain objects, so a name such as "constructor" cannot be one.
  boxes.forEach(({ width, height }, at) => graph.setNode(`b${at}`, { width: width + spacing.loops, height }));
  const numbers = new Map(boxes.map(({ namespace: { name } }, at) => [name, at]));
  const ends = edges.map(({ from, to }) =>
    [numbers.get(from.namespace) ?? 0, numbers.get(to.namespace) ?? 0].sort((a, b) => a - b)
  );
  ends.forEach(([first, second], at) => {
    if (first !== second) graph.setEdge(`b${first}`, `b${second}`, {}, `${at}`);
  });
  layout(graph);
  const upright = isUpsideDown() ? -1 : 1;
  const centre = (at: number): Point => {
    const { x = 0, y = 0 } = graph.node(`b${at}`);
    return { x, y: y * upright };
  };
  const columns = new Map<number, number>();
  const columnOf = (at: number): number => Math.round(centre(at).x);
  boxes.forEach(({ width }, at) => columns.set(columnOf(at), Math.max(width, columns.get(columnOf(at)) ?? 0)));
  return {
    boxes: boxes.map((box, at) => {
      const width = columns.get(columnOf(at)) ?? box.width;
      const { x, y } = centre(at);
      return { box, width, x: Math.round(x - (width + spacing.loops) / 2), y: Math.round(y - box.height / 2) };
    }),
    loopWidth: spacing.loops,
    points: ends.map((_, at) => pointsOf(at).map(({ x, y }) => ({ x, y: y * upright }))),
  };

  function pointsOf(at: number): readonly Point[] {
    const [first, second] = ends[at] ?? [];
    return first === second ? [] : graph.edge(`b${first}`, `b${second}`, `${at}`).points ?? [];
  }

  /** dagre's result has as many crossings upside down; the picture is turned so that most boxes keep their order. */
  function isUpsideDown(): boolean {
    const last = new Map<string, number>();
    let inOrder = 0;
    const compare = (group: string, y: number): void => {
      inOrder += Math.sign(y - (last.get(group) ?? y));
      last.set(group, y);
    };
    boxes.forEach((_, at) => {
      const { x = 0, y = 0 } = graph.node(`b${at}`);
      compare(`${Math.round(x)}`, y);
    });
    if (inOrder === 0) ends.forEach((pair, at) => compare(`${pair}`, pointsOf(at)[1]?.y ?? 0));
    return inOrder < 0;
  }
}
