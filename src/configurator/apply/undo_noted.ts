/** `--atomic`: what the objects that an apply changes are before it. */
import type { BridgeVlan } from "../../netlink/bridge/vlans.ts";
import type { NftObject } from "../../netlink/nftables/types.ts";
import type { Qdisc } from "../../netlink/tc/qdisc/types.ts";
import type { WireguardDevice } from "../../netlink/wireguard/types.ts";
import { rootQdisc } from "../observed/lookup.ts";
import type { LinkLocation, ObservedNeighbour, ObservedRoute } from "../observed/observed_namespace.ts";
import { textAt } from "../observed/owned_file.ts";
import { uppersOf } from "../ownership/snapshot.ts";
import type { ActionOf, Task } from "../plan/actions.ts";
import { routesAt } from "../plan/remaining_routes.ts";
import { spreadOf } from "../plan/sysctls.ts";
import { contentOf } from "../plan/table_rules.ts";
import { IPV6_MIN_MTU } from "../../netlink/constants/link.ts";
import { linkAsItIs, type LinkAsItWas, linkWithIpv6AsItIs, type Surroundings, wholeLinkAsItIs } from "./undo_links.ts";

/** A change of a table of nf_tables. */
export type TableAction = ActionOf<"set-table" | "delete-table">;

/** The name of the table that changes. */
export const tableNameOf = (action: TableAction): string =>
  action.kind === "set-table" ? action.table.name : action.name;

/** What tasks will change, as it is before: read before the first of them is carried out. */
export class NotedForUndo {
  /** The links that change, each once, as they are before the first task. */
  readonly links: Map<string, LinkAsItWas> = new Map();
  /** The links that a task deletes. */
  readonly deleted: Map<Task, readonly LinkAsItWas[]> = new Map();
  /** The link that a task moves. */
  readonly moved: Map<Task, LinkAsItWas | undefined> = new Map();
  /** The route that a task makes, changes or deletes; undefined: there is none. */
  readonly routes: Map<Task, ObservedRoute | undefined> = new Map();
  /** The same of neighbours. */
  readonly neighbours: Map<Task, ObservedNeighbour | undefined> = new Map();
  /** The value of a sysctl. */
  readonly sysctls: Map<Task, string | undefined> = new Map();
  /** What the kernel sets with a sysctl of all links, by key. */
  readonly spread: Map<Task, ReadonlyMap<string, string>> = new Map();
  /** The qdisc at the root of a link. */
  readonly qdiscs: Map<Task, Qdisc | undefined> = new Map();
  /** The keys and peers of a link that exists. */
  readonly wireguards: Map<Task, WireguardDevice | undefined> = new Map();
  /** The text of a file. */
  readonly files: Map<Task, string | undefined> = new Map();
  /** What is in a table of nf_tables. */
  readonly tables: Map<Task, readonly NftObject[] | undefined> = new Map();
  /** The VLANs of a port. */
  readonly vlans: Map<Task, readonly BridgeVlan[]> = new Map();

  readonly #surroundings: Surroundings;

  /** Reads what `tasks` will change. */
  constructor(tasks: readonly Task[], surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.note(tasks);
  }

  /** Reads what further tasks will change, after the ones before are carried out. */
  note(tasks: readonly Task[]): void {
    for (const { action } of tasks) this.#noteSmall(action);
    for (const task of tasks) this.#note(task);
  }

  /** A link that gets too small for IPv6. */
  #noteSmall(action: Task["action"]): void {
    if (action.kind !== "change-link" || (action.change.mtu ?? IPV6_MIN_MTU) >= IPV6_MIN_MTU) return;
    const { namespace, index, isNew } = action.link;
    if (!isNew && index !== undefined) this.#noteLink({ namespace, index }, linkWithIpv6AsItIs);
  }

  #note(task: Task): void {
    const { action } = task;
    switch (action.kind) {
      case "adopt":
      case "use":
      case "release":
      case "create-namespace":
      case "delete-namespace":
      case "create-link":
        return;
      case "move-link":
        return void this.moved.set(task, this.#whole({ namespace: action.from, index: action.index }));
      case "delete-link":
        for (const end of action.ends) this.#notePorts(end);
        return void this.deleted.set(task, action.ends.flatMap((end) => this.#whole(end) ?? []));
      case "change-link":
      case "add-address":
      case "delete-address": {
        const { namespace, index } = action.link;
        if (index === undefined || action.link.isNew) return;
        this.#noteLink({ namespace, index });
        if (action.kind === "change-link" && action.change.downFirst) this.#noteVlans({ namespace, index });
        return;
      }
      case "add-route":
      case "replace-route":
      case "delete-route":
        return void this.routes.set(task, routesAt(action.link.namespace, action.route)[0]);
      case "set-neighbour":
      case "delete-neighbour": {
        const { link: { namespace, index }, ip } = action;
        const all = [...namespace.neighbours(4), ...namespace.neighbours(6)];
        return void this.neighbours.set(task, all.find((one) => one.index === index && one.ip === ip));
      }
      case "set-sysctl":
        this.spread.set(task, spreadOf(action.namespace, action.key));
        return void this.sysctls.set(task, action.namespace.sysctls([action.key]).get(action.key));
      case "add-vlan":
      case "delete-vlan": {
        const { link: { namespace, index } } = action;
        return void this.vlans.set(task, index === undefined ? [] : namespace.bridgeVlans(index));
      }
      case "name-namespace":
      case "add-entry":
      case "delete-entry":
      case "add-rule":
      case "delete-rule":
        return;
      case "set-qdisc":
      case "delete-qdisc":
      case "restore-qdisc": {
        const { link: { namespace, index } } = action;
        return void this.qdiscs.set(task, index === undefined ? undefined : rootQdisc(namespace, index));
      }
      case "set-wireguard": {
        const { link: { namespace, index, isNew } } = action;
        if (!isNew && index !== undefined) this.wireguards.set(task, namespace.wireguard(index));
        return;
      }
      case "set-tun":
        return;
      case "set-file":
      case "delete-file":
        return void this.files.set(task, textAt(action.path));
      case "set-table":
      case "delete-table":
        return void this.tables.set(task, contentOf(action.namespace.tables() ?? [], tableNameOf(action)));
    }
  }

  #whole(location: LinkLocation): LinkAsItWas | undefined {
    return wholeLinkAsItIs(location, this.#surroundings);
  }

  /** With a bridge its ports lose their master. */
  #notePorts({ namespace, index }: LinkLocation): void {
    for (const port of namespace.links()) if (port.master === index) this.#noteLink({ namespace, index: port.index });
  }

  /** With a link that is set down, its VLANs lose what they have. */
  #noteVlans({ namespace, index }: LinkLocation): void {
    for (const upper of uppersOf(namespace, { index })) {
      if (upper.kind === "vlan") this.#noteLink({ namespace, index: upper.index });
    }
  }

  #noteLink(location: LinkLocation, look: typeof linkAsItIs = linkAsItIs): void {
    const key = `${location.namespace.cookie} ${location.index}`;
    const record = this.links.has(key) ? undefined : look(location);
    if (record !== undefined) this.links.set(key, record);
  }
}
