import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { inUserNamespace, refusal } from "../../../src/system/user_namespace.ts";

const ALLOWED = {
  "/proc/self/uid_map": "0 0 4294967295",
  "/proc/self/status": "Name:\tnode\nSeccomp:\t0\n",
  "/proc/self/mountinfo": "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n",
};

describe("refusal()", () => {
  const of = (files: Readonly<Record<string, string>>, isRoot = false): string | undefined => {
    const all: Readonly<Record<string, string | undefined>> = { ...ALLOWED, ...files };
    return refusal((path) => all[path], isRoot);
  };

  const cases: readonly (readonly [path: string, text: string, says: string])[] = [
    ["/proc/sys/user/max_user_namespaces", "0\n", "sudo sysctl -w user.max_user_namespaces=15000"],
    ["/proc/sys/user/max_net_namespaces", "0\n", "sudo sysctl -w user.max_net_namespaces=15000"],
    ["/proc/sys/kernel/unprivileged_userns_clone", "0\n", "sudo sysctl -w kernel.unprivileged_userns_clone=1"],
    [
      "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
      "1\n",
      "AppArmor restricts them, as Ubuntu does from 23.10 on and GitHub's ubuntu runners do: " +
      "kernel.apparmor_restrict_unprivileged_userns is 1: " +
      "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ],
    ["/proc/self/status", "Seccomp:\t2\n", "--security-opt seccomp=unconfined"],
    ["/proc/self/mountinfo", "22 1 8:1 / /home rw - ext4 /dev/sda1 rw\n", "chroot"],
  ];
  for (const [path, text, says] of cases) {
    it(`says what to do about ${path}`, () => {
      const said = of({ [path]: text });
      assert(said?.includes(says), said);
    });
  }

  it("knows what holds for root too", () => {
    assertEquals(of({ "/proc/sys/kernel/unprivileged_userns_clone": "0" }, true), undefined);
    assert(of({ "/proc/sys/user/max_user_namespaces": "0" }, true)?.includes("max_user_namespaces"));
  });

  it("guesses nothing", () => assertEquals(of({}), undefined));

  it("tells a kernel without them", () => assert(refusal(() => undefined, false)?.includes("CONFIG_USER_NS")));
});

describe("inUserNamespace()", () => {
  it("keeps the words of the command apart from its own", () => {
    assertEquals(inUserNamespace(["true", "--net"])[1].slice(-3), ["--", "true", "--net"]);
  });
});
