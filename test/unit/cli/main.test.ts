import process from "node:process";
import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMANDS, SYNONYMS } from "../../../src/cli/commands/all_commands.ts";
import { main } from "../../../src/cli/main.ts";
import { fakeIo } from "./fake_io.ts";

const NAMES = [...COMMANDS.keys()];

describe("main()", () => {
  it("prints the version", async () => {
    const io = fakeIo();
    assertEquals(await main(["--version"], io), 0);
    assertEquals(io.printed.length, 1);
    assertMatch(io.printed.join(), /^\d+\.\d+\.\d+/);
  });

  it("lists every command and an example in its help", async () => {
    const io = fakeIo();
    assertEquals(await main(["--help"], io), 0);
    const text = io.printed.join("\n");
    for (const command of NAMES) assertMatch(text, new RegExp(`^ +${command}\\b`, "m"));
    assertStringIncludes(text, "Example:\n  sudo netns apply topology.yaml");
    assertEquals(io.complaints, []);
  });

  it("prints help with an example for each command", async () => {
    for (const command of NAMES) {
      const io = fakeIo();
      assertEquals(await main([command, "--help"], io), 0, command);
      const text = io.printed.join("\n");
      assertStringIncludes(text, `Usage: netns ${command}`);
      assertMatch(text, new RegExp(`Examples?:\n  (sudo |eval "\\$\\()?netns ${command}\\b`), command);
      assertEquals(io.complaints, []);
    }
  });

  it("prints the help of a command also as help COMMAND", async () => {
    const [asCommand, asOption] = [fakeIo(), fakeIo()];
    assertEquals([await main(["help", "ls"], asCommand), await main(["ls", "--help"], asOption)], [0, 0]);
    assertEquals(asCommand.printed, asOption.printed);
  });

  it("gives the status of its own work, whatever that of the process is to be", async () => {
    const before = process.exitCode;
    process.exitCode = 1;
    try {
      assertEquals([await main(["help", "ls"], fakeIo()), await main(["help"], fakeIo())], [0, 0]);
      assertEquals([await main([], fakeIo()), await main(["--"], fakeIo())], [2, 2]);
    } finally {
      process.exitCode = before;
    }
  });

  it("treats no command at all as bad use, and prints the help", async () => {
    const io = fakeIo();
    assertEquals(await main([], io), 2);
    assertStringIncludes(io.complaints.join("\n"), "Usage: netns");
    assertEquals(io.printed, []);
  });

  it("answers what other tools call a command with ours", async () => {
    for (const [theirs, ours] of SYNONYMS) {
      if (theirs.startsWith("-")) continue;
      const io = fakeIo();
      assertEquals(await main([theirs], io), 2);
      assertEquals(io.complaints, [`error: unknown command '${theirs}' (Did you mean ${ours}?)`]);
    }
  });

  const bad: [why: string, argv: string[], message: RegExp][] = [
    ["an unknown command, with a suggestion", ["aply", "x"], /unknown command 'aply' \(Did you mean apply\?\)/],
    ["what another tool calls apply", ["up"], /unknown command 'up' \(Did you mean apply\?\)/],
    ["a shell in a namespace", ["shell", "blue"], /unknown command 'shell' \(Did you mean exec NS -- sh\?\)/],
    ["--dry-run", ["apply", "x.yaml", "--dry-run"], /unknown option '--dry-run' \(Did you mean netns plan\?\)/],
    ["help for an unknown command", ["help", "aply"], /unknown command 'aply' \(Did you mean apply\?\)/],
    ["help of an unknown command", ["aply", "--help"], /unknown command 'aply' \(Did you mean apply\?\)/],
    [
      "the name that `ip netns` has for a command, with ours",
      ["monitor"],
      /unknown command 'monitor' \(Did you mean watch\?\)/,
    ],
    ["identify of text that is no PID", ["identify", "self"], /^error: Cannot use self as PID: expected a process id$/],
    [
      "identify of a PID that is too large",
      ["identify", "4194305"],
      /^error: Cannot use 4194305 as PID: expected .* 4194304$/,
    ],
    ["pids of an empty name", ["pids", ""], /^error: Cannot use "" as a namespace: expected/],
    ["completion without a shell", ["completion"], /missing required argument 'shell'/],
    [
      "completion for an unknown shell",
      ["completion", "tcsh"],
      /Allowed choices are bash, zsh, fish; see netns completion --help$/,
    ],
    ["an unknown option of the program", ["--verbos"], /unknown option '--verbos'/],
    [
      "an unknown option of a command, with a suggestion",
      ["ls", "--jsn"],
      /unknown option '--jsn' \(Did you mean --json/,
    ],
    ["apply without FILE", ["apply"], /Give a FILE: there is no netns\.yaml here; see netns apply --help$/],
    ["destroy without FILE", ["destroy"], /Give a FILE, or --name: there is no netns\.yaml here/],
    ["a missing argument", ["add"], /missing required argument 'name'; see netns add --help$/],
    ["one argument too many", ["del", "a", "b"], /too many arguments/],
    ["exec without a command", ["exec", "blue"], /expected a command after NS --/],
    ["exec with -- and nothing after it", ["exec", "blue", "--"], /expected a command after NS --|expected a command/],
    ["exec of an empty command", ["exec", "blue", "--", ""], /expected a command/],
    ["exec in an invalid PID", ["exec", "PID:x", "--", "true"], /Cannot use "PID:x" as a namespace/],
    ...["", ".", "..", "a/b", "a\0b", "x".repeat(256)].flatMap((name): [string, string[], RegExp][] => [
      [
        `add of ${JSON.stringify(name.slice(0, 9))}`,
        ["add", "--", name],
        /^error: Cannot use ".*" as a namespace name/,
      ],
      [
        `del of ${JSON.stringify(name.slice(0, 9))}`,
        ["del", "--", name],
        /^error: Cannot use ".*" as a namespace name/,
      ],
      [
        `exec in ${JSON.stringify(name.slice(0, 9))}`,
        ["exec", name, "--", "true"],
        /^error: Cannot use ".*" as a names/,
      ],
    ]),
  ];
  for (const [why, argv, message] of bad) {
    it(`refuses ${why}, with status 2`, async () => {
      const io = fakeIo();
      assertEquals(await main(argv, io), 2);
      assertEquals(io.printed, []);
      assertMatch(io.complaints.join("\n"), message);
    });
  }

  it("keeps help within 80 columns", async () => {
    for (const argv of [["--help"], ...NAMES.map((command) => [command, "--help"])]) {
      const io = fakeIo();
      assertEquals(await main(argv, io), 0);
      assertEquals(io.printed.join("\n").split("\n").filter((line) => line.length > 80), [], argv.join(" "));
    }
  });

  it("prints completion scripts with every command", async () => {
    for (const shell of ["bash", "zsh"]) {
      const io = fakeIo();
      assertEquals(await main(["completion", shell], io), 0);
      const text = io.printed.join("\n");
      for (const command of NAMES) assertMatch(text, new RegExp(`^ *${command}\\) .*--help`, "m"));
    }
  });

  it("fails if its output could not be written", async () => {
    const io = { ...fakeIo(), flushed: () => Promise.resolve(new Error("ENOSPC: no space left on device, write")) };
    assertEquals(await main(["--version"], io), 1);
    assertEquals(io.complaints, ["error: Cannot write to standard output: ENOSPC: no space left on device"]);
  });

  it("reports each fault of a file on a line, with status 2", async () => {
    const io = fakeIo("interfaces:\n  - { name: a, type: VETH, ipAddresses: [10.0.0.999/24], nonsense: 1 }\n");
    assertEquals(await main(["plan", "-"], io), 2);
    const lines = io.complaints.join("\n").split("\n");
    assert(lines.length >= 3, lines.join("\n"));
    assertStringIncludes(lines.join("\n"), "interfaces[0].ipAddresses[0]");
    assertStringIncludes(lines.join("\n"), "nonsense");
  });

  it("refuses a file that is not UTF-8, with status 2", async () => {
    const io = fakeIo(new Uint8Array([0xff, 0xfe, 0x00]));
    assertEquals(await main(["apply", "-"], io), 2);
    assertMatch(io.complaints.join("\n"), /^error: Cannot read standard input: .*UTF-8/);
  });
});
