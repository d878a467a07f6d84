/** The kinds of qdiscs that the kernel has. */
import type { Netlink } from "../../netlink/netlink.ts";
import { QDISC_KINDS, type RegisteredQdisc } from "../../netlink/tc/qdisc/qdisc_kinds.ts";
import type { QdiscSpec } from "../../netlink/tc/qdisc/types.ts";
import { failed, ok, type Topic, topicOf, type Verdict } from "../check.ts";
import { kindRefused } from "../kernel_part.ts";
import { inScratch, notTried } from "../scratch.ts";

/** A qdisc of each registered kind, made in a scratch namespace. */
export function qdiscsTopic(): Topic {
  const kinds = [...QDISC_KINDS.all.values()];
  return topicOf("Qdiscs", kinds.map((kind) => ({ name: kind.kind, run: () => tryKind(kind) })));
}

function tryKind(kind: RegisteredQdisc): Verdict {
  try {
    return inScratch((netlink) => made(netlink, kind) ? ok("made") : failed("the kernel did not make it"));
  } catch (error) {
    return notTried(error) ?? kindRefused(error, kind.kernel);
  }
}

/** Makes a qdisc on the loopback link. */
function made(netlink: Netlink, { kind, probe }: RegisteredQdisc): boolean {
  const link = { index: 1 };
  netlink.addQdisc({ link, kind, ...probe } as QdiscSpec); // the registry has the options under their kind
  return netlink.listQdiscs({ link }).some((qdisc) => qdisc.kind === kind);
}
