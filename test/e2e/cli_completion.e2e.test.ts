/** `netns completion` in real shells: keys are typed, and the arguments that the command gets are compared. */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { after, before, describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { BUILT, describeBuilt, Sandbox } from "./support.ts";

/** Names with a meaning for a shell, readline or a command. */
const NAMES: readonly string[] = [
  ...["blue", "two words", "it's", 'say "hi"', "$HOME", "semi;colon", "back\\slash", "new\nline", "ünï", "PID:42"],
  ...["a:b:c", "at@host=x", "-dash", ".hidden", "*star", "#hash", "~tilde", "[x]"],
];

/** What is typed after `netns` and before a tab, and the resulting arguments; `undefined`: nothing is completed. */
const TYPED: readonly [typed: string, args: readonly string[] | undefined][] = [
  // names: unquoted, in quotes, and partly escaped
  ["del bl", ["del", "blue"]],
  ["del tw", ["del", "two words"]],
  ["del 'tw", ["del", "two words"]],
  ['del "tw', ["del", "two words"]],
  ["del two\\ ", ["del", "two words"]],
  ["del it", ["del", "it's"]],
  ['del "it', ["del", "it's"]],
  ["del say", ["del", 'say "hi"']],
  ["del 'say", ["del", 'say "hi"']],
  ["del \\$H", ["del", "$HOME"]],
  ["del '$H", ["del", "$HOME"]],
  ["del sem", ["del", "semi;colon"]],
  ["del back", ["del", "back\\slash"]],
  ["del new", ["del", "new\nline"]],
  ["del ün", ["del", "ünï"]],
  ["del PI", ["del", "PID:42"]],
  ["del a:b", ["del", "a:b:c"]],
  ["del at@h", ["del", "at@host=x"]],
  ["del .h", ["del", ".hidden"]],
  ["del \\*", ["del", "*star"]],
  ["del \\#", ["del", "#hash"]],
  ["del \\~", ["del", "~tilde"]],
  ["del \\[", ["del", "[x]"]],
  ["del -- -d", ["del", "--", "-dash"]],
  ["del -d", undefined], // the command would take it for an option
  ["add bl", undefined], // the name exists
  ["ls bl", undefined], // ls has no arguments
  // other forms of NS
  ["exec NAM", ["exec", "NAMED:PID:42"]],
  ["exec P", ["exec", "PID:"]],
  ["exec C", ["exec", "CONTAINER:"]],
  ["pids tw", ["pids", "two words"]],
  ["pids FILE:/run/fi", ["pids", "FILE:/run/file.yaml"]],
  // commands, options, and their values
  ["app", ["apply"]],
  ["--vers", ["--version"]],
  ["help wat", ["help", "watch"]],
  ["ls --js", ["ls", "--json"]],
  ["exec --h", ["exec", "--help"]],
  ["completion z", ["completion", "zsh"]],
  ["apply --json /run/fi", ["apply", "--json", "/run/file.yaml"]],
  // the command of exec
  ["exec blue netns-e2e-com", ["exec", "blue", "netns-e2e-command"]],
  ["exec blue -- netns-e2e-com", ["exec", "blue", "--", "netns-e2e-command"]],
  ["exec blue -- cat /run/fi", ["exec", "blue", "--", "cat", "/run/file.yaml"]],
  ["exec blue ls --js", undefined], // an option of ls(1), not of ours
];

const SHELLS = [
  {
    name: "bash",
    command: "bash --norc --noprofile -i",
    prepare: `bind "set completion-query-items 0"; eval "$(netns completion bash)"`,
  },
  {
    name: "zsh",
    command: "zsh -f -i",
    prepare: `autoload -Uz compinit; compinit -u -D; LISTMAX=9999; unsetopt beep; eval "$(netns completion zsh)"`,
  },
] as const;

describeBuilt("netns completion", () => {
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await Sandbox.open();
    sandbox.output("mkdir", "-p", "/run/netns", "/run/bin");
    // Completion looks only at the names.
    for (const name of NAMES) sandbox.output("touch", "--", `/run/netns/${name}`);
    sandbox.output("touch", "/run/file.yaml");
    sandbox.output("ln", "-s", "/bin/true", "/run/bin/netns-e2e-command");
    sandbox.output("ln", "-s", BUILT, "/run/bin/netns");
  });
  after(() => sandbox[Symbol.asyncDispose]());

  for (const { name, command, prepare } of SHELLS) {
    const missing = spawnSync(name, ["-c", "true"]).error !== undefined;
    const skip = missing && process.env["CI"] !== "true";
    if (skip) console.warn(`notice: completion for ${name} is skipped: it is not installed`);
    describe(name, { skip }, () => {
      let received: string[][] = [];

      before(() => {
        // A function replaces the command and records its arguments.
        const record = `netns() { printf '%s\\0' "$@" >>/run/arguments; printf '\\n' >>/run/arguments; }`;
        const keys = [prepare, record, ": >/run/arguments", ...TYPED.map(([typed]) => `netns ${typed}\t`), "exit", ""];
        sandbox.output("touch", "/run/arguments");
        sandbox.run(["script", "-qec", command, "/dev/null"], {
          input: keys.join("\n"),
          env: { INPUTRC: "/dev/null", TERM: "vt100", PATH: `${process.env["PATH"]}:/run/bin` },
        });
        received = sandbox.output("cat", "/run/arguments").split("\0\n").slice(0, -1).map((line) => line.split("\0"));
      });

      it("runs every line", () => assertEquals(received.length, TYPED.length));

      for (const [index, [typed, args]] of TYPED.entries()) {
        it(`completes ${JSON.stringify(typed)} to ${args === undefined ? "nothing" : JSON.stringify(args)}`, () => {
          assertEquals(received[index], args ?? typed.split(" "));
        });
      }
    });
  }

  const fishIsMissing = spawnSync("fish", ["-c", "true"]).error !== undefined;
  describe("fish", { skip: fishIsMissing && process.env["CI"] !== "true" }, () => {
    it("offers what completes each line", () => {
      const lines = TYPED.filter(([typed]) => !/["'\\]/.test(typed)); // how quotes are taken is the shell's own
      const list = lines.map(([typed]) => `'netns ${typed}'`).join(" ");
      const script = `netns completion fish | source; for line in ${list}; ` +
        `complete -C $line | string replace -r '\\t.*' ''; echo END; end`;
      const { stdout } = sandbox.run(["fish", "--no-config", "-c", script], {
        env: { HOME: "/run", PATH: `${process.env["PATH"]}:/run/bin` },
      });
      const offered = stdout.split("END\n").slice(0, -1).map((text) => text.split("\n").filter((line) => line !== ""));
      const expected = lines.map(([, args]) => args === undefined || args.at(-1) === "new\nline" ? [] : [args.at(-1)]);
      assertEquals(offered, expected);
    });
  });

  it("refuses an unknown shell, and lists the known ones", () => {
    const { status, stdout, stderr } = sandbox.run(["node", BUILT, "completion", "tcsh"]);
    assertEquals([status, stdout], [2, ""]);
    assertEquals(
      stderr,
      "error: command-argument value 'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish; " +
        "see netns completion --help\n",
    );
  });
});
