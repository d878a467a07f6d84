/** `netns doctor` as root, without privileges, and on a faulty machine. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { after, before, it } from "@std/testing/bdd";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describeForms, type Outcome, Sandbox, unprivileged } from "./support.ts";

interface Finding {
  readonly check: string;
  readonly status: "ok" | "warning" | "failed";
  readonly detail: string;
  readonly remedy?: string;
}

describeForms("netns doctor", (command, form) => {
  let sandbox: Sandbox;
  let start: unknown;
  const doctor = (prefix: readonly string[] = [], env: Record<string, string> = {}) =>
    sandbox.run([...prefix, ...command, "doctor", "--json"], { env: { DOCKER_HOST: "", ...env } });

  /** The findings; the exit status must fit them. */
  function read({ status, stdout, stderr }: Outcome): Readonly<Record<string, Finding>> {
    assertEquals(stderr, "");
    const all = JSON.parse(stdout) as Finding[];
    assertEquals(status, all.some((one) => one.status === "failed") ? 1 : 0, stdout);
    assertEquals(new Set(all.map(({ check }) => check)).size, all.length, "each check has a name of its own");
    for (const { check, status, detail } of all) {
      assert(["ok", "warning", "failed"].includes(status) && detail !== "", check);
    }
    return Object.fromEntries(all.map((finding) => [finding.check, finding]));
  }

  before(async () => {
    sandbox = await Sandbox.open();
    sandbox.output("ip", "netns", "add", "first");
    sandbox.output("ip", "netns", "del", "first");
    start = sandbox.traces();
  });
  after(() => sandbox.closeAs(start));

  it("finds nothing wrong for root, and leaves nothing", () => {
    const earlier = sandbox.traces();
    const found = read(doctor());
    for (const check of ["FFI", "CAP_SYS_ADMIN", "CAP_NET_ADMIN", "setns", "unshare", "mount", "netlink", "veth"]) {
      assertEquals(found[check]?.status, "ok", JSON.stringify(found[check]));
    }
    for (const check of ["/var/run/netns", "propagation", "names", "/run/netns-apply", "threads"]) {
      assertEquals(found[check]?.status, "ok", JSON.stringify(found[check]));
    }
    assert(found["runtime"]?.detail.startsWith(form), found["runtime"]?.detail);
    assertEquals(sandbox.traces(), earlier);
  });

  it("prints topics with aligned columns, and the counts", () => {
    const { status, stdout, stderr } = sandbox.run([...command, "doctor"]);
    assertEquals([status, stderr], [0, ""], stdout);
    assertMatch(stdout, /^Runtime\n {2}ok {7}runtime {2,}\w/);
    assertMatch(stdout, /\n\nLinks\n {2}ok {7}veth {2,}made\n/);
    assertMatch(stdout, /\n {2}warning {2}container runtime +none answers: .*\n {11}→ start Docker or Podman/);
    assertMatch(stdout, /\n\n\d+ ok, \d+ warnings?, 0 failed\n$/);
  });

  it("reports what another user lacks, and what to do", () => {
    const found = read(doctor(unprivileged(form)));
    for (const check of ["CAP_SYS_ADMIN", "CAP_NET_ADMIN", "setns", "unshare", "mount"]) {
      assertEquals(found[check]?.status, "failed", check);
    }
    assertMatch(found["CAP_SYS_ADMIN"]?.remedy ?? "", form === "Node" ? /run as root \(sudo\)/ : /--cap-add SYS_ADMIN/);
    assertEquals([found["veth"]?.status, found["netlink"]?.status], ["warning", "ok"]);
    const { stdout, status } = sandbox.run([...unprivileged(form), ...command, "doctor"]);
    assertEquals(status, 1);
    assertMatch(stdout, /\n {2}FAILED {3}setns +setns: Operation not permitted \(EPERM\)\n {11}→ /);
  });

  it("reports what the bounding set excludes", () => {
    const found = read(doctor(["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin"]));
    assertEquals([found["CAP_SYS_ADMIN"]?.status, found["CAP_NET_ADMIN"]?.status], ["failed", "ok"]);
    assertMatch(found["CAP_SYS_ADMIN"]?.detail ?? "", /not in the bounding set/);
  });

  it("works in a user namespace, and warns of it", () => {
    const found = read(doctor(["unshare", "-Urn"]));
    assertEquals(found["user namespace"]?.status, "warning");
    for (const check of ["setns", "unshare", "veth"]) assertEquals(found[check]?.status, "ok", check);
    // Its mounts belong to the user namespace outside.
    assertEquals(found["mount"]?.status, "failed");
    assertEquals(read(doctor(["unshare", "-Urnm"]))["mount"]?.status, "ok");
  });

  it("does not leave a network namespace to which it could not return", () => {
    const found = read(doctor(["unshare", "-Ur"]));
    assertMatch(found["setns"]?.remedy ?? "", /belongs to another user namespace/);
    assertMatch(found["unshare"]?.detail ?? "", /^not tried: /);
    assertEquals(found["threads"]?.status, "ok");
  });

  it("finds stale files, a mount that is not shared, and a directory that every user may write to", () => {
    sandbox.output("touch", "/run/netns/crashed");
    sandbox.output("ln", "-s", "/nowhere", "/run/netns/dangling");
    sandbox.output("mount", "--bind", "/run/netns", "/run/netns"); // on top of the shared mount, which traces() compares
    sandbox.output("mount", "--make-private", "/run/netns");
    sandbox.output("chmod", "777", "/run/netns");
    try {
      const found = read(doctor());
      assertMatch(found["names"]?.detail ?? "", /^0 namespaces, 2 stale files .*: crashed, dangling$/);
      assertMatch(found["propagation"]?.detail ?? "", /^a private mount/);
      assertMatch(found["/var/run/netns"]?.remedy ?? "", /^chmod o-w /);
      assertEquals(found["names"]?.status, "warning");
      assertEquals([found["propagation"]?.status, found["/var/run/netns"]?.status], ["warning", "failed"]);
    } finally {
      sandbox.output("chmod", "755", "/run/netns");
      sandbox.output("umount", "/run/netns");
      sandbox.output("rm", "/run/netns/crashed", "/run/netns/dangling");
    }
  });

  it("finds that sysctls cannot be set, as in a container, and apply says what to do", () => {
    assertEquals(read(doctor())["sysctls"]?.status, "ok");
    const file = "namespaces: [{ name: router, sysctls: { net.ipv4.ip_forward: 1 } }]";
    sandbox.output("mount", "--bind", "/proc/sys", "/proc/sys");
    sandbox.output("mount", "-o", "remount,bind,ro", "/proc/sys");
    try {
      const { status, remedy } = read(doctor())["sysctls"] ?? {};
      assertEquals(status, "warning");
      assertMatch(remedy ?? "", /^\/proc\/sys is mounted read-only: mount -o remount,rw /);
      const { stderr } = sandbox.run([...command, "apply", "--name", "r", "-"], { input: file });
      assertMatch(stderr, /^error: namespace router: .*\(EROFS\); \/proc\/sys is mounted read-only: /);
    } finally {
      sandbox.output("umount", "/proc/sys");
      sandbox.run([...command, "destroy", "--name", "r"]);
      sandbox.output("rm", "-r", "/run/netns-apply");
    }
  });

  it("finds a damaged state of an earlier apply", () => {
    sandbox.output("mkdir", "/run/netns-apply");
    sandbox.run(["tee", "/run/netns-apply/lab.json"], { input: "{" });
    try {
      const found = read(doctor());
      assertEquals(found["configuration lab"]?.status, "failed");
      assertEquals(found["configuration lab"]?.detail, "it is not what an apply wrote");
    } finally {
      sandbox.output("rm", "-r", "/run/netns-apply");
    }
  });

  it("distinguishes a missing socket, one of another program, and one without a listener", async () => {
    const none = read(doctor());
    assertEquals(none["unix:///run/podman/podman.sock"]?.detail, "there is no such socket");
    assertEquals(none["container runtime"]?.status, "warning");

    const path = "/run/rude.sock";
    const check = `unix://${path}`;
    const rude = `require("net").createServer((c) => c.destroy()).listen("${path}", () => console.log("ready"))`;
    const server = spawn(...sandbox.enter(["node", "-e", rude]), { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(server, "exit");
    try {
      await once(server.stdout, "data");
      const found = read(doctor([], { DOCKER_HOST: check }));
      assertMatch(found[check]?.detail ?? "", /^connected, but the list of containers failed: /);
      assertEquals(found["container runtime"]?.status, "failed", "DOCKER_HOST was set to it");
    } finally {
      process.kill(server.pid ?? 0, "SIGKILL"); // SIGKILL, so that it leaves its socket
      await ended;
    }
    try {
      assertMatch(read(doctor([], { DOCKER_HOST: check }))[check]?.detail ?? "", /ECONNREFUSED/);
    } finally {
      sandbox.output("rm", path);
    }
  });
}, "Deno");
