/** What is in namespaces, as the items of a file that describe it. */
import type { ArpEntryInput } from "../../models/arp.ts";
import type { InterfaceInput } from "../../models/interface/linux_interface.ts";
import type { RouteInput } from "../../models/route.ts";
import type { RuleInput } from "../../models/rule.ts";
import type { DescribedNamespaceInput } from "../../models/sysctls.ts";
import { reportBridges } from "./bridge_ports.ts";
import { shownLinks } from "./links.ts";
import { shownNeighbours } from "./neighbours.ts";
import type { Omissions } from "./omissions.ts";
import { shownRoutes } from "./routes.ts";
import { shownRules } from "./rules.ts";
import type { ShownNamespace } from "./shown_namespace.ts";
import { InitialSysctls, shownSysctls } from "./sysctls.ts";
import type { UsedLinks } from "./used_links.ts";

/** The items of a file. */
export interface ShownItems {
  /** The namespaces that can be made, and those with sysctls. */
  readonly namespaces: readonly DescribedNamespaceInput[];
  /** The links. */
  readonly interfaces: readonly InterfaceInput[];
  /** The static neighbours. */
  readonly arpEntries: readonly ArpEntryInput[];
  /** The routes that the kernel did not make. */
  readonly routes: readonly RouteInput[];
  /** The rules that the kernel did not make. */
  readonly rules: readonly RuleInput[];
}

/**
 * The items that describe what is in `all`; what they do not say is reported.
 *
 * @param own Links that the configuration whose file it is uses, and did not make.
 */
export function describeNamespaces(
  all: readonly ShownNamespace[],
  own: UsedLinks,
  omissions: Omissions,
): ShownItems {
  const initial = new InitialSysctls();
  const { interfaces, nameOf } = shownLinks(all, own, omissions);
  for (const shown of all) reportBridges(shown, omissions);
  return {
    namespaces: all.flatMap((shown): DescribedNamespaceInput[] => {
      const { name, reference } = shown.namespace;
      const sysctls = shownSysctls(shown, initial, omissions);
      if (Object.keys(sysctls).length > 0) return [{ name: reference, sysctls }];
      return name === undefined ? [] : [reference];
    }),
    interfaces,
    arpEntries: all.flatMap((shown) => shownNeighbours(shown, omissions)),
    routes: all.flatMap((shown) => shownRoutes(shown, (index) => nameOf(shown, index), omissions)),
    rules: all.flatMap((shown) => shownRules(shown, omissions)),
  };
}
