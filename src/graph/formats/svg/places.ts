/** Where the boxes of namespaces that are joined stand. dagre finds the places. */
import { Graph, layout } from "npm:@dagrejs/dagre@3.1.3";
import type { DrawnEdge } from "../../picture.ts";
import type { Box } from "./box.ts";

/** A point. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A box with its place. */
export interface Placed extends Point {
  /** The box; its place is that of its upper left corner. */
  readonly box: Box;
  /** Its width, which is that of all boxes in its column. */
  readonly width: number;
}

/** What is left free between and around boxes, in pixels. */
export interface Spacing {
  /** Between boxes, one above the other. */
  readonly above: number;
  /** Between boxes, side by side. */
  readonly beside: number;
  /** To the right of each box. */
  readonly right: number;
  /** Between the ways of edges that pass a box. */
  readonly edges: number;
}

/** The places, and where edges pass a column on their way. */
export interface Places {
  /** The boxes, in the order given. */
  readonly boxes: readonly Placed[];
  /** What is left free to the right of each box. */
  readonly room: number;
  /** For each edge, in the order given, the points that it goes through, from left to right. */
  readonly points: readonly (readonly Point[])[];
}

/**
 * Places boxes from left to right: of two that an edge joins, the one that comes first is the left one.
 *
 * @param edges What joins the boxes; edges within one do not count.
 */
export function place(boxes: readonly Box[], edges: readonly DrawnEdge[], spacing: Spacing): Places {
  const graph = new Graph<object, { width: number; height: number } & Partial<Point>, { points?: Point[] }>({
    multigraph: true,
  });
  graph.setGraph({ rankdir: "LR", nodesep: spacing.above, edgesep: spacing.edges, ranksep: spacing.beside });
  // dagre's identifiers are keys of plain objects: names of namespaces could be those of their prototype.
  boxes.forEach(({ width, height }, at) => graph.setNode(`b${at}`, { width: width + spacing.right, height }));
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
      return { box, width, x: Math.round(x - (width + spacing.right) / 2), y: Math.round(y - box.height / 2) };
    }),
    room: spacing.right,
    points: ends.map((_, at) => pointsOf(at).map(({ x, y }) => ({ x, y: y * upright }))),
  };

  function pointsOf(at: number): readonly Point[] {
    const [first, second] = ends[at] ?? [];
    return first === second ? [] : graph.edge(`b${first}`, `b${second}`, `${at}`).points ?? [];
  }

  /** dagre leaves as many crossings either way up: what comes first is to be above more often than below. */
  function isUpsideDown(): boolean {
    const last = new Map<string, number>();
    let above = 0;
    const compare = (place: string, y: number): void => {
      above += Math.sign(y - (last.get(place) ?? y));
      last.set(place, y);
    };
    boxes.forEach((_, at) => {
      const { x = 0, y = 0 } = graph.node(`b${at}`);
      compare(`${Math.round(x)}`, y);
    });
    if (above === 0) ends.forEach((pair, at) => compare(`${pair}`, pointsOf(at)[1]?.y ?? 0));
    return above < 0;
  }
}
