/** A picture as SVG: light or dark, as its surroundings ask for, on a ground of its own. */
import { DEFAULT_NAMESPACE, type DrawnNamespace, type Picture } from "../../picture.ts";
import { edgeWords, titleOf } from "../../captions.ts";
import { type Line, type LinkRow, SIZES } from "./box.ts";
import { layOut } from "./layout.ts";
import type { Placed } from "./places.ts";
import { handles, LABEL_HEIGHT, LABEL_SIZE, type Routed, type Stretch } from "./routes.ts";

/** Draws `picture` as a document of SVG. */
export function drawSvg(picture: Picture): string {
  const { width, height, boxes, edges } = layOut(picture);
  const names = picture.namespaces.map(titleOf).join(", ");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${xml(`Network namespaces: ${names === "" ? "none" : names}`)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${width}" height="${height}" rx="10"/>`,
    ...boxes.flatMap(drawBox),
    ...edges.map(drawWay),
    ...edges.flatMap(drawEnds),
    ...edges.flatMap(drawLabel),
    "</svg>",
  ].join("\n");
}

/** Every colour twice: for light and for dark surroundings. */
const COLOURS = {
  ground: ["#f6f8fa", "#0d1117"],
  paper: ["#ffffff", "#161b22"],
  border: ["#c4ccd4", "#3d444d"],
  ink: ["#1f2328", "#e6edf3"],
  faint: ["#59636e", "#9198a1"],
  line: ["#57606a", "#8b949e"],
  up: ["#1a7f37", "#3fb950"],
  down: ["#8c959f", "#6e7681"],
  warning: ["#9a6700", "#d29922"],
  named: ["#ddf4ff", "#13294b"],
  container: ["#fbefff", "#2d1b4e"],
  home: ["#e6eaef", "#262c36"],
  other: ["#fff8c5", "#332a0a"],
} as const;

type Colour = keyof typeof COLOURS;

/** What has which colour: the class, the property, the colour. */
const COLOURED: readonly (readonly [selector: string, property: "fill" | "stroke", colour: Colour])[] = [
  [".ground", "fill", "ground"],
  [".box", "fill", "paper"],
  [".frame,.rule,.stem,.pill", "stroke", "border"],
  [".named", "fill", "named"],
  [".container", "fill", "container"],
  [".home", "fill", "home"],
  [".other", "fill", "other"],
  [".title,.name", "fill", "ink"],
  [".detail", "fill", "ink"],
  [".note,.label", "fill", "faint"],
  [".waiting", "fill", "warning"],
  [".way", "stroke", "line"],
  [".port", "fill", "paper"],
  [".port", "stroke", "line"],
  [".pill", "fill", "paper"],
  [".up", "fill", "up"],
  [".down", "fill", "down"],
  [".nocarrier,.pending", "fill", "warning"],
  [".dashed", "stroke", "warning"],
];

const colours = (which: 0 | 1): string =>
  COLOURED.map(([selector, property, colour]) => `${selector}{${property}:${COLOURS[colour][which]}}`).join("");

const STYLE = [
  'text{font-family:"DejaVu Sans Mono",Menlo,Consolas,"Liberation Mono",monospace}',
  ...Object.entries(SIZES).map(([style, size]) => `.${style}{font-size:${size}px}`),
  `.label{font-size:${LABEL_SIZE}px;text-anchor:middle}`,
  ".title,.name{font-weight:bold}",
  ".end{text-anchor:end}",
  ".frame,.way,.stem,.rule{fill:none}",
  ".way,.port{stroke-width:1.5}",
  ".dashed{stroke-dasharray:6 4}",
  colours(0),
  `@media(prefers-color-scheme:dark){${colours(1)}}`,
].join("");

/** Text as XML; what XML cannot hold is escaped before it comes here. */
function xml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A number as it is written: to a tenth of a pixel. */
const px = (value: number): string => `${Math.round(value * 10) / 10}`;

