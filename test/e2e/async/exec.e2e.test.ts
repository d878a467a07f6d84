import { assert, assertEquals, assertRejects } from "@std/assert";
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { after, before, it } from "@std/testing/bdd";
import { NsHandle, SyscallError } from "@netns/netns";
import { assertSameTraces, describeAsRoot, scratchNamespace, traces } from "../../integration/support/traces.ts";

describeAsRoot("NsHandle.exec()", () => {
  let start: unknown;
  before(async () => {
    {
      using ns = NsHandle.create();
      await ns.exec("cat"); // what the runtime opens for its first process stays open
    }
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("gives what a program in the namespace writes, and how it ended", async () => {
    using ns = NsHandle.create();
    const { stdout, ...rest } = await ns.exec("readlink", ["/proc/self/ns/net"]);
    assertEquals([stdout.trim(), rest], [`net:[${ns.inode}]`, { status: 0, signal: null, stderr: "" }]);
    assertEquals(await ns.exec("sh", ["-c", "echo no >&2; exit 3"]), {
      ...{ status: 3, signal: null, stdout: "", stderr: "no\n" },
    });
    assertEquals((await ns.exec("sh", ["-c", "kill -TERM $$"])).signal, "SIGTERM");
  });

  it("gives it what it reads, and takes much", async () => {
    using ns = NsHandle.create();
    const text = "ä€😀".repeat(100_000);
    assertEquals((await ns.exec("cat", [], { input: text })).stdout === text, true);
    assertEquals((await ns.exec("sh", ["-c", "exit 0"], { input: text })).status, 0);
    assertEquals((await ns.exec("sh", ["-c", "echo $WHO; pwd"], { env: { WHO: "me" }, cwd: "/" })).stdout, "me\n/\n");
  });

  it("ends it with the reason of the signal", async () => {
    using ns = NsHandle.create();
    const controller = new AbortController();
    const waiting = ns.exec("sh", ["-c", "exec sleep 60"], { signal: controller.signal });
    setTimeout(() => controller.abort(new EvalError("enough")), 20);
    await assertRejects(() => waiting, EvalError, "enough");
    await assertRejects(() => ns.exec("cat", [], { signal: controller.signal }), EvalError, "enough");
    const began = performance.now();
    const signal = AbortSignal.timeout(20);
    await assertRejects(() => ns.exec("sh", ["-c", "sleep 60; true"], { signal }), DOMException);
    assert(performance.now() - began < 50_000, "it waits for `sleep`, which holds the pipes open");
  });

  it("rejects for a program that is not there, and for a closed handle", async () => {
    using ns = NsHandle.create();
    const error = await assertRejects(() => ns.exec("netns-test-none"), Error);
    assertEquals(Reflect.get(error, "code"), "ENOENT");
    ns.close();
    await assertRejects(() => ns.exec("cat"), SyscallError, "this handle is closed");
  });

  it("gives it the files and the /sys of the namespace, a user, and no new privileges", async () => {
    using ns = NsHandle.create();
    using name = scratchNamespace();
    mkdirSync(`/etc/netns/${name.name}`, { recursive: true });
    try {
      writeFileSync(`/etc/netns/${name.name}/resolv.conf`, "nameserver 192.0.2.53\n");
      const script = "cat /etc/resolv.conf; ls /sys/class/net; id -un; id -G; echo $HOME; grep NoNew /proc/self/status";
      const options = { etc: name.name, sysfs: true, user: "daemon", noNewPrivileges: true };
      const { stdout, stderr } = await ns.exec("sh", ["-c", script], options);
      assertEquals([stdout, stderr], ["nameserver 192.0.2.53\nlo\ndaemon\n1\n/usr/sbin\nNoNewPrivs:\t1\n", ""]);
    } finally {
      rmSync(`/etc/netns/${name.name}`, { recursive: true });
    }
    assertEquals((await ns.exec("id", ["-G"], { user: 54321, group: 5 })).stdout, "5\n");
    await assertRejects(() => ns.exec("id", [], { user: "no-such-user" }), TypeError, "there is no such user");
    for (
      const [command, options] of [
        ["netns-test-none", { sysfs: true }],
        ["id", { user: "daemon", env: { PATH: "/nonexistent" } }], // which a runtime may find elsewhere
      ] as const
    ) {
      const error = await assertRejects(() => ns.exec(command, ["-u"], options), Error);
      assertEquals(Reflect.get(error, "code"), "ENOENT", String(error));
    }
  });

  it("gives a user and a /sys also to the programs by which it does that", async () => {
    using ns = NsHandle.create();
    assertEquals((await ns.exec("setpriv", ["--nnp", "id", "-u"], { user: "daemon" })).stdout, "1\n");
    assertEquals((await ns.exec("unshare", ["--fork", "ls", "/sys/class/net"], { sysfs: true })).stdout, "lo\n");
  });

  it("is the process itself, with every option", async () => {
    using ns = NsHandle.create();
    const child = ns.spawn("sh", ["-c", "echo $$; exec sleep 60"], {
      ...{ sysfs: true, user: "daemon", dieWithParent: true, stdio: ["ignore", "pipe", "inherit"] },
    });
    const [line] = await once(child.stdout ?? child, "data");
    assertEquals(Number(line), child.pid);
    process.kill(child.pid ?? 0, "SIGKILL");
    await once(child, "close");
  });

  it("starts nothing that cannot be given what it reads", async () => {
    using ns = NsHandle.create();
    const witness = `/tmp/netns-exec-${process.pid}`;
    for (const input of [5, {}, new ArrayBuffer(1), null]) {
      await assertRejects(
        () => ns.exec("touch", [witness], { input: input as unknown as string }), // untyped
        TypeError,
        "options.input",
      );
    }
    assertEquals(existsSync(witness), false);
    assertEquals((await ns.exec("cat", [], { input: new Uint8Array([65]) })).stdout, "A");
  });

  it("kills a program that writes more than a text can have", async () => {
    using ns = NsHandle.create();
    const error = await assertRejects(() => ns.exec("cat", ["/dev/zero"]), RangeError, "to stdout");
    assertEquals(Reflect.get(error, "code"), "ERR_CHILD_PROCESS_STDIO_MAXBUFFER");
  });
});
