/** The link of a sysctl that was set: it is called by the name of that, which may be another one later, or another link's. */
import { linkOfKey, OF_LINK } from "../../sysctl/spreading.ts";
import { linkAt, linkNamed } from "../observed/lookup.ts";
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import type { SysctlRecord } from "./records.ts";

/** The link whose key it is now; undefined: it is none of a link that is there. */
export function linkOfSysctl(namespace: ObservedNamespace, key: string): ObservedLink | undefined {
  const name = linkOfKey(key);
  return name === undefined ? undefined : linkNamed(namespace, name);
}

/** The key that a recorded sysctl has now; undefined: its link is gone. */
export function keyNow(
  namespace: ObservedNamespace,
  { key, link }: Pick<SysctlRecord, "key" | "link">,
): string | undefined {
  if (link === undefined) return key;
  const name = linkAt(namespace, link)?.name;
  return name === undefined ? undefined : keyOfLink(key, name);
}

/** The same key of another link. */
export const keyOfLink = (key: string, name: string): string =>
  key.replace(OF_LINK, (_, start: string, __, end: string) => `${start}${name.replaceAll(".", "/")}${end}`);
