/** The MTU of a bridge that stays: the kernel changes it with the ports, unless somebody changed it before. */
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { ETH_DATA_LEN } from "../../netlink/constants/link.ts";
import { linkAt } from "../observed/lookup.ts";
import type { ObservedLink } from "../observed/observed_namespace.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { interfaceItem } from "../report.ts";
import { describedMaster } from "./master.ts";

/** The types whose new links have ETH_DATA_LEN as their MTU; those of others have what the link below leaves them. */
const USUAL: ReadonlySet<LinuxInterface["type"]> = new Set(["VETH", "DUMMY", "IFB", "BRIDGE", "BOND", "TAP"]);

/**
 * Plans that bridges keep the MTU of the file that they have by their ports alone, where these come, go or change. It is planned
 * once all links are: the step comes before them, as a bridge that gets too small for IPv6 loses its addresses.
 */
export function planBridgeMtus(builder: PlanBuilder): void {
  const { config, claims } = builder.input;
  for (const { type, name, mtu } of config.interfaces) {
    if (type !== "BRIDGE" || mtu === undefined) continue;
    const link = builder.links.get(name);
    if (link === undefined || "reason" in link || link.index === undefined || link.isNew) continue;
    const now = linkAt(link.namespace, link.index);
    if (now?.mtu !== mtu || claims.linkAt(link.namespace, now) === undefined) continue;
    const ports = link.namespace.links().filter(({ master }) => master === link.index);
    const isOfPorts = mtu === smallest(ports.map((port) => port.mtu));
    if (!isOfPorts || mtu === smallest(mtusAfter(builder, name, link, ports))) continue;
    builder.add("change", interfaceItem(name), {
      kind: "change-link",
      link,
      name: now.name,
      change: { mtu, keepsMtu: true },
    }, { why: "kept, whatever its ports have" });
  }
}

const smallest = (mtus: readonly number[]): number => mtus.length === 0 ? ETH_DATA_LEN : Math.min(...mtus);

/** The MTUs of the ports of a bridge after the plan; 0 of one of which that is not known. */
function mtusAfter(
  builder: PlanBuilder,
  bridge: string,
  { namespace, index }: PlannedLink,
  ports: readonly ObservedLink[],
): number[] {
  const described = new Set<ObservedLink>();
  const mtus = builder.input.config.interfaces.flatMap((model) => {
    const link = builder.links.get(model.name);
    if (link === undefined || "reason" in link || link.namespace !== namespace) return [];
    const now = link.isNew || link.index === undefined ? undefined : linkAt(namespace, link.index);
    if (now !== undefined) described.add(now);
    const isPort = model.master === undefined
      ? now?.master === index
      : describedMaster(builder, model)?.name === bridge;
    return isPort ? [model.mtu ?? now?.mtu ?? (USUAL.has(model.type) ? ETH_DATA_LEN : 0)] : [];
  });
  const others = ports.filter((port) => !described.has(port) && !builder.effects.isGone(namespace, port.index));
  return [...mtus, ...others.map(({ mtu }) => mtu)];
}
