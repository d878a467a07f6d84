/** Finds the words that the house does not use, in code, comments and documents. Prints each as `file:line: word`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./bundle.ts";

/** Words with which nobody but their author thinks of a plan, a namespace or a message; and those that only look like them. */
const WORDS = /\b(slots?|drawn|drafts?|told|situations?|rungs?|heed|news|bare|carried(?! out)|of these nothing)\b/gi;
const OTHERS = [
  /draft[- ](07|7|ietf)/, // JSON Schema, RFCs
  /netem: distributions, slots/, // as tc-netem(8) calls them
];
/** Where `slot` is a word of tc-netem(8). */
const NETEM = /tc\/qdisc|tc_scene|uml\/netlink\/tc/;

const faults: string[] = [];
for (const folder of ["src", "ffi", "scripts", "test", "mod.ts", "README.md", "CONTRIBUTING.md", "SECURITY.md"]) {
  for (const path of filesBelow(folder)) {
    const lines = readFileSync(join(root, path), "utf8").split("\n");
    for (const [i, line] of lines.entries()) {
      if (OTHERS.some((other) => other.test(line))) continue;
      for (const [word] of line.matchAll(WORDS)) {
        if (!(NETEM.test(path) && /^slot/i.test(word))) faults.push(`${path}:${i + 1}: ${word}`);
      }
    }
  }
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) Deno.exit(1);

function filesBelow(path: string): string[] {
  if (/\.\w+$/.test(path)) return [path];
  return readdirSync(join(root, path), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|md)$/.test(name) && !/check_words/.test(name)).map((name) => join(path, name));
}
