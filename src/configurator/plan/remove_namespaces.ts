/** Namespaces that this configuration made and no longer uses: they go, unless somebody else is in them. */
import { filterNamespaces } from "../../models/filters.ts";
import { birthNamespaces, InterfaceIndex, namespaceOfItem } from "../../models/references.ts";
import { namespaceOfEntry } from "../../models/sysctls.ts";
import { namespaceToString, parseNamespace } from "../../namespace.ts";
import type { NetworkConfig } from "../../models/config.ts";
import { isAvailable, type ObservedNamespace } from "../observed/observed_namespace.ts";
import { describeLinks, namespaceItem } from "../report.ts";
import { INITIAL_LINKS } from "./initial_links.ts";
import type { PlanBuilder } from "./plan_builder.ts";

/** The namespaces that a file describes, as `namespaceToString` writes them; the default one is nobody's to delete. */
export function usedNamespaces(
  config: NetworkConfig,
  index: InterfaceIndex = new InterfaceIndex(config.interfaces),
): Set<string> {
  const items = [
    ...[...config.interfaces, ...config.rules ?? []].map(namespaceOfItem),
    ...[...config.routes, ...config.arpEntries].map((one) => index.namespaceOf(one)),
  ];
  items.push(...filterNamespaces(config, index), ...birthNamespaces(config.interfaces));
  const used = new Set<string>(config.namespaces.map((entry) => namespaceToString(namespaceOfEntry(entry))));
  for (const ns of items) if (ns !== undefined) used.add(namespaceToString(ns));
  return used;
}

/** The namespaces that the file describes, as they are. */
export function describedNamespaces({ input, descriptions }: PlanBuilder): ReadonlySet<unknown> {
  const used = usedNamespaces(input.config, descriptions.index);
  return new Set([...used].map((reference) => input.namespaceOf(parseNamespace(reference))));
}

/** Plans that the namespaces go that an apply made and that no item refers to now. */
export function removeNamespaces(builder: PlanBuilder): void {
  const { claims, config, namespaceOf, occupants, removes } = builder.input;
  const used = usedNamespaces(config, builder.descriptions.index);
  // By whatever it is named.
  let described: ReadonlySet<unknown> | undefined;
  for (const record of claims.namespaces) {
    if (!record.made || used.has(record.reference)) continue;
    const ns = parseNamespace(record.reference);
    const namespace = namespaceOf(ns);
    if (ns.type === "named" && !isAvailable(namespace) && claims.isUnknownNamespace(record)) {
      const item = namespaceItem(record.reference);
      if (removes(item)) builder.fail(item, { reason: `it is left: ${namespace.reason}` });
      continue;
    }
    // Gone already, or another one of the same name, which is somebody else's.
    if (ns.type !== "named" || !isAvailable(namespace)) continue;
    const livesOn = claims.namespace(record.cookie);
    if (livesOn !== undefined && livesOn !== namespace) {
      const item = namespaceItem(record.reference);
      if (removes(item)) builder.leave(item, `it is left: it has lost its name, and lives on as ${livesOn.label}`);
      continue;
    }
    // A crash, or a reboot of the machine that mounts it elsewhere, may have left the file alone.
    if (namespace.cookie !== record.cookie && !(namespace.stale && !namespace.exists)) continue;
    described ??= describedNamespaces(builder);
    if (described.has(namespace)) continue;
    const item = namespaceItem(record.reference);
    if (!removes(item)) continue;
    const isIt = (reference: string): boolean => namespaceOf(parseNamespace(reference)) === namespace;
    const [other] = claims.others.usersOf(record, isIt);
    const [unreadable] = claims.others.unreadable;
    const reason = !namespace.exists
      ? undefined
      : describeLinks(foreignLinks(builder, namespace)) ?? occupants(namespace);
    if (other !== undefined) {
      builder.handOver(record, other);
      builder.leave(item, `it is left: the configuration ${JSON.stringify(other)} describes it`, other);
    } else if (reason !== undefined) builder.leave(item, `it is left: ${reason}`);
    else if (unreadable !== undefined) {
      const why = `the configuration ${JSON.stringify(unreadable)}, whose state cannot be read, may use it`;
      builder.leave(item, `it is left: ${why}`, unreadable);
    } else builder.add("delete-namespaces", item, { kind: "delete-namespace", namespace, name: ns.name });
  }
}

/** The names of the links that stay there or come back, and that somebody made. */
function foreignLinks({ effects }: PlanBuilder, namespace: ObservedNamespace): string[] {
  const present = namespace.links()
    .filter(({ name, index, up }) => (
      !effects.isGone(namespace, index) && !(INITIAL_LINKS.has(name) && (name === "lo" || !up))
    ))
    .map(({ name }) => name);
  return [...present, ...effects.givenBackTo(namespace).map(({ name }) => name)];
}
