/** Bundles `ours.ts` for Node, with the library as the package has it: `bundle.ts OUTFILE`. */
import { join } from "node:path";
import process from "node:process";
import { build, stop } from "esbuild";
import { nodeOptions, root } from "../bundle.ts";

await build({
  ...nodeOptions(),
  metafile: false,
  sourcemap: false,
  entryPoints: [join(root, "scripts/bench/ours.ts")],
  outfile: process.argv[2] ?? "",
  alias: { netns: join(root, "mod.ts") },
});
await stop();
