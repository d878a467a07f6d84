/** The style sheet of a picture, for light and dark surroundings. */
import { LABEL_SIZE } from "./edges.ts";
import { SIZES } from "./lines.ts";

/** Each colour for light and for dark surroundings. */
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

/** The colours of the classes. */
const COLOURED: readonly (readonly [selector: string, property: "fill" | "stroke", colour: keyof typeof COLOURS])[] = [
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

const rules = (scheme: 0 | 1): string =>
  COLOURED.map(([selector, property, colour]) => `${selector}{${property}:${COLOURS[colour][scheme]}}`).join("");

/** The content of the `style` element. */
export const STYLE: string = [
  'text{font-family:"DejaVu Sans Mono",Menlo,Consolas,"Liberation Mono",monospace}',
  ...Object.entries(SIZES).map(([style, size]) => `.${style}{font-size:${size}px}`),
  `.label{font-size:${LABEL_SIZE}px;text-anchor:middle}`,
  ".title,.name{font-weight:bold}",
  ".end{text-anchor:end}",
  ".frame,.way,.stem,.rule{fill:none}",
  ".way,.port{stroke-width:1.5}",
  ".dashed{stroke-dasharray:6 4}",
  rules(0),
  `@media(prefers-color-scheme:dark){${rules(1)}}`,
].join("");
