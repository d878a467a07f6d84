/** EXISTING and LOOPBACK: links that are there. They are used: what the file gives them is taken back at the end. */
import { printable } from "../../../ffi/mod.ts";
import { changeOf } from "../plan/change_link.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { interfaceItem } from "../report.ts";
import type { FoundMember, LinkType, Member } from "./link_type.ts";
import { useNewLoopback } from "./new_loopback.ts";

/** The type EXISTING. */
export const existing: LinkType = {
  kind: "existing",
  members: (_builder, model) => [model],
  matches: () => true,
  borrows: true,
  uses: true,
  find: findAll,
  change: (_builder, { model, link }) => changeOf(model, link),
  create: (_builder, [member]) => ({
    reason: `there is no link ${printable(member?.model.hostIfName ?? "")} in ${
      printable(member?.namespace.label ?? "")
    }`,
  }),
};

/** The type LOOPBACK: `lo`, which a namespace has as soon as it is made. */
export const loopback: LinkType = {
  ...existing,
  kind: "loopback",
  create: (builder, members) => {
    for (const member of members) {
      builder.need(member.namespace, interfaceItem(member.model.name));
      useNewLoopback(builder, member);
    }
    return undefined;
  },
};

function findAll(builder: PlanBuilder, members: readonly Member[]): readonly FoundMember[] | undefined {
  const found = members.flatMap((member): FoundMember[] => {
    const link = builder.remainingLink(member.namespace, member.model.hostIfName);
    // Nobody knows whether a link that is down will have a carrier.
    return link === undefined ? [] : [{ ...member, link, hasCarrier: link.carrier || !link.up }];
  });
  return found.length === members.length ? found : undefined;
}
