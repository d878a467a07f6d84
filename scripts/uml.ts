/**
 * Runs a command in User Mode Linux: a kernel that is a process of the machine, and has link kinds, qdiscs and filters that
 * the machine's kernel may lack.
 *
 *     deno run -A scripts/uml.ts [--memory 1024M] [--timeout 300] [--module vlan]… [--parameter ipv6.disable=1]…
 *         [--writable DIR]… -- COMMAND…
 *
 * The command runs as root in the working directory, with this environment and an empty stdin. It sees the files of the
 * machine. What it writes goes to the guest's memory, except in the folders of `--writable`. The guest has one CPU, and no
 * network but its own `lo`. The kernel loads most modules by itself; `--module` loads one, by the name that modprobe(8) or
 * `ip link add type` has for it, and fails if it is missing; `--parameter` is a word of the kernel's command line.
 *
 * stdout, stderr and the exit status are the command's; 124: the time is up; 125: the kernel did not start, and stderr says
 * why. Nothing is left behind, also when this program is killed. An ordinary user can run it where user namespaces are
 * allowed. Needs Debian's packages user-mode-linux, kmod, iproute2 and util-linux.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { type CommandLine, guestProgram, type KernelOptions, onKernel, runAsAsked } from "./second_kernel/command.ts";

const USAGE =
  "Usage: scripts/uml.ts [--memory 1024M] [--timeout SECONDS] [--module NAME]... [--parameter NAME=VALUE]... " +
  "[--writable DIR]... -- COMMAND...";

/** The command line that runs `command` in User Mode Linux. */
export function inUml(command: string, args: readonly string[], options: KernelOptions = {}): CommandLine {
  const kernel = [
    `mem=${options.memory ?? "1024M"}`,
    ...["root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "quiet", "devtmpfs.mount=0"],
    ...["con=null", "con0=null,fd:1", "con1=null,fd:5", "con2=null,fd:6"],
    ...["uml_dir=/dev/shm", "umid=uml"],
    "panic=-1", // ends it at once
    ...options.parameters ?? [],
    `init=${guestProgram}`,
  ];
  const emulator = {
    // The kernel and the processes in it take turns. On one processor that takes two thirds of the time.
    command: ["taskset", "--cpu-list", `${anyProcessor()}`, "linux.uml", ...kernel],
    kernelModules: "/usr/lib/uml/modules",
    outputs: ["/dev/tty1", "/dev/tty2"],
    share: 'mount -n -t hostfs -o "$1" machine "$2"',
  } as const;
  return onKernel(emulator, command, args, options);
}

/** One of the processors that this process may use: not always the same one, as two kernels may run at a time. */
function anyProcessor(): number {
  const [, list = "0"] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  const numbers = list.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  return numbers[process.pid % numbers.length] ?? 0;
}

if (import.meta.main) process.exit(runAsAsked(USAGE, inUml));
