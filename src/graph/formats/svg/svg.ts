/** Pictures as SVG. */
import { edgeLabel, titleOf } from "../../captions.ts";
import { DEFAULT_NAMESPACE, type Picture, type PictureNamespace } from "../../picture.ts";
import type { LinkRow } from "./box.ts";
import { type EdgePath, handlesOf, LABEL_HEIGHT, type Segment } from "./edges.ts";
import { layOut } from "./layout.ts";
import type { Line } from "./lines.ts";
import type { PositionedBox } from "./positions.ts";
import { STYLE } from "./style.ts";

/** `picture` as an SVG document. */
export function drawSvg(picture: Picture): string {
  const { width, height, boxes, edges } = layOut(picture);
  const names = picture.namespaces.map(titleOf).join(", ");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${xml(`Network namespaces: ${names === "" ? "none" : names}`)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${width}" height="${height}" rx="10"/>`,
    ...boxes.flatMap(drawBox),
    ...edges.map(drawPath),
    ...edges.flatMap(drawEnds),
    ...edges.flatMap(drawLabel),
    "</svg>",
  ].join("\n");
}

/** Text as XML. Captions have escaped the characters that XML cannot contain. */
function xml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A length, rounded to a tenth of a pixel. */
const px = (value: number): string => `${Math.round(value * 10) / 10}`;

function drawBox({ box, x, y, width }: PositionedBox): string[] {
  const { namespace, height, head, lines, rows, rules } = box;
  const dashed = (namespace.pending ?? namespace.unseen) === undefined ? "" : " dashed";
  const frame = `x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="7"`;
  const hasHeadOnly = head === height;
  return [
    `<g transform="translate(${px(x)} ${px(y)})">`,
    `<rect class="box" ${frame}/>`,
    hasHeadOnly
      ? `<rect class="${headClass(namespace)}" ${frame}/>`
      : `<path class="${headClass(namespace)}" d="M.5 ${head}V8a7.5 7.5 0 0 1 7.5-7.5H${
        width - 8
      }a7.5 7.5 0 0 1 7.5 7.5V${head}z"/>`,
    ...hasHeadOnly ? [] : [drawRule(head, width)],
    ...rows.flatMap((row, at) => [
      ...at > 0 && row.stem === undefined ? [drawRule(row.top, width)] : [],
      ...drawRow(row),
    ]),
    ...rules.map((y) => drawRule(y, width)),
    `<rect class="frame${dashed}" ${frame}/>`,
    ...lines.flatMap((line) => drawLine(line, width)),
    "</g>",
  ];
}

/** The class that colours the head of a box. */
function headClass({ name, containers }: PictureNamespace): string {
  if (name === DEFAULT_NAMESPACE) return "home";
  if (containers.length > 0) return "container";
  return /^(PID|FILE):/.test(name) ? "other" : "named";
}

const drawRule = (y: number, width: number): string => `<path class="rule" d="M1 ${px(y)}H${width - 1}"/>`;

function drawRow({ state, x, middle, stem }: LinkRow): string[] {
  return [
    ...stem === undefined ? [] : [`<path class="stem" d="M${stem.x} ${px(stem.from + 7)}V${px(middle)}H${x - 7}"/>`],
    `<circle class="${state.replace(" ", "")}" cx="${x}" cy="${px(middle)}" r="4"/>`,
  ];
}

function drawLine({ text, whole, style, x, baseline, right, pending }: Line, width: number): string[] {
  const title = whole === undefined ? "" : `<title>${xml(whole)}</title>`;
  const classes = pending && style === "note" ? `${style} waiting` : style;
  return [
    `<text class="${classes}" x="${x}" y="${baseline}">${title}${xml(text)}</text>`,
    ...right === undefined ? [] : [
      `<text class="note end${pending ? " waiting" : ""}" x="${width - 14}" y="${baseline}">${xml(right)}</text>`,
    ],
  ];
}

function drawPath({ edge, segments }: EdgePath): string {
  const [first] = segments;
  const start = first === undefined ? "" : `M${px(first.from.x)} ${px(first.from.y)}`;
  const dashed = edge.pending === undefined ? "" : " dashed";
  return `<path class="way${dashed}" d="${start}${segments.map(drawSegment).join("")}"/>`;
}

function drawSegment(segment: Segment): string {
  const { from, to, bulge } = segment;
  if (bulge === undefined && from.y === to.y) return `H${px(to.x)}`;
  return `C${[...handlesOf(segment), to].map(({ x, y }) => `${px(x)} ${px(y)}`).join(" ")}`;
}

function drawEnds({ segments }: EdgePath): string[] {
  return [segments.at(0)?.from, segments.at(-1)?.to].flatMap((point) =>
    point === undefined ? [] : [`<circle class="port" cx="${px(point.x)}" cy="${px(point.y)}" r="3.5"/>`]
  );
}

function drawLabel({ edge, label: { x, y }, labelWidth }: EdgePath): string[] {
  const waiting = edge.pending === undefined ? "" : " waiting";
  return [
    `<rect class="pill" x="${px(x - labelWidth / 2)}" y="${
      y - LABEL_HEIGHT / 2
    }" width="${labelWidth}" height="${LABEL_HEIGHT}" rx="${LABEL_HEIGHT / 2}"/>`,
    `<text class="label${waiting}" x="${x}" y="${y + 4}">${xml(edgeLabel(edge))}</text>`,
  ];
}
