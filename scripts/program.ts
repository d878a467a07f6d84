/** Builds the command: a file that starts it, a small one for the commands that are run often, and one for all. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildOptions, Plugin } from "esbuild";
import { standardIo } from "../src/cli/main.ts";
import { COMMANDS } from "../src/cli/commands/registry.ts";
import { programFor } from "../src/cli/program.ts";
import { HELP_WIDTH } from "../src/cli/help_text.ts";
import { root } from "./bundle.ts";

/** The commands of the small file: what is done in less time than Node needs for the files of the others. */
const SMALL_COMMANDS: readonly string[] = ["ls"];

/** The command lines of the small file, besides those of its commands. */
const SMALL_WORDS: readonly string[] = ["--help", "-h", "--version", "-V"];

/** The options of `esbuild` for the file that starts the command, from those of a bundle for Node. */
export function starterOptions(node: BuildOptions): BuildOptions {
  return {
    ...node,
    entryPoints: [{ in: "scripts/start.ts", out: "cli" }],
    define: { SMALL: JSON.stringify([...SMALL_COMMANDS, ...SMALL_WORDS]) },
  };
}

/** The options for the small file, which is one file and of CommonJS: Node loads its own modules faster for it. */
export function smallOptions(node: BuildOptions): BuildOptions {
  return {
    ...node,
    format: "cjs",
    outExtension: { ".js": ".cjs" },
    entryPoints: [{ in: "src/cli/start.ts", out: "cli_small" }],
    plugins: [smallRegistry(), unusedByCommander(), ...node.plugins ?? []],
  };
}

/** Puts the help into the bundle: to make it, all commands are loaded. */
export function helpText(): Plugin {
  return {
    name: "help-text",
    setup({ onLoad }): void {
      onLoad({ filter: /[/]src[/]cli[/]help_text\.ts$/ }, async () => {
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

/** Leaves the other commands out of the registry. */
function smallRegistry(): Plugin {
  return {
    name: "small-registry",
    setup({ onLoad }): void {
      onLoad({ filter: /[/]cli[/]commands[/]registry\.ts$/ }, ({ path }) => {
        let left = 0;
        const contents = readFileSync(path, "utf8").replace(/^ *\["(\w+)", async .*\n/gm, (line, name: string) => {
          if (SMALL_COMMANDS.includes(name)) return line;
          left++;
          return "";
        });
        if (left !== COMMANDS.size - SMALL_COMMANDS.length) throw new Error(`${path} has another layout`);
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
