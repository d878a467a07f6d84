/** Links that the specification or the change of a link names: the kernel is sent their indexes. */
import { NetlinkError, shown } from "../../errors.ts";
import { KINDS } from "./kinds/link_spec.ts";
import { bridgePort } from "./bridge_ports.ts";
import { hasIndex, labelOf, type LinkRef } from "./ref.ts";
import type { LinkChange } from "./types.ts";

type IndexOf = (link: LinkRef) => number;

/**
 * The specification of a link to make, with indexes in place of names.
 *
 * @throws {NetlinkError} `ENODEV`: there is no such link.
 */
export function specWithIndexes<S extends object>(spec: S, indexOf: IndexOf): S {
  if (typeof spec !== "object" || spec === null) return spec; // which is refused later
  const { kind, master, netns }: { kind?: unknown; master?: unknown; netns?: unknown } = spec;
  if (netns !== undefined && isLinkRef(master) && !hasIndex(master)) {
    throw new TypeError(
      `Cannot use ${shown(labelOf(master))} as master: expected an index, since the link is made in another namespace`,
    );
  }
  const options = typeof kind === "string" ? KINDS.get(kind)?.options?.links : undefined;
  return withIndexes(spec, ["link", "master", ...options ?? []], indexOf);
}

/**
 * The change of a link, with indexes in place of names.
 *
 * @throws {NetlinkError} `ENODEV`: there is no such link.
 */
export function changeWithIndexes(change: LinkChange, indexOf: IndexOf): LinkChange {
  if (typeof change !== "object" || change === null) return change; // which is refused later
  if (!mayNameLinks(change)) return change;
  const changed: Record<string, unknown> = { ...withIndexes(change, ["master"], indexOf) };
  if (isObject(change.port)) changed["port"] = withIndexes(change.port, bridgePort.links, indexOf);
  for (const key in changed) {
    const [links, options] = [KINDS.get(key)?.options?.links, changed[key]];
    if (links !== undefined && links.length > 0 && isObject(options)) {
      changed[key] = withIndexes(options, links, indexOf);
    }
  }
  return changed;
}

/** True of a change with a field in which a link may be named. Most only set a link up. */
function mayNameLinks(change: LinkChange): boolean {
  for (const key in change) {
    const value: unknown = change[key as keyof LinkChange];
    if (isObject(value) || key === "master") return true;
  }
  return false;
}

function withIndexes<T extends object>(given: T, keys: readonly string[], indexOf: IndexOf): T {
  let found: Record<string, number> | undefined; // mostly nothing: a change that sets a link up, say
  for (const key of keys) {
    const link: unknown = Object.hasOwn(given, key) ? Reflect.get(given, key) : undefined;
    if (isLinkRef(link)) (found ??= {})[key] = indexOfField(key, link, indexOf);
  }
  return found === undefined ? given : { ...given, ...found };
}

function indexOfField(key: string, link: LinkRef, indexOf: IndexOf): number {
  try {
    return indexOf(link);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== "ENODEV") throw error;
    const remedy = `${key} is ${shown(labelOf(link))}, and this namespace has no link of that name: see listLinks()`;
    throw new NetlinkError(error.request, error.errno, error.detail, { remedy });
  }
}

/** True of what names a link; a number is an index already. */
function isLinkRef(value: unknown): value is LinkRef {
  return typeof value === "string" || isObject(value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
