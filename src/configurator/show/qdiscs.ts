/** The qdiscs of links, as impairments of the file. */
import type { Impairment } from "../../models/impair.ts";
import type { Link } from "../../netlink/link/types.ts";
import { impairmentOf } from "../plan/impair_qdisc.ts";
import type { Omissions } from "./omissions.ts";
import type { ShownNamespace } from "./shown_namespace.ts";

/** The impairment of a link: what a file can say of its qdiscs. */
export function shownImpairment(
  { qdiscs }: ShownNamespace,
  { index }: Link,
  name: string,
  omissions: Omissions,
): Impairment | undefined {
  // The kernel's own ones have no handle.
  const own = qdiscs.filter(({ linkIndex, handle }) => linkIndex === index && handle !== "0:");
  const root = own.find(({ parent }) => parent === "root");
  const impairment = root && impairmentOf(root);
  for (const qdisc of own) {
    if (qdisc !== root || impairment === undefined) {
      omissions.add(name, `without the qdisc ${qdisc.kind} at ${qdisc.parent ?? qdisc.handle}`);
    } else if (impairment.jitter !== undefined) {
      omissions.add(name, "how its delay varies is not known: the kernel does not list the distribution");
    }
  }
  return impairment;
}
