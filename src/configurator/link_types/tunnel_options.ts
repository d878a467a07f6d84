/** Options of tunnels over IP in a change: the kernel takes every option that a change does not give as 0. */
import type { ObservedLink } from "../observed/observed_namespace.ts";

/** The kinds of which that is so. */
const TUNNELS: ReadonlySet<string | undefined> = new Set([
  ...["gre", "gretap", "ipip", "sit", "ip6tnl", "ip6gre", "ip6gretap"],
]);

/** True of a kind of which a change gives all options. */
export const changesAsWhole = (kind: string | undefined): boolean => TUNNELS.has(kind);

/** All options of a link that is there, as a change of it gives them. */
export function wholeOptions({ data }: Pick<ObservedLink, "data">): Readonly<Record<string, unknown>> {
  const { kind: _, unknown: __, ...options }: { readonly kind?: unknown; readonly unknown?: unknown } = { ...data };
  return options;
}
