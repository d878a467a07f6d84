/** The table of the kinds of links, from their registry. */
import { KINDS } from "../../src/netlink/link/kinds/link_spec.ts";

/** The table, in the order of the names. */
export function linkKinds(): string {
  const rows = [...KINDS.values()].map(({ kind, about, kernel }) => [`\`${kind}\``, about, `\`${kernel.option}\``]);
  return [
    ["kind", "what it is", "option of the kernel"],
    ["---", "---", "---"],
    ...rows,
  ].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}
