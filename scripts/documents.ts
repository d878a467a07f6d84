/**
 * The sections of the documents that are made from the source. `--write` puts them into the documents; a test compares.
 *
 *     deno run -A --node-modules-dir=manual scripts/documents.ts --write
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { root } from "./bundle.ts";
import { fileFormat } from "./documents/file_format.ts";
import { linkKinds } from "./documents/link_kinds.ts";

/** A section between the lines `<!-- NAME -->` and `<!-- /NAME -->` of a document. */
export interface Section {
  readonly document: string;
  readonly name: string;
  readonly make: () => string;
}

/** Every section that is made from the source. */
export const SECTIONS: readonly Section[] = [
  { document: "src/cli/README.md", name: "file format", make: fileFormat },
  { document: "src/netlink/README.md", name: "kinds of links", make: linkKinds },
];

/** A document with one of its sections made anew. */
export function withSection(text: string, { document, name, make }: Section): string {
  const section = new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- /${name} -->)`);
  if (!section.test(text)) throw new Error(`${document} has no lines <!-- ${name} --> and <!-- /${name} -->`);
  return text.replace(section, (_, start: string, end: string) => `${start}\n${make()}\n${end}`);
}

if (import.meta.main && process.argv.includes("--write")) {
  for (const section of SECTIONS) {
    const path = join(root, section.document);
    writeFileSync(path, withSection(readFileSync(path, "utf8"), section));
  }
}
