/** BOND: several links as one; its members are the links that have it as their master. */
import { defined } from "../../collections.ts";
import type { BondFields } from "../../models/interface/bond.ts";
import { namespaceOfItem } from "../../models/references.ts";
import type { BondOptions } from "../../netlink/link/kinds/bond.ts";
import { linkAt } from "../observed/lookup.ts";
import { interfaceItem } from "../report.ts";
import type { LinkType } from "./link_type.ts";
import { singleLink } from "./single_link.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";

type Fields = Omit<BondFields, "primary">;

/** The type BOND. */
export const bond: LinkType = singleLink<Fields, BondOptions>({
  kind: "bond",
  fields: ({ bond: { primary: _, ...fields } = {} }) => fields,
  changeable: ["miimon", "lacpRate", "xmitHashPolicy"],
  options: optionsOf,
  changes: (bond) => ({ bond }),
  isConfigured: ({ descriptions }, { model, namespace, link: { data } }) => {
    const primary = model.bond?.primary;
    if (primary === undefined) return true;
    const name = descriptions.index.in(namespaceOfItem(model), primary)?.hostIfName ?? primary;
    return data?.kind === "bond" && typeof data.primary === "number" && linkAt(namespace, data.primary)?.name === name;
  },
  spec: (base, fields) => ({ kind: "bond", ...base, ...optionsOf(fields) }),
});

function optionsOf({ lacpRate, ...fields }: Fields): BondOptions {
  return defined({ ...fields, adLacpRate: lacpRate });
}

/** Plans which member of a bond is used whenever it can be: once all members are planned. */
export function planPrimaries(builder: PlanBuilder): void {
  for (const { name, type, bond, namespace } of builder.input.config.interfaces) {
    if (type !== "BOND" || bond?.primary === undefined) continue;
    const item = interfaceItem(name);
    const link = builder.links.get(name);
    if (link === undefined || "reason" in link) continue;
    const primary = builder.target(defined({ interface: bond.primary, namespace }));
    if ("reason" in primary) builder.wait(item, primary.reason);
    else {
      const data = link.isNew ? undefined : link.namespace.links().find(({ index }) => index === link.index)?.data;
      if (data?.kind === "bond" && data.primary === primary.index && !primary.isNew) continue;
      const former = data?.kind === "bond" && typeof data.primary === "number" && data.primary !== 0
        ? linkAt(link.namespace, data.primary)?.name
        : undefined;
      const optionsBefore = link.isNew ? undefined : `primary ${former ?? "none"}`;
      const change = { primary, optionsText: `primary ${primary.name}`, optionsBefore };
      builder.add("configure", item, { kind: "change-link", link, name: link.name, change });
    }
  }
}
