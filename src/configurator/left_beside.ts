/** What `destroy --adopt` leaves and names: what there is of a file that is not exactly as that has it. */
import type { NetworkConfig } from "../models/config.ts";
import { InterfaceIndex, namespaceOfItem } from "../models/references.ts";
import { nameOfEntry, namespaceOfEntry, sysctlsOfEntry } from "../models/sysctls.ts";
import { LINK_TYPES } from "./link_types/all_link_types.ts";
import { linkNamed } from "./observed/lookup.ts";
import { isAvailable } from "./observed/observed_namespace.ts";
import { itemsOf } from "./ownership/records.ts";
import type { PlanInput } from "./plan/plan_input.ts";
import type { PlanResult } from "./plan/plan_builder.ts";
import { arpItem, interfaceItem, namespaceItem, type PendingItem, routeItem } from "./report.ts";

const NOT_AS_DESCRIBED = "it is left: it is not exactly as described";

/** The items of a plan of `config` that are there, and do not match. */
export function leftBeside(
  config: NetworkConfig,
  { matching, spared, failed }: Pick<PlanResult, "matching" | "spared" | "failed">,
  namespaceOf: PlanInput["namespaceOf"],
): PendingItem[] {
  const going = new Set(matching.flatMap(itemsOf));
  const said = new Set(spared.map(({ item }) => item));
  const ofLinks = new Set(config.interfaces.map(({ name }) => interfaceItem(name)));
  const owners = new Map(failed.map((one) => [one.item, one]));
  const leave = (item: string): PendingItem => {
    const { owner, reason } = owners.get(item) ?? {};
    return typeof owner === "string"
      ? { item, reason: `it is left: ${reason}`, owner }
      : { item, reason: NOT_AS_DESCRIBED };
  };
  const links = config.interfaces.filter((model) => {
    const { borrows, uses } = LINK_TYPES[model.type];
    const namespace = namespaceOf(namespaceOfItem(model));
    return !borrows && !uses && isAvailable(namespace) && linkNamed(namespace, model.hostIfName) !== undefined;
  }).map(({ name }) => interfaceItem(name)).filter((item) => !going.has(item) && !said.has(item));
  // What is on a link that goes, goes with it.
  const index = new InterfaceIndex(config.interfaces);
  const onLinks = new Map([
    ...config.routes.map((route) => [routeItem(route.name), index.find(route)] as const),
    ...config.arpEntries.map((entry) => [arpItem(entry.name), index.find(entry)] as const),
  ]);
  const goesAlong = (item: string): boolean => going.has(interfaceItem(onLinks.get(item)?.name ?? ""));
  const entries = failed.filter(({ item, owner }) => owner !== undefined && !ofLinks.has(item) && !goesAlong(item))
    .map(({ item }) => item);
  return [...[...links, ...entries].map(leave), ...sysctlsLeft(config, namespaceOf)];
}

/** Nobody knows what sysctls were before. */
function sysctlsLeft({ namespaces }: NetworkConfig, namespaceOf: PlanInput["namespaceOf"]): PendingItem[] {
  return namespaces.flatMap((entry) => {
    const namespace = namespaceOf(namespaceOfEntry(entry));
    if (!isAvailable(namespace) || !namespace.exists) return [];
    const all = sysctlsOfEntry(entry);
    const values = namespace.sysctls(all.map(({ key }) => key));
    const keys = all.filter(({ key, value }) => values.get(key) === value).map(({ key }) => key);
    if (keys.length === 0) return [];
    const are = keys.length === 1 ? "is left: what it was" : "are left: what they were";
    return [{ item: namespaceItem(nameOfEntry(entry)), reason: `${keys.join(", ")} ${are} before is not known` }];
  });
}
