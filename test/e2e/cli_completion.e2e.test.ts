/** `netns completion`: what real shells make of keys that are typed, up to the arguments that a command gets. */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { after, before, describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { BUILT, describeBuilt, Sandbox } from "./support.ts";

/** Names that a shell, readline or a command could take for something else. */
const NAMES: readonly string[] = [
  ...["blue", "two words", "it's", 'say "hi"', "$HOME", "semi;colon", "back\\slash", "new\nline", "ünï", "PID:42"],
  ...["a:b:c", "at@host=x", "-dash", ".hidden", "*star", "#hash", "~tilde", "[x]"],
];

/** What is typed after `netns` and before a tab, and the arguments that come of it; `undefined`: what was typed. */
const TYPED: readonly [typed: string, args: readonly string[] | undefined][] = [
  // names, as they are, in quotation marks, and after a part that is quoted
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
  ["del -d", undefined], // it would be taken for an option
  ["add bl", undefined], // a name that is taken
  ["ls bl", undefined], // which takes none
  // other forms of NS
  ["exec NAM", ["exec", "NAMED:PID:42"]],
  ["exec P", ["exec", "PID:"]],
  ["pids tw", ["pids", "two words"]],
  ["pids FILE:/run/fi", ["pids", "FILE:/run/file.yaml"]],
  // commands, options, and what they take
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
    // A name is all that is looked at.
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
      let heard: string[][] = [];

      before(() => {
        // In the place of the command stands one that tells its arguments.
        const told = `netns() { printf '%s\\0' "$@" >>/run/told; printf '\\n' >>/run/told; }`;
        const keys = [prepare, told, ": >/run/told", ...TYPED.map(([typed]) => `netns ${typed}\t`), "exit", ""];
        sandbox.output("touch", "/run/told");
        sandbox.run(["script", "-qec", command, "/dev/null"], {
          input: keys.join("\n"),
          env: { INPUTRC: "/dev/null", TERM: "vt100", PATH: `${process.env["PATH"]}:/run/bin` },
        });
        heard = sandbox.output("cat", "/run/told").split("\0\n").slice(0, -1).map((line) => line.split("\0"));
      });

      it("hears every line", () => assertEquals(heard.length, TYPED.length));

      for (const [index, [typed, args]] of TYPED.entries()) {
        it(`makes of ${JSON.stringify(typed)} ${args === undefined ? "nothing more" : JSON.stringify(args)}`, () => {
          assertEquals(heard[index], args ?? typed.split(" "));
        });
      }
    });
  }

  it("fails for a shell that it does not know, with those that it does", () => {
    const { status, stdout, stderr } = sandbox.run(["node", BUILT, "completion", "fish"]);
    assertEquals([status, stdout], [2, ""]);
    assertEquals(
      stderr,
      "error: command-argument value 'fish' is invalid for argument 'shell'. Allowed choices are bash, zsh; " +
        "see netns completion --help\n",
    );
  });
});
