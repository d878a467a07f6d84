/** Builds the command: a file that starts it, and those of the commands that are run often; another one has all. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, type BuildOptions, type BuildResult, type Plugin } from "esbuild";
import { standardIo } from "../src/cli/main.ts";
import { COMMANDS } from "../src/cli/commands/all_commands.ts";
import { programFor } from "../src/cli/program.ts";
import { HELP_WIDTH } from "../src/cli/built_help.ts";
import { root } from "./bundle.ts";
import { buildBeside, type Frame, type SeldomUsed } from "./seldom.ts";

/** A file that holds all of some commands: one file is loaded faster than a hundred. */
interface Program {
  /** Its name in `dist/`. */
  readonly name: string;
  /** Its commands. */
  readonly commands: readonly string[];
  /** The first words of other command lines for which it is enough. */
  readonly words?: readonly string[];
  /** True if nearly each of its command lines needs nearly all of it. */
  readonly isNeededWhole?: boolean;
  /** What few of them need. */
  readonly seldom?: SeldomUsed;
}

/** What `apply`, `plan` and `destroy` need for few topologies, and what only a program or an agent needs. */
const SELDOM = new RegExp(
  "^(?:" + [
    "capture/",
    "configurator/agent/",
    "microservices/(?:client/|log\\.ts)",
    "netlink/(?:ethtool|nftables|sockdiag|wireguard)/",
    "netlink/events\\.ts",
    "netlink/tc/(?:action|class|filter|qdisc)/",
    "netns/(?:dns|http|sockets)/",
    "netns/(?:namespace_)?worker(?:_options)?\\.ts",
  ].join("|") + ")",
);

/** The files of the commands that people and scripts run often. */
export const PROGRAMS: readonly Program[] = [
  { name: "cli_small", commands: ["ls"], words: ["--help", "-h", "--version", "-V"] },
  {
    name: "cli_apply",
    commands: ["apply", "plan", "destroy"],
    isNeededWhole: true,
    seldom: { name: "cli_apply_seldom", modules: SELDOM },
  },
];

/** Builds the file of some commands, and the one beside it. */
export async function buildProgram(node: BuildOptions, program: Program): Promise<BuildResult[]> {
  const { seldom, ...own } = program;
  if (seldom === undefined) return [await build(programOptions(node, own))];
  return await buildBeside(
    seldom,
    (frame) => bundleOptions(node, own, frame),
    (frame) => programOptions(node, own, frame),
  );
}

/** The options of `esbuild` for the file that starts the command, from those of a bundle for Node. */
export function starterOptions(node: BuildOptions): BuildOptions {
  return {
    ...node,
    format: "cjs", // what Node starts as a module of its own takes it a tenth longer
    outExtension: { ".js": ".cjs" },
    external: [...node.external ?? [], "./cli_all.js"],
    entryPoints: [{ in: "scripts/start.ts", out: "cli" }],
    define: {
      PROGRAMS: JSON.stringify(Object.fromEntries(
        PROGRAMS.flatMap(({ name, commands, words = [] }) =>
          [...commands, ...words].map((word) => [word, `./${name}.cjs`])
        ),
      )),
      LARGE_PROGRAM: JSON.stringify(`./${PROGRAMS.find(({ isNeededWhole }) => isNeededWhole)?.name}.cjs`),
    },
  };
}

/** The options for the file of some commands. */
function programOptions(node: BuildOptions, program: Program, frame: Frame = {}): BuildOptions {
  const { name, commands, isNeededWhole = false } = program;
  const options = bundleOptions(node, program, isNeededWhole ? asFunction(frame) : frame);
  return {
    ...options,
    entryPoints: [{ in: "src/cli/start.ts", out: name }],
    plugins: [
      registryOf(commands, isNeededWhole),
      ...isNeededWhole ? [loadedAtOnce()] : [],
      unusedByCommander(),
      ...options.plugins ?? [],
    ],
  };
}

/** What CommonJS gives a module. */
const OF_MODULE = "exports, require, module, __filename, __dirname";

/**
 * Makes a file a function of what CommonJS gives a module: whoever runs the file as a script has that function, and where
 * a module loads it, it is called. To put the text of the file between two others costs Node as much as to read it.
 */
function asFunction({ banner = "", footer = "" }: Frame): Frame {
  const run = `typeof module === "undefined" ? (program) => program : (program) => program(${OF_MODULE})`;
  return { banner: `${banner}(${run})((function (${OF_MODULE}) {`, footer: `${footer}}));` };
}

