/** What is mounted where, as `/proc/self/mountinfo` tells. See proc_pid_mountinfo(5), mount_namespaces(7). */

/** A mount. */
export interface Mount {
  /** Where. */
  readonly point: string;
  /** The type of its file system: `"tmpfs"`. */
  readonly type: string;
  /** Whether what is mounted below it shows in other mount namespaces, and what they mount here. */
  readonly propagation: "shared" | "slave" | "private";
}

/** The mounts that `text` lists; of several at one point, the last is the one that shows. */
export function parseMounts(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    // 36 35 98:0 /root /mount/point rw,noatime shared:1 master:2 - ext4 /dev/sda1 rw
    const [, , , , point, , ...rest] = line.split(" ");
    const separator = rest.indexOf("-");
    const type = rest[separator + 1];
    if (point === undefined || separator === -1 || type === undefined) return [];
    const tags = rest.slice(0, separator);
    const has = (tag: string): boolean => tags.some((one) => one.startsWith(`${tag}:`));
    return [{
      point: point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
      type,
      propagation: has("shared") ? "shared" as const : has("master") ? "slave" as const : "private" as const,
    }];
  });
}

/** The mount that shows at exactly `point`, if one does. */
export function mountAt(mounts: readonly Mount[], point: string): Mount | undefined {
  return mounts.findLast((mount) => mount.point === point);
}
