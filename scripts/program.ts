/** Builds the command: a file that starts it, and those of the commands that are run often; another one has all. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildOptions, Plugin } from "esbuild";
import { standardIo } from "../src/cli/main.ts";
import { COMMANDS } from "../src/cli/commands/all_commands.ts";
import { programFor } from "../src/cli/program.ts";
import { HELP_WIDTH } from "../src/cli/built_help.ts";
import { root } from "./bundle.ts";

/** A file that holds all of some commands: one file is loaded faster than a hundred. */
interface Program {
  /** Its name in `dist/`. */
  readonly name: string;
  /** Its commands. */
  readonly commands: readonly string[];
  /** The first words of other command lines for which it is enough. */
  readonly words?: readonly string[];
}

/** The files of the commands that people and scripts run often. */
export const PROGRAMS: readonly Program[] = [
  { name: "cli_small", commands: ["ls"], words: ["--help", "-h", "--version", "-V"] },
  { name: "cli_apply", commands: ["apply", "plan", "destroy"] },
];

/** The options of `esbuild` for the file that starts the command, from those of a bundle for Node. */
export function starterOptions(node: BuildOptions): BuildOptions {
  return {
    ...node,
    entryPoints: [{ in: "scripts/start.ts", out: "cli" }],
    define: {
      PROGRAMS: JSON.stringify(Object.fromEntries(
        PROGRAMS.flatMap(({ name, commands, words = [] }) =>
          [...commands, ...words].map((word) => [word, `./${name}.cjs`])
        ),
      )),
    },
  };
}

/** The options for the file of some commands, which is of CommonJS: Node loads its own modules faster for it. */
export function programOptions(node: BuildOptions, { name, commands }: Program): BuildOptions {
  return {
    ...node,
    format: "cjs",
    outExtension: { ".js": ".cjs" },
    entryPoints: [{ in: "src/cli/start.ts", out: name }],
    plugins: [registryOf(commands), unusedByCommander(), ...node.plugins ?? []],
  };
}

/** Puts the help into the bundle: to make it, all commands are loaded. */
export function helpText(): Plugin {
  return {
    name: "help-text",
    setup({ onLoad }): void {
      onLoad({ filter: /[/]src[/]cli[/]built_help\.ts$/ }, async () => {
        const program = await programFor([], standardIo());
        const lines: string[] = [];
        program.configureOutput({ writeOut: (text) => lines.push(text), getOutHelpWidth: () => HELP_WIDTH });
        program.outputHelp();
        const text = JSON.stringify(lines.join("").trimEnd());
        return { contents: `export const HELP_WIDTH = ${HELP_WIDTH}, HELP_TEXT = ${text};`, loader: "ts" };
      });
    },
  };
}

/** Leaves the commands besides `commands` out of the registry. */
function registryOf(commands: readonly string[]): Plugin {
  return {
    name: "registry-of",
    setup({ onLoad }): void {
      onLoad({ filter: /[/]cli[/]commands[/]registry\.ts$/ }, ({ path }) => {
        let left = 0;
        const contents = readFileSync(path, "utf8").replace(/^ *\["(\w+)", async .*\n/gm, (line, name: string) => {
          if (commands.includes(name)) return line;
          left++;
          return "";
        });
        if (left !== COMMANDS.size - commands.length) throw new Error(`${path} has another layout`);
        return { contents, loader: "ts" };
      });
    },
  };
}

/** Leaves out what commander starts programs with: our commands are none. */
function unusedByCommander(): Plugin {
  return {
    name: "unused-by-commander",
    setup({ onResolve, onLoad }): void {
      onResolve({ filter: /^node:(child_process|fs)$/ }, ({ path, importer }) => (
        importer.startsWith(join(root, "node_modules/commander/")) ? { path, namespace: "unused" } : undefined
      ));
      onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "export default {};" }));
    },
  };
}
