/** The sysctls that a configuration set, also where a new namespace has the same value: without them a plan takes them back. */
import type { DescribedNamespaceInput } from "../../models/sysctls.ts";
import { isSecretSysctl } from "../../sysctl/link_sysctls.ts";
import { readSysctls } from "../../sysctl/sysctl.ts";
import type { KernelNamespace } from "../observed/kernel_namespace.ts";
import type { ObjectRecord } from "../ownership/records.ts";
import { inOrder } from "./sysctls.ts";

/** What the sysctls of some records have now, by the reference of their namespace; it must be open. */
export function ownSysctls(
  namespaces: Iterable<KernelNamespace>,
  records: readonly ObjectRecord[],
): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const found = new Map<string, Readonly<Record<string, string>>>();
  for (const namespace of namespaces) {
    const keys = records.flatMap((one) => (
      one.kind === "sysctl" && one.namespace === namespace.cookie && !isSecretSysctl(one.key) ? [one.key] : []
    ));
    if (keys.length > 0) found.set(namespace.reference, Object.fromEntries(readSysctls(namespace.handle, keys)));
  }
  return found;
}

/** The entries of `namespaces` with these sysctls too. */
export function withSysctls(
  entries: readonly DescribedNamespaceInput[],
  own: ReadonlyMap<string, Readonly<Record<string, string>>>,
): DescribedNamespaceInput[] {
  const nameOf = (one: DescribedNamespaceInput): string => typeof one === "string" ? one : one.name;
  const names = new Set(entries.map(nameOf));
  return [
    ...entries.map((one): DescribedNamespaceInput => {
      const sysctls = own.get(nameOf(one));
      const shown = typeof one === "string" ? {} : textsOf(one.sysctls);
      return sysctls === undefined ? one : {
        name: nameOf(one),
        sysctls: inOrder(Object.entries({ ...shown, ...sysctls })),
      };
    }),
    ...[...own].flatMap(([name, sysctls]) =>
      names.has(name) ? [] : [{ name, sysctls: inOrder(Object.entries(sysctls)) }]
    ),
  ];
}

const textsOf = (sysctls: Readonly<Record<string, string | number>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(sysctls).map(([key, value]) => [key, String(value)]));
