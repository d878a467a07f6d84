/** Actions as reports have them: what is done, where, and what is there before and after it. */
import { printable } from "../../../ffi/mod.ts";
import { familyOf } from "../../ip/address.ts";
import type { NftObject } from "../../netlink/nftables/types.ts";
import { textAt } from "../observed/owned_file.ts";
import { linkAt } from "../observed/lookup.ts";
import type { ObservedNamespace, ObservedRoute } from "../observed/observed_namespace.ts";
import { A_SECRET, isSecretSysctl } from "../../sysctl/link_sysctls.ts";
import type { Step } from "../report.ts";
import type { Action, ActionOf, LinkChange, RouteFields } from "./actions.ts";
import {
  describe,
  describeChange,
  describeEntry,
  describeRoute,
  describeTun,
  describeVlans,
  textOfName,
} from "./action_lines.ts";
import { qdiscBefore } from "./impair_qdisc.ts";
import type { PlannedLink } from "./planned_link.ts";
import { describeRule } from "./rule_text.ts";
import { contentOf, itemsIn, TABLE_FAMILY } from "./table_rules.ts";

/** What is there before and after an action. */
type Change = Partial<Pick<Step, "from" | "to">>;

/** The step of a report for `action`, which is done for `item`. */
export function stepOf<K extends Action["kind"]>(
  action: ActionOf<K> & { readonly kind: K },
  item: string,
  why?: string,
): Step {
  const { namespace, name } = locationOf(action);
  const { from = null, to = null } = CHANGES[action.kind]?.(action) ?? {};
  const step = {
    kind: action.kind,
    item,
    description: describe<K>(action),
    namespace: namespace?.reference ?? null,
    link: name ?? null,
    from,
    to,
  };
  return why === undefined ? step : { ...step, why };
}

/** A link, or only its namespace. */
interface Location {
  readonly namespace?: ObservedNamespace | undefined;
  readonly name?: string | undefined;
}

/** Where an action is done; a link that is renamed has its new name. */
function locationOf(action: Action): Location {
  if ("link" in action) return action.link;
  switch (action.kind) {
    case "create-link":
      return action.creation.links[0]?.link ?? {};
    case "delete-link":
      return { namespace: action.ends[0].namespace, name: action.name };
    case "adopt":
    case "use":
    case "release":
      return action;
    default:
      return { namespace: action.namespace };
  }
}

/** What is there before and after each kind of action that has both in words. */
const CHANGES: { readonly [K in Action["kind"]]?: (action: ActionOf<K>) => Change } = {
  "create-namespace": ({ name }) => ({ to: printable(textOfName(name)) }),
  "name-namespace": ({ name }) => ({ to: printable(textOfName(name)) }),
  "delete-namespace": ({ name }) => ({ from: printable(textOfName(name)) }),
  "create-link": ({ creation: { kind, links: [, far] } }) => ({
    to: far === undefined ? kind : `${kind}, paired with ${far.link.label}`,
  }),
  "delete-link": ({ ends: [{ namespace, index }] }) => ({ from: linkAt(namespace, index)?.kind ?? "link" }),
  "move-link": ({ link, from, name }) => ({ from: `${printable(name)} in ${printable(from.label)}`, to: link.label }),
  "change-link": ({ link, name, change }) => ({
    from: before(link, name, change),
    to: describeChange(change, link.namespace),
  }),
  "add-address": ({ address }) => ({ to: address }),
  "delete-address": ({ address }) => ({ from: address }),
  "add-route": ({ link, route }) => ({ to: describeRoute(route, printable(link.name)) }),
  "replace-route": ({ link, route }) => ({
    from: routeBefore(link.namespace, route),
    to: describeRoute(route, printable(link.name)),
  }),
  "delete-route": ({ link, route }) => ({ from: describeRoute(route, printable(link.name)) }),
  "set-neighbour": ({ link, ip, address, state }) => ({
    from: neighbourBefore(link, ip),
    to: `${ip} ${address} ${state}`,
  }),
  "add-entry": (action) => ({ to: describeEntry(action) }),
  "delete-entry": (action) => ({ from: describeEntry(action) }),
  "add-vlan": ({ ids, flags }) => ({ to: describeVlans(ids, flags) }),
  "delete-vlan": ({ ids }) => ({ from: describeVlans(ids) }),
  "delete-neighbour": ({ link, ip }) => ({ from: neighbourBefore(link, ip) ?? ip }),
  "set-table": ({ namespace, table: { name, objects } }) => (
    { from: tableBefore(namespace, name), to: tableInWords(name, objects) }
  ),
  "set-sysctl": ({ key, value, before }) => (
    isSecretSysctl(key)
      ? { from: null, to: `${key} ${A_SECRET}` }
      : { from: before === undefined ? null : `${key} ${before}`, to: `${key} ${value}` }
  ),
  "add-rule": ({ rule }) => ({ to: describeRule(rule) }),
  "delete-rule": ({ rule }) => ({ from: describeRule(rule) }),
  "set-file": ({ path, text }) => ({ from: fileBefore(path), to: fileInWords(text) }),
  "delete-file": ({ path }) => ({ from: fileBefore(path) }),
  "delete-table": ({ namespace, name }) => ({ from: tableBefore(namespace, name) }),
  "set-qdisc": ({ link, text, before }) => ({ from: before ?? qdiscBefore(link), to: text }),
  "delete-qdisc": ({ link }) => ({ from: qdiscBefore(link) }),
  "restore-qdisc": ({ link, qdisc: { kind } }) => ({ from: qdiscBefore(link), to: kind }),
  "set-tun": ({ change, before }) => ({ from: describeTun(before) || null, to: describeTun(change) }),
  "set-wireguard": ({ text, from }) => ({ from, to: text }),
};

