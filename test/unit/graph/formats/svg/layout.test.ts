import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals } from "@std/assert";
import fc from "../../../../support/properties.ts";
import type { Picture } from "../../../../../src/graph/picture.ts";
import { SIZES } from "../../../../../src/graph/formats/svg/lines.ts";
import { layOut } from "../../../../../src/graph/formats/svg/layout.ts";
import { LABEL_HEIGHT } from "../../../../../src/graph/formats/svg/edges.ts";
import { widthOf } from "../../../../../src/graph/formats/svg/text.ts";
import { edge, link, namespace, OFFICE } from "../../pictures.ts";

interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const overlap = (a: Area, b: Area): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Asserts that nothing overlaps, sticks out or is out of order. */
function assertTidy(picture: Picture): void {
  const { width, height, boxes, edges } = layOut(picture);
  const areas = boxes.map(({ x, y, width, box: { height } }) => ({
    left: x,
    right: x + width,
    top: y,
    bottom: y + height,
  }));
  const labels = edges.map(({ label: { x, y }, labelWidth }) => ({
    left: x - labelWidth / 2,
    right: x + labelWidth / 2,
    top: y - LABEL_HEIGHT / 2,
    bottom: y + LABEL_HEIGHT / 2,
  }));
  assertEquals([boxes.length, edges.length], [picture.namespaces.length, picture.edges.length]);
  for (const area of [...areas, ...labels]) {
    assert(area.left >= 0 && area.right <= width && area.top >= 0 && area.bottom <= height, "outside of the picture");
  }
  areas.forEach((area, at) => {
    assert(areas.slice(at + 1).every((other) => !overlap(area, other)), "a box over another");
    assert(labels.every((label) => !overlap(area, label)), "a label over a box");
  });
  for (const { box, width } of boxes) {
    for (const { text, right = "", style, x } of box.lines) {
      assert(x + widthOf(text, SIZES[style]) + widthOf(right, SIZES.note) <= width, `${text} is too wide`);
    }
    const baselines = box.lines.map(({ baseline }) => baseline);
    assertEquals(baselines, baselines.toSorted((a, b) => a - b));
    assertEquals(box.rows.map(({ link }) => link).toSorted(), box.namespace.links.map(({ name }) => name).toSorted());
  }
  for (const { segments } of edges) {
    segments.slice(1).forEach(({ from }, at) => assertEquals(from, segments[at]?.to));
    for (const { from, to } of segments.filter((_, at) => at % 2 === 1)) {
      const line = { left: from.x, right: to.x, top: from.y, bottom: to.y };
      assert(areas.every((area) => !overlap(area, line)), "an edge over a box");
    }
    for (const end of [segments[0]?.from, segments.at(-1)?.to]) {
      assert(
        areas.some(({ left, right, top, bottom }) =>
          (end?.x === left || end?.x === right) && top <= (end?.y ?? 0) && (end?.y ?? 0) <= bottom
        ),
        "an edge that ends beside no box",
      );
    }
  }
}

/** Any picture: of a few namespaces with a few links, some of which are joined. */
const pictures: fc.Arbitrary<Picture> = fc.record({
  links: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 8 }),
  pairs: fc.array(fc.array(fc.nat(), { minLength: 4, maxLength: 4 }), { maxLength: 12 }),
  kind: fc.constantFrom("veth", "macvlan", "a kind with a long name"),
}).map(({ links, pairs, kind }) => ({
  namespaces: links.map((count, n) =>
    namespace(`ns${"-long".repeat(n * 2)}-${n}`, Array.from({ length: count }, (_, i) => link(`l${i}`)))
  ),
  edges: pairs.map(([a = 0, b = 0, c = 0, d = 0]) => {
    const end = (n: number, l: number): string => {
      const count = links[n % links.length] ?? 0;
      const name = `ns${"-long".repeat(n % links.length * 2)}-${n % links.length}`;
      return count === 0 ? name : `${name}/l${l % count}`;
    };
    return edge(end(a, b), end(c, d), { kind });
  }).filter(({ from, to }) => from.namespace !== to.namespace || from.link !== to.link),
}));

describe("layOut()", () => {
  it("keeps boxes and labels apart and inside of the picture", () => {
    assertTidy(OFFICE);
    assertTidy({ namespaces: [], edges: [] });
    fc.assert(fc.property(pictures, assertTidy), { numRuns: 60 });
  });

  it("keeps the order of the namespaces from left to right and from top to bottom", () => {
    const names = Array.from({ length: 12 }, (_, i) => `leaf${i}`);
    const hub = namespace("hub", names.map((_, i) => link(`p${i}`)));
    const leaves = names.map((name) => namespace(name, [link("eth0")]));
    const edges = names.map((name, i) => edge(`hub/p${i}`, `${name}/eth0`));
    const { boxes, edges: paths } = layOut({ namespaces: [hub, ...leaves], edges });
    const ys = boxes.slice(1).map(({ y }) => y);
    assertEquals(ys, ys.toSorted((a, b) => a - b));
    assert(boxes.slice(1).every(({ x }) => x > (boxes[0]?.x ?? 0)));
    const starts = paths.map(({ segments }) => segments[0]?.from.y ?? 0);
    assertEquals(starts, starts.toSorted((a, b) => a - b), "no two cross");
  });

  it("sorts links by their other ends, so that pairs between two boxes do not cross", () => {
    const links = ["a", "b", "c"].map((name) => link(name));
    const { edges } = layOut({
      namespaces: [namespace("left", links), namespace("right", links)],
      edges: [edge("left/a", "right/c"), edge("left/b", "right/b"), edge("left/c", "right/a")],
    });
    for (const { segments } of edges) assertEquals(segments[0]?.from.y, segments[0]?.to.y);
  });

  it("leads an edge around the boxes between its ends", () => {
    const [a, b, c] = ["a", "b", "c"].map((name) => namespace(name, [link("l"), link("r"), link("far")]));
    if (a === undefined || b === undefined || c === undefined) throw new Error("three go in, three come out");
    const { boxes, edges } = layOut({
      namespaces: [a, b, c],
      edges: [edge("a/r", "b/l"), edge("b/r", "c/l"), edge("a/far", "c/far")],
    });
    const middle = boxes[1];
    const passing = edges[2]?.segments[1];
    assert(middle !== undefined && passing !== undefined);
    assertEquals([passing.from.x, passing.to.x], [middle.x, middle.x + middle.width]);
    assert(passing.from.y < middle.y || passing.from.y > middle.y + middle.box.height);
  });
});
