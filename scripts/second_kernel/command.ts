/** How a command gets to run on a second kernel, whichever emulator runs that kernel. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** A program and its arguments. */
export type CommandLine = readonly [command: string, args: readonly string[]];

/** What can be said of a run. */
export interface KernelOptions {
  /** The memory of the guest, as `2048M`. */
  readonly memory?: string | undefined;
  /** Seconds until the run is ended, from the start of the emulator. */
  readonly timeout?: number | undefined;
  /** Kernel modules to load before the command; one that is missing is an error. */
  readonly modules?: readonly string[] | undefined;
  /** Parameters of the kernel's command line, as `ipv6.disable=1`. */
  readonly parameters?: readonly string[] | undefined;
  /** Folders of the machine in which the command writes; elsewhere what it writes goes to the guest's memory. */
  readonly writable?: readonly string[] | undefined;
}

/** An emulator, and what is particular to its guests. */
export interface Emulator {
  /** The command line. Descriptors 5 and 6 are its guest's stdout and stderr, its own stdout is the console of the kernel. */
  readonly command: readonly string[];
  /** The folder with a folder of modules for each release of the kernel. */
  readonly kernelModules: string;
  /** The devices of the guest that lead to descriptors 5 and 6. */
  readonly outputs: readonly [string, string];
  /** The body of a shell function that mounts the machine's folder `$1`, writable, at `$2`. */
  readonly share: string;
}

/** The longest that a run may take, in seconds, unless an option says otherwise. */
const TIMEOUT = 300;

/** The program that is process 1 in the guest. */
export const guestProgram: string = fileURLToPath(new URL("guest.sh", import.meta.url));
const hostProgram = fileURLToPath(new URL("host.sh", import.meta.url));

/**
 * A mount namespace and a process namespace, which end with the process that starts this; root in it for an ordinary
 * user. What follows is a command line.
 */
function ownNamespaces(): string[] {
  const asRoot = process.geteuid?.() === 0 ? [] : ["unshare", "--map-root-user", "--"];
  const kept = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child", "--"];
  return [...asRoot, ...kept];
}

/** The command line that runs `command` in the guest of `emulator`. */
export function onKernel(
  emulator: Emulator,
  command: string,
  args: readonly string[],
  { timeout = TIMEOUT, modules = [], writable = [] }: KernelOptions,
): CommandLine {
  const settings = [
    `kernel_modules=${quoted(emulator.kernelModules)}`,
    `share() { ${emulator.share}; }`,
    `outputs=${list(emulator.outputs)}`,
    `modules=${list(modules)}`,
    `writable=${list(writable)}`,
    `folder=${quoted(process.cwd())}`,
    `command=${list([command, ...args])}`,
  ].join("\n");
  const [first = "", ...rest] = ownNamespaces();
  return [first, [...rest, hostProgram, String(timeout), settings, ...emulator.command]];
}

/** A text as one word of a shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const list = (texts: readonly string[]): string => `(${texts.map(quoted).join(" ")})`;

/**
 * Runs the command that the arguments of this process name, and gives its exit status.
 *
 * @param usage What to write when the arguments are wrong.
 * @param wrap The command line for a command and its options.
 */
export function runAsAsked(
  usage: string,
  wrap: (command: string, args: readonly string[], options: KernelOptions) => CommandLine,
): number {
  const end = process.argv.indexOf("--");
  const [own, [command, ...args]] = end < 0
    ? [process.argv.slice(2), []]
    : [process.argv.slice(2, end), process.argv.slice(end + 1)];
  const options = optionsOf(own);
  if (options === undefined || command === undefined) {
    console.error(usage);
    return 2;
  }
  const [program, programArgs] = wrap(command, args, options);
  const { status, error } = spawnSync(program, programArgs, { stdio: ["ignore", "inherit", "inherit"] });
  if (error !== undefined) console.error(`${program}: ${error.message}`);
  // unshare(1) exits with 1, as the command may.
  if (status === 1 && !canHaveNamespaces()) return 125;
  return status ?? 125;
}

function optionsOf(args: string[]): KernelOptions | undefined {
  try {
    const { values } = parseArgs({
      args,
      options: {
        memory: { type: "string" },
        timeout: { type: "string" },
        module: { type: "string", multiple: true },
        parameter: { type: "string", multiple: true },
        writable: { type: "string", multiple: true },
      },
    });
    const timeout = values.timeout === undefined ? TIMEOUT : Number(values.timeout);
    if (!(timeout > 0)) throw new RangeError(`Cannot use ${values.timeout} as timeout: expected seconds, more than 0`);
    return {
      memory: values.memory,
      timeout,
      modules: values.module,
      parameters: values.parameter,
      writable: values.writable?.map((folder) => resolve(folder)),
    };
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function canHaveNamespaces(): boolean {
  const [command = "", ...args] = [...ownNamespaces(), "true"];
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}
