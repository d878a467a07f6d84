import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { drawSvg } from "../../../../../src/graph/formats/svg/svg.ts";
import { link, namespace, OFFICE } from "../../pictures.ts";

/** The elements, without the style sheet. */
const elements = (svg: string): string[] => svg.split("\n").filter((line) => !line.startsWith("<style>"));

describe("drawSvg()", () => {
  it("draws a box with its links and their state", () => {
    const svg = drawSvg({ namespaces: [namespace("blue", [link("eth0", { addresses: ["10.0.0.1/24"] })])], edges: [] });
    assertEquals(elements(svg), EXPECTED.trim().split("\n"));
  });

  it("draws dashed what is pending or cannot be inspected, and nothing else", () => {
    const lines = elements(drawSvg(OFFICE));
    assertEquals(lines.filter((line) => line.includes('class="frame dashed"')).length, 2);
    assertEquals(lines.filter((line) => line.includes('class="way dashed"')).length, 1);
    assertEquals(lines.filter((line) => line.includes('class="way"')).length, 4);
  });

  it("has all colours for light and for dark surroundings", () => {
    const svg = drawSvg(OFFICE);
    assertMatch(svg, /\.ground\{fill:#[0-9a-f]{6}\}/);
    const [light = "", dark] = svg.split("@media(prefers-color-scheme:dark){");
    assert(dark !== undefined);
    const coloured = (css: string) => [...css.matchAll(/([.\w,]+)\{(fill|stroke):#/g)].map(([, selector]) => selector);
    assertEquals(coloured(dark), coloured(light));
  });

  it("has a title for screen readers", () => {
    assertStringIncludes(drawSvg(OFFICE), "<title>Network namespaces: the default namespace, blue, MICROSERVICE:web,");
    assertStringIncludes(drawSvg({ namespaces: [], edges: [] }), "<title>Network namespaces: none</title>");
  });

  it("has the whole of a shortened text as its title", () => {
    const name = "x".repeat(200);
    const svg = drawSvg({ namespaces: [namespace(name)], edges: [] });
    assertMatch(svg, new RegExp(`<text class="title"[^>]*><title>${name}</title>x+…x+</text>`));
  });
});

const EXPECTED = `
<svg xmlns="http://www.w3.org/2000/svg" width="204" height="132" viewBox="0 0 204 132" role="img">
<title>Network namespaces: blue</title>
<rect class="ground" width="204" height="132" rx="10"/>
<g transform="translate(24 24)">
<rect class="box" x="0.5" y="0.5" width="155" height="83" rx="7"/>
<path class="named" d="M.5 36V8a7.5 7.5 0 0 1 7.5-7.5H148a7.5 7.5 0 0 1 7.5 7.5V36z"/>
<path class="rule" d="M1 36H155"/>
<circle class="up" cx="18" cy="51.5" r="4"/>
<rect class="frame" x="0.5" y="0.5" width="155" height="83" rx="7"/>
<text class="title" x="14" y="23">blue</text>
<text class="name" x="30" y="56">eth0</text>
<text class="note end" x="142" y="56">veth · up</text>
<text class="detail" x="30" y="74">10.0.0.1/24</text>
</g>
</svg>
`;