function drawBox({ box, x, y, width }: Placed): string[] {
  const { namespace, height, head, lines, rows, rules } = box;
  const dashed = (namespace.pending ?? namespace.unseen) === undefined ? "" : " dashed";
  const frame = `x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="7"`;
  const onlyHead = head === height;
  return [
    `<g transform="translate(${px(x)} ${px(y)})">`,
    `<rect class="box" ${frame}/>`,
    onlyHead
      ? `<rect class="${kindOf(namespace)}" ${frame}/>`
      : `<path class="${kindOf(namespace)}" d="M.5 ${head}V8a7.5 7.5 0 0 1 7.5-7.5H${
        width - 8
      }a7.5 7.5 0 0 1 7.5 7.5V${head}z"/>`,
    ...onlyHead ? [] : [horizontal(head, width)],
    ...rows.flatMap((row, at) => [
      ...at > 0 && row.stem === undefined ? [horizontal(row.top, width)] : [],
      ...drawRow(row),
    ]),
    ...rules.map((y) => horizontal(y, width)),
    `<rect class="frame${dashed}" ${frame}/>`,
    ...lines.flatMap((line) => drawLine(line, width)),
    "</g>",
  ];
}

/** Which colour the head of a box has. */
function kindOf({ name, containers }: DrawnNamespace): string {
  if (name === DEFAULT_NAMESPACE) return "home";
  if (containers.length > 0) return "container";
  return /^(PID|FILE):/.test(name) ? "other" : "named";
}

const horizontal = (y: number, width: number): string => `<path class="rule" d="M1 ${px(y)}H${width - 1}"/>`;

function drawRow({ state, x, middle, stem }: LinkRow): string[] {
  return [
    ...stem === undefined ? [] : [`<path class="stem" d="M${stem.x} ${px(stem.from + 7)}V${px(middle)}H${x - 7}"/>`],
    `<circle class="${state.replace(" ", "")}" cx="${x}" cy="${px(middle)}" r="4"/>`,
  ];
}

function drawLine({ text, whole, style, x, baseline, right, pending }: Line, width: number): string[] {
  const title = whole === undefined ? "" : `<title>${xml(whole)}</title>`;
  const style2 = pending && style === "note" ? `${style} waiting` : style;
  return [
    `<text class="${style2}" x="${x}" y="${baseline}">${title}${xml(text)}</text>`,
    ...right === undefined ? [] : [
      `<text class="note end${pending ? " waiting" : ""}" x="${width - 14}" y="${baseline}">${xml(right)}</text>`,
    ],
  ];
}

function drawWay({ edge, way }: Routed): string {
  const [first] = way;
  const start = first === undefined ? "" : `M${px(first.from.x)} ${px(first.from.y)}`;
  const dashed = edge.pending === undefined ? "" : " dashed";
  return `<path class="way${dashed}" d="${start}${way.map(drawStretch).join("")}"/>`;
}

function drawStretch(stretch: Stretch): string {
  const { from, to, bulge } = stretch;
  if (bulge === undefined && from.y === to.y) return `H${px(to.x)}`;
  return `C${[...handles(stretch), to].map(({ x, y }) => `${px(x)} ${px(y)}`).join(" ")}`;
}

function drawEnds({ way }: Routed): string[] {
  const [first, last] = [way.at(0), way.at(-1)];
  return [first?.from, last?.to].flatMap((point) =>
    point === undefined ? [] : [`<circle class="port" cx="${px(point.x)}" cy="${px(point.y)}" r="3.5"/>`]
  );
}

function drawLabel({ edge, label: { x, y }, labelWidth }: Routed): string[] {
  const waiting = edge.pending === undefined ? "" : " waiting";
  return [
    `<rect class="pill" x="${px(x - labelWidth / 2)}" y="${
      y - LABEL_HEIGHT / 2
    }" width="${labelWidth}" height="${LABEL_HEIGHT}" rx="${LABEL_HEIGHT / 2}"/>`,
    `<text class="label${waiting}" x="${x}" y="${y + 4}">${xml(edgeWords(edge))}</text>`,
  ];
}
