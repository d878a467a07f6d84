/** Namespaces that were described before, or that an apply made, and that are no longer used: they go. */
import { namespaceOfItem } from "../../models/references.ts";
import { isAvailable, type ObservedNamespace } from "../observed/observed_namespace.ts";
import { describeLinks, namespaceItem } from "../report.ts";
import type { PlanBuilder } from "./plan_builder.ts";

/** The links that the kernel puts into each new namespace, where the modules of tunnels are loaded. */
const INITIAL_LINKS: ReadonlySet<string> = new Set(
  ["lo", "tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "sit0", "ip6tnl0", "ip6gre0", "ip6_vti0", "teql0"],
);

/** Plans that namespaces go that were listed before, or made by an apply, and that no item refers to now. */
export function removeNamespaces(builder: PlanBuilder): void {
  const { config, earlier, made } = builder.input;
  if (earlier.length === 0 && made.length === 0) return;
  const used = new Set([
    ...config.namespaces,
    ...[...config.interfaces, ...config.routes, ...config.arpEntries].flatMap((one) => {
      const ns = namespaceOfItem(one);
      return ns?.type === "named" ? [ns.name] : [];
    }),
  ]);
  for (const name of new Set([...earlier.flatMap(({ namespaces }) => namespaces), ...made])) {
    if (used.has(name)) continue;
    const namespace = builder.input.namespaceOf({ type: "named", name });
    if (!isAvailable(namespace) || !(namespace.exists || namespace.stale)) continue; // gone already
    const reason = namespace.exists
      ? describeLinks(foreignLinks(builder, namespace)) ?? builder.input.occupants(namespace)
      : undefined;
    const item = namespaceItem(name);
    if (reason !== undefined) builder.leave(item, `it is left: ${reason}`);
    else builder.add("delete-namespaces", item, { kind: "delete-namespace", namespace, name });
  }
}

/** The names of the links that stay there, and that somebody made. */
function foreignLinks({ effects }: PlanBuilder, namespace: ObservedNamespace): string[] {
  return namespace.links()
    .filter(({ name, index, up }) => (
      !effects.isGone(namespace, index) && !(INITIAL_LINKS.has(name) && (name === "lo" || !up))
    ))
    .map(({ name }) => name);
}
