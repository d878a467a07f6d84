/** The directory of named namespaces, its mount, and its files. */
import { identityOf, printable } from "../../../ffi/mod.ts";
import { inspectNamedNamespaces, isLive } from "../../named/list.ts";
import { netnsDirectory } from "../../switch/namespace_file.ts";
import { mountAt, readMounts, realPath } from "../../proc/mounts.ts";
import { ok, type Topic, topicOf, type Verdict, warning } from "../check.ts";
import { directoryVerdict, statusIfThere } from "../directories.ts";
import { counted, firstOf } from "../phrases.ts";

/** The directory of names. */
export function namesTopic(netnsDir: string = netnsDirectory()): Topic {
  return topicOf("Names", [
    ...(isTwo() ? [{ name: "/run and /var/run", run: () => twoVerdict(netnsDir) }] : []),
    { name: netnsDir, run: () => directoryVerdict(netnsDir, "the first `netns add`") },
    { name: "propagation", run: () => propagationVerdict(netnsDir) },
    { name: "names", run: () => namesVerdict(netnsDir) },
  ]);
}

/** True if names are in one of two directories, as where `/var/run` is no link to `/run`. */
function isTwo(): boolean {
  try {
    const [a, b] = [statusIfThere("/run"), statusIfThere("/var/run")];
    return a !== undefined && b !== undefined && identityOf(a) !== identityOf(b);
  } catch {
    return false; // the checks of the directory say what the kernel refuses
  }
}

function twoVerdict(netnsDir: string): Verdict {
  return warning(
    `two directories: names are in ${printable(netnsDir)}, and a program that looks in the other one does not see them`,
    "ln -s /run /var/run, in place of the directory",
  );
}

/** Whether names that are added and deleted here are so in every mount namespace. */
function propagationVerdict(netnsDir: string): Verdict {
  if (statusIfThere(netnsDir) === undefined) return ok("the first `netns add` makes it a shared mount");
  const path = realPath(netnsDir);
  const mount = mountAt(readMounts(), path);
  if (mount?.propagation === "shared") return ok("a shared mount: names are the same in every mount namespace");
  if (mount === undefined && inspectNamedNamespaces({ netnsDir }).length === 0) {
    return ok("not a mount yet: the first `netns add` makes it a shared one");
  }
  return warning(
    `${
      mount === undefined ? "not a mount" : `a ${mount.propagation} mount`
    }: other mount namespaces do not see names ` +
      "that are added here, and keep those that are deleted here",
    `the next \`netns add\` corrects it, or mount --make-rshared ${printable(path)}`,
  );
}

function namesVerdict(netnsDir: string): Verdict {
  const entries = inspectNamedNamespaces({ netnsDir });
  const stale = entries.filter((entry) => entry.stale).map(({ name }) => printable(name));
  const others = entries.filter(({ otherType }) => otherType !== undefined);
  const live = counted(entries.filter(isLive).length, "namespace");
  if (others.length > 0) {
    const described = others.map(({ name, otherType }) => `${printable(name)} (${otherType})`);
    return warning(
      `${live}, ${counted(stale.length, "stale file")}${stale.length === 0 ? "" : ` (${firstOf(stale)})`}, ` +
        `${counted(others.length, "namespace")} of another type: ${firstOf(described)}`,
      "nothing here uses those of another type; findmnt shows their mounts, and netns del takes the names away",
    );
  }
  if (stale.length === 0) return ok(`${live}, no stale files`);
  return warning(
    `${live}, ${counted(stale.length, "stale file")} without a namespace: ${firstOf(stale)}`,
    stale.length === 1 ? `netns del ${stale[0]}` : "netns del NAME, for each",
  );
}
