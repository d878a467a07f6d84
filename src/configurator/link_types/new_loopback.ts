/** The loopback link of a namespace that is made first: what this configuration adds to it, and what it was before. */
import { defined } from "../../collections.ts";
import type { ObservedNamespace } from "../observed/observed_namespace.ts";
import type { LinkBefore } from "../ownership/prior_state.ts";
import type { BorrowedRecord } from "../ownership/records.ts";
import { planUsedAddresses } from "../plan/addresses.ts";
import { aliasOf } from "../plan/change_link.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { interfaceItem } from "../report.ts";
import type { Member } from "./link_type.ts";
import type { OwnFields } from "./use_link.ts";
import { withAdded } from "./used_addresses.ts";

/** The addresses that the kernel gives the loopback link of a new namespace. */
const OF_THE_KERNEL: ReadonlySet<string> = new Set(["127.0.0.1/8", "::1/128"]);

/** Plans what the loopback link of a namespace gets that is made first. */
export function useNewLoopback(builder: PlanBuilder, { model, namespace }: Member): void {
  const item = interfaceItem(model.name);
  const link = builder.effects.newLoopback(namespace);
  builder.links.set(model.name, link);
  const { enabled, ipAddresses = [] } = model;
  const change: OwnFields = defined({
    mtu: model.mtu,
    address: model.physAddress,
    alias: aliasOf(model) || undefined,
    txQueueLength: model.txQueueLength,
    up: enabled ? undefined : false,
  });
  const addresses = ipAddresses.filter((text) => !OF_THE_KERNEL.has(text));
  if (Object.keys(change).length + addresses.length === 0) return;
  const before = newLoopbackBefore(namespace);
  const makes = (): BorrowedRecord => ({
    kind: "borrowed",
    link: "",
    ends: [{
      item,
      namespace: namespace.cookie ?? "0",
      index: link.index,
      name: link.name,
      address: model.physAddress ?? before.address,
      former: model.physAddress === undefined ? undefined : before.address,
      described: ipAddresses,
    }],
    before: [{ ...before, namespace: namespace.cookie ?? "0" }],
    used: change,
  });
  builder.add("adopt", item, { kind: "use", what: link.label, namespace, name: link.name }, { makes });
  if (Object.keys(change).length > 0) {
    // A link that is set down loses its IPv6 addresses, so it gets them after that; a sysctl of it may bring ::1 back.
    const stage = enabled ? "configure" : "enslave";
    builder.add(stage, item, { kind: "change-link", link, name: link.name, change });
  }
  planUsedAddresses(builder, item, link, [], withAdded([], addresses), []);
}

/** The loopback link of a new namespace, as the kernel makes it and this program sets it up. */
function newLoopbackBefore(namespace: ObservedNamespace): LinkBefore {
  return {
    namespace: namespace.cookie ?? "0",
    index: 1,
    name: "lo",
    up: true,
    mtu: 65_536,
    address: "00:00:00:00:00:00",
    txQueueLength: 1000,
    addresses: [...OF_THE_KERNEL].map((address) => ({ address })),
    routes: [],
    neighbours: [],
  };
}
