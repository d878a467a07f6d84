/** Options in a change of a link that is there: what the kernel wants of them, and does with them. */
import { defined } from "../../collections.ts";
import type { KindChanges } from "../../netlink/link/kinds/link_spec.ts";
import { IP_TUNNELS } from "../observed/lookup.ts";
import type { ObservedLink } from "../observed/observed_namespace.ts";
import type { LinkBefore, OptionsBefore } from "../ownership/prior_state.ts";
import type { LinkChange } from "../plan/actions.ts";

/** True of a kind of which a change gives all options: the kernel takes every one that a change does not give as 0. */
export const changesAsWhole = (kind: string | undefined): boolean => IP_TUNNELS.has(kind);

/** All options of a link that is there, as a change of it gives them. */
export function wholeOptions({ data }: Pick<ObservedLink, "data">): Readonly<Record<string, unknown>> {
  const { kind: _, unknown: __, ...options }: { readonly kind?: unknown; readonly unknown?: unknown } = { ...data };
  return options;
}

/** The options that name the other end of a VXLAN. */
const ENDS = ["remote", "remote6", "group", "group6"] as const;
type Ends = { readonly [K in typeof ENDS[number]]?: string | undefined };

/**
 * The options of a VXLAN that goes out by another link: with its other end. The kernel makes an entry of its table of both, and
 * makes it anew only for another end.
 */
export function withEnd<O extends object>({ data }: Pick<ObservedLink, "data">, options: O): O & Ends {
  if (data?.kind !== "vxlan" || ENDS.some((name) => name in options)) return options;
  const { remote, remote6, group, group6 } = data;
  return { ...defined({ remote, remote6, group, group6 }), ...options };
}

/** The options that a link had, of a VXLAN with what says that an end was none: the kernel lists no such. */
export function withoutEnds(
  { data }: Pick<ObservedLink, "data">,
  { options }: Pick<LinkBefore, "options">,
): OptionsBefore | undefined {
  if (data?.kind !== "vxlan" || options === undefined) return options;
  const { local, local6, remote, remote6, group, group6 } = data;
  const had = (names: readonly string[]): boolean => names.some((name) => name in options);
  const isOther = (remote ?? group) !== undefined || (remote6 ?? group6) !== undefined;
  return defined({
    ...options,
    ...had(ENDS) || !isOther ? {} : (remote ?? group) === undefined ? { remote6: "::" } : { remote: "0.0.0.0" },
    ...had(["local", "local6"]) ? {} : { local: local && "0.0.0.0", local6: local6 && "::" },
  });
}

/**
 * What a change of options needs besides them.
 *
 * @param options What changes.
 * @param isRedirected True if its packets go by another link from then on.
 * @param mtu The MTU that it has then, if that is known.
 */
export function neededFor(
  { kind, data }: Pick<ObservedLink, "kind" | "data">,
  options: object,
  isRedirected: boolean,
  mtu: number | undefined,
): Pick<LinkChange, "optionsFirst" | "downFirst" | "keptMtu"> {
  return defined({
    optionsFirst: isRedirected ? withoutEnd(data) : undefined,
    downFirst: needsDown({ kind, data }, options, isRedirected) || undefined,
    keptMtu: isRedirected || changesAsWhole(kind) ? mtu : undefined,
  });
}

/** What takes the other end from a VXLAN; undefined if it has none. */
function withoutEnd(data: ObservedLink["data"]): KindChanges | undefined {
  if (data?.kind !== "vxlan") return undefined;
  const { remote, remote6, group, group6 } = data;
  if (remote !== undefined || group !== undefined) return { vxlan: { remote: "0.0.0.0" } };
  return remote6 === undefined && group6 === undefined ? undefined : { vxlan: { remote6: "::" } };
}

/** True of what the kernel changes only while a link is down, or has an effect only when it is set up: to join a group. */
function needsDown(
  { kind, data }: Pick<ObservedLink, "kind" | "data">,
  options: object,
  isRedirected: boolean,
): boolean {
  if (kind === "bond") return "adLacpRate" in options;
  if (data?.kind !== "vxlan") return false;
  const { group, group6 } = data;
  const hasGroup = group !== undefined || group6 !== undefined;
  return "group" in options || "group6" in options || hasGroup && (isRedirected || ENDS.some((end) => end in options));
}
