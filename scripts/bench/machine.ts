/** What a measurement was made on. */
import { spawnSync } from "node:child_process";
import { cpus, release } from "node:os";

/** The machine and what is installed on it, in one line. */
export function machine(): string {
  const processor = cpus()[0]?.model.trim() || "unknown processor";
  const versions = [
    `Linux ${release()}`,
    `Deno ${Deno.version.deno}`,
    version("Node", "node", ["--version"]),
    version("gcc", "cc", ["-dumpfullversion"]),
    version("Go", "go", ["version"]),
    version("pyroute2", "/usr/bin/python3", ["-c", "import importlib.metadata as m; print(m.version('pyroute2'))"]),
    version("iproute2", "ip", ["-V"]),
    version("util-linux", "nsenter", ["--version"]),
  ];
  return [processor, `${cpus().length} processors`, ...versions.filter((one) => one !== undefined)].join(", ");
}

/** What a program says about itself, as far as it is a number with points; undefined if it is not there. */
function version(name: string, command: string, args: readonly string[]): string | undefined {
  const { stdout, status } = spawnSync(command, args, { encoding: "utf8" });
  const [number] = status === 0 ? stdout.match(/\d+(\.\d+)+/) ?? [] : [];
  return number === undefined ? undefined : `${name} ${number}`;
}
