/** The qdiscs of links, as impairments of the file. */
import type { Impairment } from "../../models/impair.ts";
import type { Link } from "../../netlink/link/types.ts";
import { impairmentOf, knownImpairment } from "../plan/impair_qdisc.ts";
import type { Omissions } from "./omissions.ts";
import type { ShownNamespace } from "./shown_namespace.ts";

/**
 * The impairment of a link: what a file can say of its qdiscs.
 *
 * @param recorded What its configuration recorded of it, in words: also what the kernel does not list.
 */
export function shownImpairment(
  { qdiscs }: ShownNamespace,
  { index }: Link,
  name: string,
  omissions: Omissions,
  recorded?: string,
): Impairment | undefined {
  // The kernel's own ones have no handle.
  const own = qdiscs.filter(({ linkIndex, handle }) => linkIndex === index && handle !== "0:");
  const root = own.find(({ parent }) => parent === "root");
  const known = root && knownImpairment(root, recorded);
  const impairment = known ?? (root && impairmentOf(root));
  for (const qdisc of own) {
    if (qdisc !== root || impairment === undefined) {
      omissions.add(name, `without the qdisc ${qdisc.kind} at ${qdisc.parent ?? qdisc.handle}`);
    } else if (known === undefined && impairment.jitter !== undefined) {
      omissions.add(name, "how its delay varies is not known: the kernel does not list the distribution");
    }
  }
  return impairment;
}
