/** What may be written to describe a network. */
import type { ArpEntryInput } from "./arp.ts";
import type { FirewallInput } from "./firewall.ts";
import type { PortForwardInput } from "./forwards.ts";
import type { InterfaceInput } from "./interface/linux_interface.ts";
import type { NatRuleInput } from "./nat.ts";
import type { RouteInput } from "./route.ts";
import type { RuleInput } from "./rule.ts";
import type { LinkInput } from "./short/link.ts";
import type { DescribedNamespaceInput } from "./sysctls.ts";
import type { UplinkInput } from "./uplinks.ts";

/**
 * A network as `defineNetwork` takes it in code: what `parseConfig` reads from a file, with the camelCase
 * names of the fields. The compiler refuses another field and a value of another type.
 */
export interface NetworkConfigInput {
  /**
   * The name under which what it owns is remembered, so that the next apply can take away what is no longer described.
   * Absent: as the options say, or the base name of the file.
   */
  readonly name?: string | undefined;
  /** What the network is for, for people; it is not kept. */
  readonly description?: string | undefined;
  /** Keys that begin with `x-` are not read: a place for anchors of YAML. */
  readonly [extension: `x-${string}`]: unknown;
  /** Namespaces that are to exist, by name or with their sysctls. */
  readonly namespaces?: readonly DescribedNamespaceInput[] | undefined;
  /** Pairs and segments in their short form. */
  readonly links?: readonly LinkInput[] | undefined;
  /** Network interfaces. */
  readonly interfaces?: readonly InterfaceInput[] | undefined;
  /** Static neighbours. */
  readonly arpEntries?: readonly ArpEntryInput[] | undefined;
  /** Static routes, each as a mapping or as text: `"NAMESPACE [TYPE] DST [via GW] [dev LINK] …"`. */
  readonly routes?: readonly (RouteInput | string)[] | undefined;
  /** Rules that say which table a route is looked up in. */
  readonly rules?: readonly RuleInput[] | undefined;
  /** Address translation of what leaves by links. */
  readonly nat?: readonly NatRuleInput[] | undefined;
  /** Ports that lead to other hosts. */
  readonly forwards?: readonly PortForwardInput[] | undefined;
  /** Packet filters. */
  readonly firewall?: readonly FirewallInput[] | undefined;
  /** Namespaces with a way out through the default one. */
  readonly uplinks?: readonly UplinkInput[] | undefined;
}
