/** The sysctls of a configuration, which the agent reads again and again. */
import type { Namespace } from "../../namespace.ts";
import type { NsHandle } from "../../netns/handle.ts";
import { readSysctls } from "../../sysctl/sysctl.ts";

/** The sysctls of a namespace that are followed. */
export interface WatchedSysctls {
  /** The namespace; undefined is the default one. */
  readonly namespace: Namespace | undefined;
  /** The keys. */
  readonly keys: readonly string[];
}

/** Their values, as a text. */
export function sysctlsText(handle: NsHandle, { keys }: WatchedSysctls): string {
  return JSON.stringify([...readSysctls(handle, keys)]);
}
