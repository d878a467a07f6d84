/** The `resolv.conf` of namespaces with an uplink: written, kept as described, and put back. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { defined } from "../../collections.ts";
import { printable } from "../../../ffi/mod.ts";
import { namespaceOfItem } from "../../models/references.ts";
import { resolverPath, uplinkName } from "../../models/uplinks.ts";
import { isThere, oddAt, textAt, unfinishedPath } from "../observed/owned_file.ts";
import { isAvailable } from "../observed/observed_namespace.ts";
import { isAsSet } from "../ownership/formerly.ts";
import type { FileRecord } from "../ownership/records.ts";
import { ownedByOther } from "../ownership/refusal.ts";
import { uplinkItem } from "../report.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import { tableComment } from "./table_rules.ts";

/** The files of the host that name its resolvers; the second has those that systemd-resolved asks. */
export const HOST_FILES = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"] as const;

/** Plans the file of each uplink. */
export function planResolvers(builder: PlanBuilder): void {
  const { config, claims, adopt, namespaceOf } = builder.input;
  for (const uplink of config.uplinks ?? []) {
    const item = uplinkItem(uplinkName(uplink));
    const namespace = namespaceOf(namespaceOfItem(uplink));
    const { name } = uplink.namespace;
    if (uplink.dns.length === 0 || name === undefined || !isAvailable(namespace)) continue;
    const path = resolverPath(name);
    const servers = uplink.dns === "host" ? serversOfHost() : uplink.dns.map((server) => `nameserver ${server}`);
    if (servers === undefined) {
      const reason = "the resolver of the host is on its loopback link, where the namespace cannot reach it";
      builder.fail(item, { reason, hint: "name servers: dns: [9.9.9.9]" });
      continue;
    }
    const mark = `# ${tableComment(config.name)}`;
    const text = `${[mark, ...servers].join("\n")}\n`;
    const record = claims.fileRecord(path);
    const other = claims.others.ownerOfFile(path);
    if (other !== undefined) {
      builder.fail(item, ownedByOther(printable(path), other));
      continue;
    }
    const present = textAt(path);
    if (present === text && (record !== undefined || !present.startsWith(mark))) {
      if (record !== undefined) builder.keep(record, { ...record, text });
      continue;
    }
    if (present === text) {
      builder.match(defined({ kind: "file", item, namespace: namespace.cookie ?? "0", path, text }));
    }
    const odd = oddAt(path);
    if (odd !== undefined) {
      const reason = `${odd}, which this configuration did not make`;
      builder.fail(item, { reason, owner: null, hint: "delete it first; dns: [] leaves it as it is" });
      continue;
    }
    // After a restart of the machine the file is there, and what remembers it is not.
    const isOwn = record !== undefined || present === undefined || present.startsWith(mark);
    if (!isOwn && !adopt) {
      const reason = `${printable(path)} is not this configuration's: this configuration did not make it`;
      builder.fail(item, { reason, owner: null, hint: "apply --adopt takes it over; dns: [] leaves it as it is" });
      continue;
    }
    const before = record === undefined ? isOwn ? undefined : present : record.before;
    const folders = missingFolders(path);
    const made = Math.max(folders, record?.folders ?? 0) || undefined;
    const makes = (): FileRecord =>
      defined({ kind: "file", item, namespace: namespace.cookie ?? "0", path, text, before, folders: made });
    if (record !== undefined) builder.keep(record);
    if (!isOwn) builder.add("adopt", item, { kind: "adopt", what: printable(path), namespace });
    builder.add("configure", item, { kind: "set-file", namespace, path, text, folders }, { makes });
  }
}

/** How many of the two directories of a namespace's `resolv.conf` are not there: its own, and that of all. */
const missingFolders = (path: string): number => foldersOf(path).filter((folder) => !existsSync(folder)).length;

/** The directory of a namespace's `resolv.conf`, and that of all. */
const foldersOf = (path: string): readonly string[] => [dirname(path), dirname(dirname(path))];

/** The lines for the resolvers of the host that can be reached from elsewhere; undefined if there is none. */
function serversOfHost(): string[] | undefined {
  for (const path of HOST_FILES) {
    const lines = (textAt(path) ?? "").split("\n").map((line) => line.trim())
      .filter((line) => /^(nameserver|search|domain|options)\s/.test(line))
      .filter((line) => !/^nameserver\s+(127\.|::1$)/.test(line));
    if (lines.some((line) => line.startsWith("nameserver"))) return lines;
  }
  return undefined;
}

/** True of a file that is not there, of which a kill left what it was written to, or a directory that was made for it. */
const hasRemains = (path: string, folders: number): boolean =>
  isThere(unfinishedPath(path)) || foldersOf(path).slice(0, folders).some(isThere);

/** Plans that files go which are no longer described, and that what was there before comes back. */
export function removeFiles(builder: PlanBuilder): void {
  const { claims, removes } = builder.input;
  for (const record of claims.records) {
    if (record.kind !== "file" || builder.isKept(record)) continue;
    if (!removes(record.item)) {
      builder.keep(record);
      continue;
    }
    const { item, path, before, folders = 0 } = record;
    const present = textAt(path);
    if (present === undefined && before === undefined && !hasRemains(path, folders)) continue;
    if (oddAt(path) !== undefined || present !== undefined && !isAsSet(record, present)) {
      builder.leave(item, `${printable(path)} is left: somebody has changed it`);
      continue;
    }
    const namespace = claims.namespace(record.namespace);
    if (before === undefined) {
      builder.add("configure", item, { kind: "delete-file", namespace, path, folders }, { drops: record });
    } else {
      builder.add("configure", item, { kind: "set-file", namespace, path, text: before, folders: 0 }, {
        drops: record,
      });
    }
  }
}
