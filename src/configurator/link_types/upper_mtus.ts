/** The MTUs of what stands on a link, a MACVLAN for one: with that of the link the kernel lowers them, and raises none. */
import { linkAt, lowerIndex } from "../observed/lookup.ts";
import type { ObservedNamespace } from "../observed/observed_namespace.ts";
import type { LinkBefore } from "../ownership/prior_state.ts";
import type { Task } from "../plan/actions.ts";
import { carrierOf, PlannedLink } from "../plan/planned_link.ts";
import type { TaskList } from "../plan/task_list.ts";

/**
 * Plans that what stands on a link gets the MTU back that it had, where the kernel cut it to that which this configuration gave
 * the link.
 *
 * @param lowered The MTU that the link has until now.
 * @param before What the link was: `mtu` is what it has again.
 */
export function raiseUppers(
  plan: TaskList,
  item: string,
  namespace: ObservedNamespace,
  lowered: number,
  { mtu, uppers = [] }: Pick<LinkBefore, "mtu" | "uppers">,
  ends?: Pick<Task, "drops">,
): void {
  for (const was of uppers) {
    const now = linkAt(namespace, was.index);
    const isCut = now !== undefined && now.kind === was.kind && now.mtu === lowered && lowered < was.mtu;
    if (!isCut || lowerIndex(now) === undefined) continue;
    const { index, name, up, carrier } = now;
    const link = new PlannedLink({ namespace, name, index, up, carrier: carrierOf(carrier, up && carrier) });
    const change = { mtu: Math.min(was.mtu, mtu) };
    plan.add("after-carrier", item, { kind: "change-link", link, name, change }, ends); // after that of the link below
  }
}
