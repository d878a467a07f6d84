import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { mountAt, parseMounts } from "../../../src/proc/mounts.ts";

// Lines of /proc/self/mountinfo (Linux 6.18), after `ip netns add`, in an `unshare --mount`, and of proc_pid_mountinfo(5)
const TEXT = `21 1 254:0 / / rw,relatime - ext4 /dev/root rw
46 24 0:26 /netns /run/netns rw,nosuid,nodev shared:3 - tmpfs tmpfs rw,size=804404k
47 46 0:4 net:[4026532201] /run/netns/a\\040b rw shared:3 - nsfs nsfs rw
48 24 0:30 / /mnt rw master:3 propagate_from:2 - tmpfs x rw
49 48 0:31 / /mnt rw,noatime - tmpfs - rw
`;

describe("parseMounts()", () => {
  it("reads root, point, type and propagation, whatever optional fields there are", () => {
    assertEquals(parseMounts(TEXT), [
      { root: "/", point: "/", type: "ext4", propagation: "private" },
      { root: "/netns", point: "/run/netns", type: "tmpfs", propagation: "shared" },
      { root: "net:[4026532201]", point: "/run/netns/a b", type: "nsfs", propagation: "shared" },
      { root: "/", point: "/mnt", type: "tmpfs", propagation: "slave" },
      { root: "/", point: "/mnt", type: "tmpfs", propagation: "private" },
    ]);
  });

  it("passes over lines that are none", () => {
    assertEquals(parseMounts("\nnonsense\n1 2 3 4 /x rw\n"), []);
  });
});

describe("mountAt()", () => {
  it("gives the one on top, and none for what lies below a mount", () => {
    assertEquals(mountAt(parseMounts(TEXT), "/mnt")?.propagation, "private");
    assertEquals(mountAt(parseMounts(TEXT), "/run"), undefined);
  });
});
