/** Bundles a program of this folder for Node, with the library as the package has it: `bundle.ts FILE OUTFILE`. */
import { join } from "node:path";
import process from "node:process";
import { build, stop } from "esbuild";
import { nodeOptions, root } from "../bundle.ts";

const [file = "", outfile = ""] = process.argv.slice(2);
await build({
  ...nodeOptions(),
  metafile: false,
  sourcemap: false,
  entryPoints: [file],
  outfile,
  alias: { netns: join(root, "mod.ts") },
});
await stop();
