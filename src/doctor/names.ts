/** Where named namespaces are kept, and what is there. */
import { printable } from "../../ffi/mod.ts";
import { inspectNamedNamespaces } from "../named/list.ts";
import { NETNS_DIR } from "../netns/namespace_file.ts";
import { mountAt, readMounts, realPath } from "../system/mounts.ts";
import { ok, type Section, section, type Verdict, warning } from "./check.ts";
import { directoryAt, directoryVerdict } from "./directories.ts";

/** The directory of names, its mount, and the files in it. */
export function namesSection(netnsDir: string = NETNS_DIR): Section {
  return section("Names", [
    { name: netnsDir, look: () => directoryVerdict(netnsDir, "the first `netns add`") },
    { name: "propagation", look: () => propagationVerdict(netnsDir) },
    { name: "names", look: () => namesVerdict(netnsDir) },
  ]);
}

/** Whether a name that is made or deleted here is so in every mount namespace. */
function propagationVerdict(netnsDir: string): Verdict {
  if (directoryAt(netnsDir) === undefined) return ok("the first `netns add` makes it a shared mount");
  const path = realPath(netnsDir);
  const mount = mountAt(readMounts(), path);
  if (mount?.propagation === "shared") return ok("a shared mount: names are the same in every mount namespace");
  const seen = mount === undefined ? "no mount of its own" : `a ${mount.propagation} mount`;
  const consequence = "names made here are not seen in other mount namespaces, and deleted ones live on there";
  const isUnused = mount === undefined && inspectNamedNamespaces({ netnsDir }).length === 0;
  return isUnused
    ? ok(`${seen} yet: the first \`netns add\` makes it a shared one`)
    : warning(`${seen}: ${consequence}`, `the next \`netns add\` mends it, or mount --make-rshared ${printable(path)}`);
}

function namesVerdict(netnsDir: string): Verdict {
  const entries = inspectNamedNamespaces({ netnsDir });
  const stale = entries.filter((entry) => entry.stale).map(({ name }) => printable(name));
  const live = entries.length - stale.length;
  const seen = `${live} ${live === 1 ? "namespace" : "namespaces"}`;
  if (stale.length === 0) return ok(`${seen}, no stale files`);
  const files = stale.length === 1 ? "stale file" : "stale files";
  return warning(
    `${seen}, ${stale.length} ${files}, without a namespace: ${listed(stale)}`,
    stale.length === 1 ? `netns del ${stale[0]}` : "netns del NAME, for each",
  );
}

/** Some names, and how many more there are. */
export function listed(names: readonly string[], most = 8): string {
  const more = names.length - most;
  return names.slice(0, most).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
