/** TUN and TAP: links whose packets a program reads and writes. An ioctl makes them, because rtnetlink makes none. */
import { defined } from "../../collections.ts";
import type { TunFields } from "../../models/interface/tun.ts";
import type { TunMode, TunOptions } from "../../netlink/link/kinds/tun.ts";
import type { ObservedLink } from "../observed/observed_namespace.ts";
import { linkAt } from "../observed/lookup.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { interfaceItem } from "../report.ts";
import type { LinkType, Member } from "./link_type.ts";
import { singleLink } from "./single_link.ts";

interface Fields {
  readonly mode: TunMode;
  readonly multiQueue?: boolean | undefined;
}

/** The type TUN: a program exchanges IP packets with it. */
export const tun: LinkType = typeOf("tun");

/** The type TAP: a program exchanges Ethernet frames with it. */
export const tap: LinkType = typeOf("tap");

function typeOf(mode: TunMode): LinkType {
  return singleLink<Fields, TunOptions>({
    kind: mode,
    kindOf: () => "tun",
    fields: ({ tun }) => ({ mode, multiQueue: tun?.multiQueue }),
    withoutAddress: () => mode === "tun",
    changeable: [],
    options: (fields) => fields,
    changes: () => ({}),
    tun: ({ tun: { owner, group } = {} }, { multiQueue }) => defined({ mode, multiQueue, owner, group }),
    isConfigured: (_builder, { model: { tun }, link }) => Object.keys(ownersOf(tun, link)).length === 0,
    configure: planOwners,
  });
}

/** What differs between who may open a link and what the file says; it stays when no program has it open. */
function ownersOf(
  { owner, group }: TunFields = {},
  { data }: Pick<ObservedLink, "data">,
): { readonly owner?: number; readonly group?: number; readonly persistent?: true } {
  const has: TunOptions = data?.kind === "tun" ? data : {};
  return defined({
    owner: owner === has.owner ? undefined : owner,
    group: group === has.group ? undefined : group,
    persistent: has.persistent ? undefined : true as const,
  });
}

/** Plans who may open a link that is there. */
function planOwners(builder: PlanBuilder, { model: { name, tun } }: Member, link: PlannedLink): void {
  const observed = link.isNew || link.index === undefined ? undefined : linkAt(link.namespace, link.index);
  if (observed === undefined) return;
  const change = ownersOf(tun, observed);
  if (Object.keys(change).length === 0) return;
  const { mode, pi, vnetHdr, multiQueue, owner, group }: TunOptions = observed.data?.kind === "tun"
    ? observed.data
    : {};
  if (mode !== "tun" && mode !== "tap") return;
  const before = defined({ owner, group });
  builder.add("configure", interfaceItem(name), {
    kind: "set-tun",
    link,
    flags: { mode, pi, vnetHdr, multiQueue },
    change,
    before,
  });
}
