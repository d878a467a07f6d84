import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { Argument, Command } from "npm:commander@15.1.0";
import { fileArgument, nameArgument, namespaceArgument, newNameArgument } from "../../../../src/cli/arguments.ts";
import { candidatesOf } from "../../../../src/cli/completion/command_line.ts";
import { shellQuoted } from "../../../../src/cli/terminal/shell.ts";

const program = new Command("p");
program.command("one").description("d");
program.command("hidden", { hidden: true });

describe("candidatesOf()", () => {
  it("is the completion of each argument, or its choices", () => {
    const command = new Command("c")
      .addArgument(fileArgument())
      .addArgument(namespaceArgument())
      .addArgument(nameArgument("d"))
      .addArgument(newNameArgument())
      .addArgument(new Argument("<shell>", "d").choices(["bash", "zsh"]));
    assertEquals(candidatesOf(command, program), ["file", "namespace", "name", "nothing", ["bash", "zsh"]]);
  });

  it("is the visible commands for help", () => {
    const help = new Command("help").argument("[command]");
    assertEquals(candidatesOf(help, program), [["one", "help"]]);
  });
});

describe("shellQuoted()", () => {
  const cases = [["--json", "--json"], ["two words", "'two words'"], ["it's", "'it'\\''s'"], ["", "''"]] as const;
  for (const [text, quoted] of cases) it(`is ${quoted} for ${text}`, () => assertEquals(shellQuoted(text), quoted));
});