/** A file as it is now; null if there is none. */
function fileBefore(path: string): string | null {
  const text = textAt(path);
  return text === undefined ? null : fileInWords(text);
}

/** The lines of a file that are no comments. */
const fileInWords = (text: string): string =>
  printable(text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).join(", "));

/** A table as it is now; null if there is none. */
function tableBefore(namespace: ObservedNamespace, name: string): string | null {
  const content = contentOf(namespace.tables() ?? [], name);
  return content === undefined ? null : tableInWords(name, content);
}

const tableInWords = (name: string, content: readonly NftObject[]): string =>
  printable(`${TABLE_FAMILY} ${name} (${itemsIn(content)})`);

/** What a change sets, as it is now; null for a link that is made first. */
function before({ namespace, index }: PlannedLink, name: string, change: LinkChange): string | null {
  const link = index === undefined ? undefined : linkAt(namespace, index);
  if (link === undefined) return null;
  const text = describeChange({
    name: change.name === undefined ? undefined : name,
    address: change.address === undefined ? undefined : link.address,
    mtu: change.mtu === undefined ? undefined : link.mtu,
    up: change.up === undefined ? undefined : link.up,
    master: change.master === undefined ? undefined : linkAt(namespace, link.master ?? 0) ?? link.master ?? 0,
    alias: change.alias === undefined ? undefined : link.alias ?? "",
    txQueueLength: change.txQueueLength === undefined ? undefined : link.txQueueLength,
    optionsText: change.optionsBefore,
  });
  return text === "" ? null : text;
}

function routeBefore(
  namespace: ObservedNamespace,
  { destination, table, metric }: Pick<RouteFields, "destination" | "table" | "metric">,
): string | null {
  const isSame = (one: ObservedRoute): boolean => (
    one.keyed && one.destination === destination && (metric === undefined || one.metric === metric)
  );
  const route = namespace.routes(familyOf(destination), table).find(isSame);
  if (route === undefined) return null;
  const link = route.index === undefined ? undefined : linkAt(namespace, route.index);
  return describeRoute({ ...route, metric, table }, printable(link?.name ?? `${route.index}`));
}

function neighbourBefore({ namespace, index }: PlannedLink, ip: string): string | null {
  if (index === undefined) return null;
  const found = namespace.neighbours(familyOf(ip)).find((one) => one.index === index && one.ip === ip);
  return found === undefined ? null : [ip, found.address, found.state].filter((part) => part !== undefined).join(" ");
}
