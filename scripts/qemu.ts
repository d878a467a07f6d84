/**
 * Runs a command on Debian's kernel in QEMU: for what User Mode Linux lacks, as WireGuard and xfrm.
 *
 *     deno run -A scripts/qemu.ts [--memory 1024M] [--timeout 300] [--module wireguard]… [--writable DIR]… -- COMMAND…
 *
 * All is as in `scripts/uml.ts`, but slower: each instruction is translated. The first run fetches the kernel by
 * `apt-get download`, and keeps it in `node_modules/.cache/netns-kernel`; without that folder the next run fetches the
 * newest. For x64. Needs Debian's packages qemu-system-x86, busybox-static, kmod, iproute2 and util-linux.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { root } from "./bundle.ts";
import {
  type CommandLine,
  guestProgram,
  type KernelOptions,
  onKernel,
  quoted,
  runAsAsked,
} from "./second_kernel/command.ts";

const USAGE =
  "Usage: scripts/qemu.ts [--memory 1024M] [--timeout SECONDS] [--module NAME]... [--writable DIR]... -- COMMAND...";

const KERNEL = join(root, "node_modules/.cache/netns-kernel");
const PACKAGE = "linux-image-amd64"; // linux-image-cloud-amd64 has no 9p

/** What a network test needs of the kernel's modules, and what the guest needs to start. */
const MODULES = ["arch", "crypto", "fs/9p", "fs/fscache", "fs/netfs", "fs/overlayfs", "lib", "net"]
  .concat("drivers/char", "drivers/net", "drivers/virtio");

/** The command line that runs `command` in QEMU. Fetches the kernel, if that is missing. */
export function inQemu(command: string, args: readonly string[], options: KernelOptions = {}): CommandLine {
  const { image, initramfs, modules } = kernel();
  const shares = ["/dev/shm", ...options.writable ?? []].map((path, i) => ({ path, tag: `share${i}` }));
  const share = (path: string, tag: string, more = ""): string[] => [
    "-virtfs",
    `local,path=${path},mount_tag=${tag},security_model=none,multidevs=remap${more}`,
  ];
  const output = (name: string, port: number, path: string): string[] => [
    ...["-chardev", `file,id=${name},path=${path}`],
    ...["-device", `virtserialport,nr=${port},chardev=${name}`],
  ];
  const emulator = {
    command: [
      "qemu-system-x86_64",
      ...["-M", "q35", "-cpu", "max", "-accel", "tcg,thread=multi", "-smp", "2", "-m", options.memory ?? "1024M"],
      ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"],
      ...["-kernel", image, "-initrd", initramfs],
      ...["-append", `console=ttyS0 quiet panic=-1 guest=${guestProgram}`],
      ...["-chardev", "file,id=console,path=/dev/shm/console,append=on", "-serial", "chardev:console"],
      ...["-device", "virtio-serial-pci"],
      ...output("out", 1, "/dev/shm/out"),
      ...output("err", 2, "/dev/shm/err"),
      ...share("/", "machine", ",readonly=on"),
      ...shares.flatMap(({ path, tag }) => share(path, tag)),
    ],
    kernelModules: modules,
    outputs: ["/dev/vport0p1", "/dev/vport0p2"],
    share: `case $1 in ${shares.map(({ path, tag }) => `${quoted(path)}) tag=${tag} ;; `).join("")}esac
      mount -n -t 9p -o trans=virtio,version=9p2000.L,cache=mmap,msize=262144 "$tag" "$2"`,
  } as const;
  return onKernel(emulator, command, args, options);
}

interface Kernel {
  readonly image: string;
  readonly initramfs: string;
  /** The folder with a folder of modules for the release. */
  readonly modules: string;
}

function kernel(): Kernel {
  if (!existsSync(KERNEL)) fetchKernel();
  const modules = join(KERNEL, "lib/modules");
  const [release = ""] = readdirSync(modules);
  return { image: join(KERNEL, `boot/vmlinuz-${release}`), initramfs: join(KERNEL, "initramfs"), modules };
}

/** Fetches the newest kernel and unpacks what is needed of it. */
function fetchKernel(): void {
  mkdirSync(dirname(KERNEL), { recursive: true });
  const folder = mkdtempSync(`${KERNEL}-`);
  try {
    const [name] = output(folder, "apt-cache", "depends", PACKAGE).match(/linux-image-\d\S+/) ?? [];
    if (name === undefined) throw new Error(`${PACKAGE} depends on no kernel`);
    output(folder, "apt-get", "download", "-qq", name);
    const wanted = ["./boot/vmlinuz-*", "./lib/modules/*/modules.*"]
      .concat(MODULES.map((path) => `./lib/modules/*/kernel/${path}/*`));
    const unpack = 'dpkg-deb --fsys-tarfile ./*.deb | tar -x --wildcards "$@" && rm ./*.deb';
    output(folder, "sh", "-c", unpack, "sh", ...wanted);
    const [release = ""] = readdirSync(join(folder, "lib/modules"));
    output(folder, "depmod", "-b", folder, release);
    output(folder, fileURLToPath(new URL("second_kernel/initramfs.sh", import.meta.url)), folder, release);
    renameSync(folder, KERNEL);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a command writes, which must succeed. */
function output(cwd: string, command: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? stderr}`);
  return stdout;
}

if (import.meta.main) process.exit(runAsAsked(USAGE, inQemu));
