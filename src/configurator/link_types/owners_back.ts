/** Who may open a TUN or TAP that is given back: an ioctl says it, as rtnetlink changes nothing of such a link. */
import { defined } from "../../collections.ts";
import type { TunOptions } from "../../netlink/link/kinds/tun.ts";
import type { ObservedLink } from "../observed/observed_namespace.ts";
import type { LinkBefore } from "../ownership/prior_state.ts";
import type { Task } from "../plan/actions.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";

/** Plans that a TUN or TAP has the owner and the group again that it had. */
export function planOwnersBack(
  builder: PlanBuilder,
  item: string,
  link: PlannedLink,
  { data }: Pick<ObservedLink, "data">,
  { options = {} }: LinkBefore,
  ends: Pick<Task, "drops">,
): void {
  if (data?.kind !== "tun") return;
  const { mode, pi, vnetHdr, multiQueue, owner, group } = data;
  if (mode !== "tun" && mode !== "tap") return;
  const had = (name: "owner" | "group"): number | undefined => {
    const value = options[name];
    return typeof value === "number" ? value : undefined;
  };
  const change: TunOptions = defined({
    owner: had("owner") === owner ? undefined : had("owner"),
    group: had("group") === group ? undefined : had("group"),
  });
  for (const kept of keptOwners({ owner: had("owner"), group: had("group") }, { owner, group })) {
    builder.leave(item, `${link.label} ${kept}`);
  }
  if (Object.keys(change).length === 0) return;
  const flags = { mode, pi, vnetHdr, multiQueue };
  builder.add("configure", item, { kind: "set-tun", link, flags, change, before: defined({ owner, group }) }, ends);
}

/** What a device has now and had not: the kernel sets another owner or group, and takes none away. */
export function keptOwners(
  before: Pick<TunOptions, "owner" | "group">,
  now: Pick<TunOptions, "owner" | "group">,
): readonly string[] {
  return (["owner", "group"] as const).filter((name) => before[name] === undefined && now[name] !== undefined)
    .map((name) => `keeps its ${name} ${now[name]}: the kernel takes none away`);
}
