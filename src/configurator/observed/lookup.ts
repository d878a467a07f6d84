/** Finds links, addresses, routes and neighbours in what was read of a namespace. */
import { groupBy } from "../../collections.ts";
import type { Qdisc } from "../../netlink/tc/qdisc/types.ts";
import type { ObservedAddress, ObservedLink, ObservedNamespace } from "./observed_namespace.ts";

/** The longest list that is searched from its start to its end: most namespaces have two links. */
const SHORT = 4;

/**
 * A look-up by `keyOf` in a list that a namespace gave. It makes one index for each list, because a namespace with a
 * thousand links is asked for each of them.
 */
export function lookup<T extends object, K>(keyOf: (value: T) => K): (list: readonly T[], key: K) => readonly T[] {
  const indexes = new WeakMap<readonly T[], Map<K, T[]>>();
  return (list, key) => {
    if (list.length <= SHORT) return list.filter((value) => keyOf(value) === key);
    let index = indexes.get(list);
    if (index === undefined) indexes.set(list, index = groupBy(list, keyOf));
    return index.get(key) ?? [];
  };
}

const linksByName = lookup((link: ObservedLink) => link.name);
const linksByIndex = lookup((link: ObservedLink) => link.index);

/** The link with this name. */
export function linkNamed(namespace: ObservedNamespace, name: string): ObservedLink | undefined {
  return linksByName(namespace.links(), name)[0];
}

const linksByAlternativeName = new WeakMap<readonly ObservedLink[], ReadonlyMap<string, ObservedLink>>();

/** The link that has this name as an alternative one. */
export function linkWithAlternativeName(namespace: ObservedNamespace, name: string): ObservedLink | undefined {
  const links = namespace.links();
  let byName = linksByAlternativeName.get(links);
  if (byName === undefined) {
    byName = new Map(
      links.flatMap((link) => (link.altNames ?? []).map((name): [string, ObservedLink] => [name, link])),
    );
    linksByAlternativeName.set(links, byName);
  }
  return byName.get(name);
}

/** The link with this index. */
export function linkAt(namespace: ObservedNamespace, index: number): ObservedLink | undefined {
  return linksByIndex(namespace.links(), index)[0];
}

/** The addresses of the link with this index. */
export function addressesOf(namespace: ObservedNamespace, index: number): readonly ObservedAddress[] {
  return namespace.addressesOf(index);
}

/** The qdisc at the root of a link, if the kernel did not put it there by itself. */
export function rootQdisc(namespace: ObservedNamespace, index: number): Qdisc | undefined {
  return namespace.qdiscs().find(({ linkIndex, parent, handle }) => (
    linkIndex === index && parent === "root" && handle !== "0:"
  ));
}
