/** Options that the functions on named namespaces share. */
import { netnsDirectory } from "../switch/namespace_file.ts";
import type { SystemAPI } from "../system/api.ts";
import { newSystemHandler } from "../system/handler.ts";

/** Where named namespaces have their files, and what makes the system calls. */
export interface NamedOptions {
  /** The directory of their files. @default {"/var/run/netns"} */
  readonly netnsDir?: string | undefined;
  /** What makes the system calls: tests make one fail. @default {new SystemHandler()} */
  readonly system?: SystemAPI | undefined;
}

/** The options with their defaults. */
export function withDefaults(options: NamedOptions): { readonly netnsDir: string; readonly system: SystemAPI } {
  const { netnsDir = netnsDirectory(), system = newSystemHandler({ netnsDir }) } = options;
  return { netnsDir, system };
}
