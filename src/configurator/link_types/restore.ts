/** Links that `--adopt` replaced, and that are made again as they were. */
import type { LinkSpec } from "../../netlink/link/kinds/kinds.ts";
import type { ObservedNamespace } from "../observed/observed_namespace.ts";
import type { LinkBefore } from "../ownership/before.ts";
import type { LinkRecord } from "../ownership/records.ts";
import type { Action, LinkChange, LinkCreation, NamespaceFd, NewLink, Stage } from "../plan/actions.ts";
import { formerInOrderOfAdding } from "../plan/addresses.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { PlannedLink } from "../plan/planned_link.ts";
import { routeFieldsOf } from "../plan/remove_routes.ts";

/** True if the file describes an interface in the place of a link that was replaced: it comes back without that. */
export function isDescribed(
  { descriptions, input: { claims } }: PlanBuilder,
  { namespace, name }: LinkBefore,
): boolean {
  const found = claims.namespace(namespace);
  return found !== undefined && descriptions.has(found, name);
}

/** The links that were replaced, each pair together. */
function groupsOf(all: readonly LinkBefore[]): LinkBefore[][] {
  const groups: LinkBefore[][] = [];
  for (let position = 0; position < all.length;) {
    const [near, far] = all.slice(position);
    if (near === undefined) break;
    groups.push(near.kind === "veth" && far?.kind === "veth" ? [near, far] : [near]);
    position += groups.at(-1)?.length ?? 1;
  }
  return groups;
}

/**
 * Plans that links are made again that were replaced: one, or both ends of a pair.
 *
 * @param record What remembers them. It ends when all of them are there again.
 * @returns True if there is one to make.
 */
export function restoreLinks(
  builder: PlanBuilder,
  item: string,
  record: LinkRecord,
  all: readonly LinkBefore[],
): boolean {
  let isPlanned = false;
  for (const group of groupsOf(all)) {
    const [near] = group;
    if (near === undefined) continue;
    const isPair = group.length === 2;
    const links = group.flatMap((before): { before: LinkBefore; link: PlannedLink }[] => {
      const namespace = builder.input.claims.namespace(before.namespace);
      if (namespace === undefined) return [];
      const { name, up } = before;
      return [{ before, link: new PlannedLink({ namespace, name, up, carrier: "comes" }) }];
    });
    if (links.length < group.length || near.kind === "veth" && !isPair) {
      builder.leave(item, `${near.name} is not made again: the namespace of one of its ends is gone`);
      continue;
    }
    const creation = new RestoredLinks(
      links.map(({ before: { index, address, mtu }, link }) => ({ item, link, index, address, mtu })),
      near.kind ?? "",
    );
    builder.add("create", item, { kind: "create-link", creation }, { drops: record });
    isPlanned = true;
    for (const { before, link } of links) fillLink(builder, item, link, before);
  }
  return isPlanned;
}

/** What collects the tasks of a plan. */
export interface TaskList {
  /** Adds a task at the end of its stage. */
  add(stage: Stage, item: string, action: Action): void;
}

/** Plans that a link which has nothing gets what it had. */
export function fillLink(plan: TaskList, item: string, link: PlannedLink, before: LinkBefore): void {
  for (const one of formerInOrderOfAdding(before.addresses)) {
    plan.add("configure", item, { kind: "add-address", link, address: one.address, before: one });
  }
  const { up, master } = before;
  const change: LinkChange = { ...up ? { up } : {}, ...master === undefined ? {} : { master } };
  if (Object.keys(change).length > 0) {
    plan.add("configure", item, { kind: "change-link", link, name: link.name, change });
  }
  addEntries(plan, item, link, before);
}

/** Plans that a link gets the permanent neighbours that it had and, if it was up, the routes. */
export function addEntries(
  plan: TaskList,
  item: string,
  link: PlannedLink,
  { up, routes, neighbours }: Pick<LinkBefore, "up" | "routes" | "neighbours">,
): void {
  const direct = ({ gateway }: LinkBefore["routes"][number]): number => Number(gateway !== undefined);
  for (const route of up ? [...routes].sort((a, b) => direct(a) - direct(b)) : []) {
    plan.add("after-carrier", item, { kind: "add-route", link, route: routeFieldsOf(route) });
  }
  for (const { ip, address } of neighbours) {
    if (address === undefined) continue; // where there is no ARP
    plan.add("after-carrier", item, { kind: "set-neighbour", link, ip, address, state: "permanent" });
  }
}

/** One link without options of its own, or a pair. */
export class RestoredLinks implements LinkCreation {
  readonly links: readonly NewLink[];
  readonly kind: string;

  /** One link, or both ends of a pair of the kind `"veth"`. */
  constructor(links: readonly NewLink[], kind: string) {
    this.links = links;
    this.kind = kind;
  }

  get origins(): readonly [ObservedNamespace, ...ObservedNamespace[]] {
    const [first, ...others] = this.links.map(({ link }) => link.namespace);
    if (first === undefined) throw new TypeError("Cannot make no link: expected one, or both ends of a pair");
    return [first, ...others];
  }

  get description(): string {
    return `make ${this.links.map(({ link }) => link.label).join(", paired with ")} again, as before`;
  }

  request(origin: ObservedNamespace, fdOf: (namespace: ObservedNamespace) => NamespaceFd | undefined): LinkSpec {
    const [near, far] = this.links[0]?.link.namespace === origin ? this.links : [...this.links].reverse();
    if (near === undefined) throw new TypeError("Cannot make no link: expected one, or both ends of a pair");
    const spec = ({ link: { name, index }, address, mtu }: NewLink) => ({ name, index, address, mtu });
    return far === undefined
      ? { kind: "dummy", ...spec(near), netns: fdOf(near.link.namespace) }
      : { kind: "veth", ...spec(near), peer: { ...spec(far), netns: fdOf(far.link.namespace) } };
  }
}
