/** The loopback link: up in each namespace that the file describes. */
import { filterNamespaces } from "../../models/filters.ts";
import { namespaceOfItem } from "../../models/references.ts";
import { namespaceOfEntry } from "../../models/sysctls.ts";
import { linkAt } from "../observed/lookup.ts";
import { isAvailable, type ObservedNamespace } from "../observed/observed_namespace.ts";
import { namespaceItem } from "../report.ts";
import { LOOPBACK_INDEX, LOOPBACK_NAME } from "../../netlink/constants/link.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import { PlannedLink } from "./planned_link.ts";

/**
 * Plans that `lo` is set up where it is down. It stays up: nobody needs it down, and destroy leaves it. The default
 * namespace is left as it is.
 */
export function planLoopbacks(builder: PlanBuilder): void {
  for (const namespace of withLoopback(builder)) {
    if (isAvailable(namespace) && namespace.exists) setUp(builder, namespace);
  }
}

/** True if the loopback link of a namespace is to be up, whatever it was before an interface of the file was it. */
export const isLoopbackUp = (builder: PlanBuilder, namespace: ObservedNamespace): boolean =>
  withLoopback(builder).has(namespace);

/** The namespaces whose loopback link is to be up. */
function withLoopback(builder: PlanBuilder): ReadonlySet<ReturnType<PlanBuilder["input"]["namespaceOf"]>> {
  const { config, namespaceOf } = builder.input;
  const { index } = builder.descriptions;
  const described = new Set([
    ...config.namespaces.map((entry) => namespaceOf(namespaceOfEntry(entry))),
    ...[...config.interfaces, ...config.rules ?? []].map((one) => namespaceOf(namespaceOfItem(one))),
    ...[...config.routes, ...config.arpEntries].map((one) => namespaceOf(index.namespaceOf(one))),
    ...filterNamespaces(config, index).map((ns) => namespaceOf(ns)),
  ]);
  described.delete(namespaceOf());
  // One that is an interface of the file is up or down as that says.
  for (const one of config.interfaces) {
    if (one.hostIfName === LOOPBACK_NAME) described.delete(namespaceOf(namespaceOfItem(one)));
  }
  return described;
}

function setUp(builder: PlanBuilder, namespace: ObservedNamespace): void {
  const lo = linkAt(namespace, LOOPBACK_INDEX);
  if (lo === undefined || lo.up) return;
  const { name, index } = lo;
  const link = builder.effects.add(new PlannedLink({ namespace, name, index, up: true, carrier: "stays" }));
  const item = namespaceItem(namespace.label);
  builder.add("configure", item, { kind: "change-link", link, name, change: { up: true } });
}
