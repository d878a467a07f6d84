/** The requests of one change of a link: mostly a single one. */
import { defined } from "../../collections.ts";
import type { NetlinkBatch } from "../../netlink/batch.ts";
import type { KindChanges } from "../../netlink/link/kinds/link_spec.ts";
import type { LinkRef } from "../../netlink/link/ref.ts";
import type { ActionOf, LinkChange } from "../plan/actions.ts";
import { besideMtu } from "./keep_mtu.ts";
import { addLinkLocal } from "./link_local.ts";
import { refOf } from "./route_spec.ts";

/** Adds them to a batch. */
export function changeLink(batch: NetlinkBatch, { link, change }: ActionOf<"change-link">): void {
  const ref = refOf(link);
  if (change.up && link.hasOwnLinkLocal && link.hardwareAddress !== undefined) {
    addLinkLocal(batch, ref.index, link.hardwareAddress);
  }
  if (isOnlyUp(change)) return batch.setLink(ref, UP);
  const { downFirst, keepsMtu, options, optionsText: _, optionsBefore: __, optionsFirst, ...others } = change;
  const { master, primary, parent, keptMtu, altNames = [], up, ...rest } = others;
  // Linux before 6.2 sets it up or down before it gets its master, and a bond does so after that.
  const isLast = master !== undefined && up !== undefined;
  if (downFirst) batch.setLink(ref, { up: false });
  const upAgain = downFirst && master === undefined && link.up || undefined;
  if (optionsFirst !== undefined) batch.setLink(ref, optionsFirst);
  if (keepsMtu && rest.mtu !== undefined) batch.setLink(ref, { mtu: besideMtu(rest.mtu) });
  // The kernel sets the delay first, and takes few while spanning tree is on.
  const { stpState, forwardDelay } = options?.bridge ?? {};
  if (stpState === 0 && forwardDelay !== undefined) batch.setLink(ref, { bridge: { stpState } });
  const mtu = rest.mtu ?? keptMtu;
  // A VXLAN gets its MTU in a request without options.
  const isMtuLast = mtu !== undefined && options?.vxlan !== undefined;
  batch.setLink(
    ref,
    defined({
      ...rest,
      mtu: isMtuLast ? undefined : mtu,
      ...parent === undefined ? options : optionsWith(options, refOf(parent)),
      up: isLast ? undefined : up ?? upAgain,
      ...primary === undefined ? {} : { bond: { primary: refOf(primary) } },
      master: typeof master === "object" ? refOf(master) : master,
    }),
  );
  if (isMtuLast) batch.setLink(ref, { mtu });
  if (isLast) batch.setLink(ref, { up });
  for (const name of altNames) batch.addAltName(ref, name);
}

/** Options of a kind, with the link by which packets go. */
function optionsWith(options: KindChanges = {}, link: LinkRef): KindChanges {
  return Object.fromEntries(Object.entries(options).map(([kind, of]) => [kind, { ...of, link }]));
}

const UP = { up: true } as const;

/** True of a change that only sets a link up, as most do. */
function isOnlyUp(change: LinkChange): boolean {
  for (const key in change) if (key !== "up") return false;
  return change.up === true;
}
