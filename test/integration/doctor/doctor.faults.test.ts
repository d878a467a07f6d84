/** The findings of `netns doctor` when system calls fail. */
import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { constants } from "node:os";
import { type Functions, interceptLibc } from "../../../ffi/mod.ts";
import type { Finding } from "../../../src/doctor/check.ts";
import { kernelTopic } from "../../../src/doctor/topics/kernel.ts";
import { linksTopic } from "../../../src/doctor/topics/links.ts";
import { namesTopic } from "../../../src/doctor/topics/names.ts";
import { threadsTopic } from "../../../src/doctor/topics/threads.ts";
import { describeAsRoot, traces } from "../support/traces.ts";

/** The findings while every call of one function fails; without a function, those of this machine. */
async function findingsWithout(call?: keyof Functions, errno = 0): Promise<Readonly<Record<string, Finding>>> {
  const all: Finding[] = [];
  {
    using _ = interceptLibc((name, _args, proceed) => name === call ? { errno } : proceed());
    for (const { examine } of [kernelTopic(), linksTopic(), namesTopic()]) all.push(...await examine());
  }
  all.push(...await threadsTopic().examine());
  return Object.fromEntries(all.map((finding) => [finding.check, finding]));
}

describeAsRoot("netns doctor, where the kernel refuses", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  const { EPERM, ENOSYS, ENOPROTOOPT, ENOENT } = constants.errno;

  it("does not leave a namespace to which it could not return", async () => {
    const { setns, unshare, veth, threads } = await findingsWithout("setns", EPERM);
    assertEquals([setns?.status, unshare?.status, veth?.status], ["failed", "failed", "warning"]);
    assert(unshare?.detail.startsWith("not tried: "), unshare?.detail);
    assertEquals(threads?.status, "ok");
  });

  it("reports that no namespace can be created", async () => {
    const found = await findingsWithout("unshare", ENOSYS);
    assertEquals(found["setns"]?.status, "ok");
    assertEquals(found["unshare"]?.detail, "unshare: Function not implemented (ENOSYS)");
    assertEquals(found["unshare"]?.remedy, "the kernel, or the seccomp filter of this container, lacks this call");
    assertEquals(found["namespace ids"]?.detail, "not tried: there is no namespace to try it in");
  });

  it("reports what an old kernel lacks", async () => {
    const withoutOptions = await findingsWithout("setsockopt", ENOPROTOOPT);
    assertEquals(withoutOptions["strict checking"]?.status, "warning");
    const found = await findingsWithout("getsockopt", ENOPROTOOPT);
    assertEquals(found["namespace cookie"]?.status, "warning");
    assert(found["namespace cookie"]?.remedy?.startsWith("Linux 5.14 "));
  });

  it("warns of TAPs that cannot be made, and fails for mounts", async () => {
    const { mount } = await findingsWithout("mount", EPERM);
    assertEquals(mount?.status, "failed");
    const { tun, version } = await findingsWithout("open", ENOENT);
    assertEquals([tun?.status, version?.status], ["warning", "failed"]);
  });

  it("reports each call that fails, and leaves nothing", async () => {
    const usual = await findingsWithout();
    for (const call of ["socket", "send", "recvfrom", "ioctl", "statx", "readlink", "getdents64"] as const) {
      const found = await findingsWithout(call, EPERM);
      assert(Object.values(found).some(({ check, status }) => status !== "ok" && usual[check]?.status === "ok"), call);
    }
  });
});