/** The options for a file of the command, which is of CommonJS: Node loads its own modules faster for it. */
function bundleOptions(node: BuildOptions, { isNeededWhole = false }: Program, frame?: Frame): BuildOptions {
  return {
    ...node,
    format: "cjs",
    define: { KOFFI_VERSION: JSON.stringify(koffiVersion()) },
    external: [...node.external ?? [], "@koromix/*", "#koffi"],
    // Node reads all of it at each start: of the large one that is half.
    ...isNeededWhole ? { minifyWhitespace: true, minifyIdentifiers: true, lineLimit: 120 } : {},
    outExtension: { ".js": ".cjs" },
    plugins: [builtinsWhenNeeded(frame), koffiForPrograms(), ...node.plugins ?? []],
  };
}

/** The version of koffi that the package asks for. */
function koffiVersion(): string {
  const text = readFileSync(join(root, "package.json"), "utf8");
  return (JSON.parse(text) as { dependencies: { koffi: string } }).dependencies.koffi;
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
function registryOf(commands: readonly string[], isAtOnce: boolean): Plugin {
  return {
    name: "registry-of",
    setup({ onLoad, onEnd }): void {
      let isFound = false;
      onEnd(() => {
        if (!isFound) throw new Error("the registry of commands is another file: each program has all commands");
      });
      onLoad({ filter: /[/]cli[/]commands[/]all_commands\.ts$/ }, ({ path }) => {
        isFound = true;
        let left = 0;
        const contents = readFileSync(path, "utf8").replace(/^ *\["(\w+)", async .*\n/gm, (line, name: string) => {
          if (commands.includes(name)) return line;
          left++;
          return "";
        });
        if (left !== COMMANDS.size - commands.length) throw new Error(`${path} has another layout`);
        return { contents: isAtOnce ? atOnce(contents) : contents, loader: "ts" };
      });
    },
  };
}

/** `await import("./x.ts")`, as the command loads what only some of its lines need. */
const LATER = /\bawait import\("(\.[^"]+\.ts|npm:[^"]+)"\)/g;

/** Imports at the start of a module what it would import later. */
function atOnce(text: string): string {
  const imports: string[] = [];
  const contents = text.replace(LATER, (_, path: string) => {
    const name = `atOnce${imports.length}`;
    imports.push(`import * as ${name} from ${JSON.stringify(path)};`);
    return name;
  });
  return imports.join("") + contents;
}

/**
 * Has the modules of the command load all that they need at once. What is loaded later, esbuild puts into functions, which
 * V8 parses twice: once to find their ends, and again when they are called.
 */
function loadedAtOnce(): Plugin {
  return {
    name: "loaded-at-once",
    setup({ onLoad }): void {
      onLoad({ filter: /[/]src[/]cli[/].*\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        return text.search(LATER) === -1 ? undefined : { contents: atOnce(text), loader: "ts" };
      });
    },
  };
}

/** Has a program load the binary of koffi itself. */
function koffiForPrograms(): Plugin {
  return {
    name: "koffi-for-programs",
    setup({ onResolve }): void {
      onResolve({ filter: /^\.[/]koffi\.ts$/ }, () => ({ path: join(root, "ffi/node/koffi_program.ts") }));
    },
  };
}

/** The modules of Node that it has not loaded itself when a program starts, and that most command lines do without. */
const BUILTINS_FOR_SOME = "(?:child_process|crypto|dgram|fs/promises|http|https|module|net|tty|util|worker_threads)";

/** How esbuild loads one of them: `= require("node:http")`, `= __toESM(require("node:http"), 1)`. */
const LOADED_BUILTIN = new RegExp(
  `=(\\s*)((?:[\\w$]+\\()?require\\("node:${BUILTINS_FOR_SOME}"\\)(?:,\\s*1\\))?)`,
  "g",
);

/** An object that stands for a module, and loads it for the first member that somebody asks for. */
const WHEN_NEEDED = "var __whenNeeded = (load, module) => " +
  "new Proxy({}, { get: (_, name) => (module ??= load())[name] });";

/** Has a program of CommonJS load modules of Node when it uses them: each costs a start up to a twentieth. */
function builtinsWhenNeeded({ banner = "", footer = "" }: Frame = {}): Plugin {
  return {
    name: "builtins-when-needed",
    setup({ initialOptions, onEnd }): void {
      initialOptions.banner = { js: WHEN_NEEDED + banner };
      initialOptions.footer = { js: footer };
      initialOptions.write = false;
      onEnd(({ outputFiles = [] }) => {
        for (const { path, text } of outputFiles) {
          if (/[^\0-\x7f]/.test(text)) throw new Error(`${path} is not ASCII, as which it is read`);
          writeFileSync(path, text.replace(LOADED_BUILTIN, "=$1__whenNeeded(() => $2)"));
        }
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
