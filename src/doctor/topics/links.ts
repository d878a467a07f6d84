/** The kinds of links that the kernel can make. */
import { KINDS, type RegisteredKind } from "../../netlink/link/kinds/link_spec.ts";
import type { Netlink } from "../../netlink/netlink.ts";
import { failed, ok, type Topic, topicOf, type Verdict } from "../check.ts";
import { kindRefused } from "../kernel_part.ts";
import { inScratch, notTried } from "../scratch.ts";

/** A link of each registered kind, made in a scratch namespace; the required kinds come first. */
export function linksTopic(): Topic {
  const kinds = [...KINDS.values()].toSorted((a, b) => Number(isRequired(b)) - Number(isRequired(a)));
  return topicOf("Links", kinds.map((kind) => ({ name: kind.kind, run: () => tryKind(kind) })));
}

const isRequired = ({ kernel }: RegisteredKind): boolean => kernel.required === true;

function tryKind({ kind, kernel, probe }: RegisteredKind): Verdict {
  try {
    return inScratch((netlink, namespace) => {
      if ("make" in probe) {
        namespace.run(() => probe.make("made"));
        return ok("made");
      }
      let parents = 0;
      netlink.addLink(probe.spec("made", () => addParent(netlink, `parent${parents++}`)));
      const made = netlink.getLink({ name: "made" });
      return made.kind === kind ? ok("made") : failed(`the kernel made a link of kind ${made.kind}`);
    });
  } catch (error) {
    return notTried(error) ?? kindRefused(error, kernel);
  }
}

/** Makes a link that can be a parent, and returns its index. */
function addParent(netlink: Netlink, name: string): number {
  netlink.addLink({ kind: "veth", name, peer: { name: `${name}-peer` } });
  return netlink.getLink(name).index;
}
