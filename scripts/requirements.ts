/** What the tests use of the machine besides the kernel. The run names what is missing; in CI that is a failure. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";

/** A thing that may be there or not. */
interface Requirement {
  readonly name: string;
  readonly there: () => boolean;
}

/** Whether a command can be started; what it says about itself is of no interest. */
const command = (name: string, ...args: string[]): Requirement => ({
  name,
  there: () => spawnSync(name, args, { stdio: "ignore" }).error === undefined,
});

const REQUIREMENTS: readonly Requirement[] = [
  { name: "root (run it as root, or with sudo)", there: () => process.geteuid?.() === 0 },
  command("node", "--version"),
  command("ip", "-V"),
  command("ping", "-V"),
  command("nsenter", "--version"),
  command("cc", "--version"),
  command("strace", "-V"),
  command("tcpdump", "--version"),
  command("openssl", "version"),
  command("dockerd", "--version"),
  command("docker", "--version"),
  command("podman", "--version"),
  command("runc", "--version"),
  command("busybox", "true"),
  command("bash", "--version"),
  command("zsh", "--version"),
  command("fish", "--version"),
  command("script", "--version"),
  command("linux.uml", "--version"),
  command("qemu-system-x86_64", "--version"),
  command("ethtool", "--version"),
  command("nft", "--version"),
  command("etcd", "--version"),
  command("etcdctl", "version"),
  command("wg", "--version"),
  command("modprobe", "--version"),
  command("setpriv", "--version"),
  command("systemd-analyze", "--version"),
  command("redis-server", "--version"),
  command("nginx", "-v"),
  command("pasta", "--version"),
  command("slirp4netns", "--version"),
  { name: "CNI plugins in /usr/lib/cni", there: () => existsSync("/usr/lib/cni/ptp") },
  {
    name: "pyroute2 for /usr/bin/python3",
    there: () => spawnSync("/usr/bin/python3", ["-c", "import pyroute2"], { stdio: "ignore" }).status === 0,
  },
];

/** The names of what this machine does not have. */
export function missingRequirements(): string[] {
  return REQUIREMENTS.filter(({ there }) => !there()).map(({ name }) => name);
}
