/** What the items of `nat`, `forwards`, `firewall` and `uplinks` have in common: namespaces, and links that they name. */
import type { Namespace } from "../namespace.ts";
import type { NetworkConfig } from "./config.ts";
import { type InterfaceIndex, type Located, namespaceOfItem, type Reference } from "./references.ts";

/** The sections of a configuration that become rules of nf_tables. */
export type Filters = Pick<NetworkConfig, "nat" | "forwards" | "firewall" | "uplinks">;

/** An item of `nat` or `forwards` as a reference to its link. */
export const linkReference = (item: Located & ({ readonly out: string } | { readonly in: string })): Reference => ({
  ...item,
  interface: "out" in item ? item.out : item.in,
});

/** The namespaces in which rules are made, also the default one (undefined), through which uplinks lead. */
export function filterNamespaces(
  { nat = [], forwards = [], firewall = [], uplinks = [] }: Filters,
  index: InterfaceIndex,
): (Namespace | undefined)[] {
  return [
    ...[...nat, ...forwards].map((one) => index.namespaceOf(linkReference(one))),
    ...[...firewall, ...uplinks].map(namespaceOfItem),
    ...uplinks.length === 0 ? [] : [undefined],
  ];
}
