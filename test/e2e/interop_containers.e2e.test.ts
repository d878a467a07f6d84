/** Containers run in namespaces that are made here, and theirs are used here. */
import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { containerNs, deleteNamedNamespace, fileNs, identifyNamespace, NsHandle, NsHandler } from "@netns/netns";
import { linkNames, scratchName, scratchNamespace, traces } from "../integration/support/traces.ts";
import { describeService, describeServices, PODMAN, type Service } from "./docker.ts";
import { eventually } from "./following.ts";
import { output } from "./interop.ts";
import { BUILT, WHOLE } from "./support.ts";

describeServices("the network of a container", (open, name) => {
  let service: Service;
  let start: unknown;
  before(async () => {
    scratchNamespace()[Symbol.dispose](); // the shared mount of the directory stays
    NsHandle.home().close(); // and so does the home of the thread
    start = kept();
    service = await open();
  });
  after(async () => {
    await service[Symbol.asyncDispose]();
    assertEquals(kept(), start);
  });
  const kept = () => ({ names: traces()["names"], mounts: traces()["mounts"], away: traces()["away"] });

  if (name === "Podman") {
    it("is a namespace that is made and wired here", async () => {
      using blue = scratchNamespace();
      using ns = NsHandle.fromName(blue.name);
      using netlink = ns.netlink();
      netlink.addLink({ kind: "veth", name: "eth0", up: true, peer: { name: "other" } });
      netlink.addAddress({ name: "eth0" }, "192.0.2.1/24");
      const id = await service.run({}, ["--network", `ns:/var/run/netns/${blue.name}`]);
      try {
        const pid = await service.pid(id);
        const { inode, names, pids } = identifyNamespace(pid);
        assertEquals([inode, names], [ns.inode, [blue.name]]);
        assert(pids.includes(pid));
        const seen = await service.cli("exec", id, "ip", "-4", "address", "show", "eth0");
        assert(seen.includes("inet 192.0.2.1/24"), seen);
      } finally {
        await service.remove(id);
      }
      assertEquals(linkNames(ns).sort(), ["eth0", "lo", "other"], "it outlives the container");
    });
  }

  if (name === "Docker") {
    it("of containerd is one that is made here, or is entered and named by its process", async () => {
      const address = join(dirname(service.socket), "exec/containerd/containerd.sock"); // that of this Docker
      const ctr = (...words: string[]) => output(["ctr", "--address", address, "--namespace", "netns-test", ...words]);
      const image = join(dirname(service.socket), "containerd.tar");
      await service.cli("save", "--output", image, "test-busybox");
      ctr("image", "import", "--snapshotter", "native", image);
      using blue = scratchNamespace();
      const attached = scratchName();
      const run = (task: string, ...options: string[]): number => {
        const words = ["--detach", "--snapshotter", "native", "--cgroup", `/${task}`, ...options];
        ctr("run", ...words, "docker.io/library/test-busybox:latest", task, "/bin/sleep", "600");
        const [, pid] = ctr("task", "ls").split("\n").find((line) => line.startsWith(`${task} `))?.split(/\s+/) ?? [];
        return Number(pid);
      };
      const tasks = [scratchName(), scratchName()] as const;
      try {
        const inside = run(tasks[0], "--with-ns", `network:/run/netns/${blue.name}`);
        assertEquals(identifyNamespace(inside).names, [blue.name]);
        const own = run(tasks[1]);
        using handle = NsHandle.fromPid(own);
        using home = NsHandle.home();
        assert(!handle.equals(home));
        handle.attach(attached);
        assertEquals(identifyNamespace(own).names, [attached]);
      } finally {
        for (const task of tasks) ctr("task", "delete", "--force", task);
        ctr("container", "delete", ...tasks);
        deleteNamedNamespace(attached);
      }
    });
  }

  it("is entered by its file and by its process, and is what both see", async () => {
    const id = await service.run({});
    try {
      const pid = await service.pid(id);
      using ofProcess = NsHandle.fromPid(pid);
      const key = await service.cli("inspect", "-f", "{{.NetworkSettings.SandboxKey}}", id); // Podman keeps none here
      const path = key === "" ? `/proc/${pid}/ns/net` : key;
      const inode = new NsHandler().withNamespace(fileNs(path), () => {
        using here = NsHandle.current();
        return here.inode;
      });
      assertEquals(inode, ofProcess.inode);
      assert(identifyNamespace(pid).pids.includes(pid));
      using netlink = ofProcess.netlink();
      netlink.addLink({ kind: "veth", name: "eth7", peer: { name: "other" } });
      const seen = await service.cli("exec", id, "ip", "link", "show", "eth7");
      assert(seen.includes("eth7"), seen);
    } finally {
      await service.remove(id);
    }
  });
});

// It takes the image in anew, which is slow.
if (WHOLE) {
  describeService(PODMAN, "the container of a user without root", (open) => {
    it("is followed and entered by root, and by its user in the user namespace", async () => {
      await using service = await open();
      const image = join(dirname(service.socket), "image.tar");
      const folder = mkdtempSync(join(tmpdir(), "netns-rootless-"));
      const socketPath = join(folder, "run/podman.sock");
      mkdirSync(join(folder, "run"));
      for (const path of [folder, join(folder, "run")]) chownSync(path, 65534, 65534);
      for (const path of [dirname(image), image]) chmodSync(path, 0o755);
      const user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
      const env = ["env", "-C", folder, `HOME=${folder}`, `XDG_RUNTIME_DIR=${folder}/run`, "STORAGE_DRIVER=vfs"];
      const podman = [...user, ...env, "podman", "--cgroup-manager", "cgroupfs", "--events-backend", "file"];
      podman.push("--runtime", "runc");
      let server: ChildProcess | undefined;
      try {
        output([...podman, "import", image, "test-busybox"]);
        const limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"];
        const id = output([...podman, "run", "-d", "--network", "none", ...limits, PODMAN.image, "/bin/sleep", "600"]);
        const pid = Number(output([...podman, "inspect", "-f", "{{.State.Pid}}", id]));
        const [command = "", ...args] = [...podman, "system", "service", "-t", "0", `unix://${socketPath}`];
        server = spawn(command, args, { stdio: "ignore" });
        await eventually(() => existsSync(socketPath));
        await using handler = new NsHandler({ docker: { socketPath } });
        await handler.init();
        using ns = await handler.waitFor(containerNs(id), { signal: AbortSignal.timeout(60_000) });
        using real = NsHandle.fromPid(pid);
        assert(ns.equals(real));
        const words = ["node", BUILT, "exec", `CONTAINER:${id}`, "readlink", "/proc/self/ns/net"];
        const inside = output([...podman, "unshare", "env", `DOCKER_HOST=unix://${socketPath}`, ...words]);
        assertEquals(inside, `net:[${real.inode}]`);
        output([...podman, "rm", "-f", "-t", "0", id]);
      } finally {
        if (server?.exitCode === null) {
          const ended = once(server, "exit");
          process.kill(server.pid ?? 0, "SIGKILL");
          await ended;
        }
        spawnSync("umount", ["-l", join(folder, ".local/share/containers/storage/vfs")]);
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
}
