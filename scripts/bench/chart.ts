/** Measurements as a picture: bars to the left of the line are faster than C, bars to the right slower. */
import { comparison, type Results } from "./comparison.ts";
import { contendersOf, ratio } from "./table.ts";
import { WORKS } from "./works.ts";

const WIDTH = 760;
const NAME_WIDTH = 120;
const LABEL_WIDTH = 44;
const ROW = 17;
const HEAD = 26;
const GAP = 10;
const MARGIN = 12;
/** What the axis reaches at least; it is logarithmic, so that half and double are equally long. */
const LEAST = 0.25, MOST = 4;

/** Colours that can be read on white and on black; what looks better on black is below. */
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 } .note, .tick { fill: #59636e; font-size: 11px }
  .ours { fill: #0969da } .other { fill: #9aa4af } .line { stroke: #24292f } .grid { stroke: #d1d9e0 }
  .target { stroke: #cf222e; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .note, .tick { fill: #9198a1 }
    .ours { fill: #4493f8 } .other { fill: #656c76 } .line { stroke: #f0f6fc } .grid { stroke: #3d444d }
    .target { stroke: #f85149 }
  }`;

/** An SVG, light or dark as the page is. */
export function chart(results: Results): string {
  const groups = WORKS.flatMap((work) => {
    const took = results.works[work.name];
    if (took === undefined) return [];
    const bars = contendersOf(results.works).filter((name) => took[name] !== undefined)
      .map((name) => ({ name, ours: name.startsWith("netns"), median: comparison(took, name).median }));
    return [{ work, bars }];
  });
  const medians = groups.flatMap(({ bars }) => bars.map(({ median }) => median));
  const from = Math.log2(Math.min(LEAST, ...medians));
  const to = Math.log2(Math.max(MOST, ...medians));
  const left = MARGIN + NAME_WIDTH;
  const right = WIDTH - MARGIN - LABEL_WIDTH;
  const x = (value: number): number => round(left + (Math.log2(value) - from) / (to - from) * (right - left));

  const parts: string[] = [];
  let y = MARGIN + ROW;
  for (const { work, bars } of groups) {
    y += HEAD;
    parts.push(text(MARGIN, y - 8, work.title, "title"));
    const top = y;
    for (const { name, ours, median } of bars) {
      const [start, end] = [Math.min(x(1), x(median)), Math.max(x(1), x(median))];
      parts.push(text(MARGIN, y + 13, name));
      parts.push(
        `<rect class="${ours ? "ours" : "other"}" x="${start}" y="${y + 3}" width="${round(end - start)}" height="${
          ROW - 5
        }"/>`,
      );
      parts.push(text(end + 5, y + 13, ratio(median), "tick"));
      y += ROW;
    }
    if (work.target !== undefined) parts.push(line(x(work.target), top, y, "target"));
    y += GAP;
  }
  const ticks = powersOfTwo(from, to).map((value) =>
    line(x(value), MARGIN + ROW, y, value === 1 ? "line" : "grid") +
    `<text class="tick" text-anchor="middle" x="${x(value)}" y="${MARGIN + 8}">${
      value === 1 ? "C" : `${value} ×`
    }</text>`
  );
  const note = text(
    MARGIN,
    y + 14,
    "Time as a ratio to C in the same run, median; to the left of it is faster. Red: the target of netns.",
    "note",
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${
      y + 24
    }" role="img" aria-label="netns beside other tools">`,
    `<style>${STYLE}\n</style>`,
    ...ticks,
    ...parts,
    note,
    "</svg>",
    "",
  ].join("\n");
}

function powersOfTwo(from: number, to: number): number[] {
  const first = Math.ceil(from);
  return Array.from({ length: Math.floor(to) - first + 1 }, (_, i) => 2 ** (first + i));
}

const round = (value: number): number => Math.round(value * 10) / 10;

const line = (x: number, top: number, bottom: number, kind: string): string =>
  `<line class="${kind}" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`;

const text = (x: number, y: number, words: string, kind?: string): string =>
  `<text${kind === undefined ? "" : ` class="${kind}"`} x="${round(x)}" y="${round(y)}">${escaped(words)}</text>`;

const escaped = (words: string): string => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
