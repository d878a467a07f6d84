/** Output to a full disk, to a reader that goes away, and to closed streams. */
import { after, before, it } from "@std/testing/bdd";
import { assertEquals, assertMatch } from "@std/assert";
import { describeForms, Sandbox } from "./support.ts";

/** Makes standard error non-blocking, as a process may leave it for the next, and goes on as a command. */
const NON_BLOCKING =
  "import fcntl, os, sys; fcntl.fcntl(2, fcntl.F_SETFL, os.O_NONBLOCK); os.execvp(sys.argv[1], sys.argv[1:])";

describeForms("the output of netns", (command) => {
  let sandbox: Sandbox;
  /** Runs a line of bash, in which `netns` is the command. */
  const bash = (line: string) => {
    const script = `netns() { ${command.map((word) => `'${word}'`).join(" ")} "$@"; }; ${line}`;
    return sandbox.run(["bash", "-c", script]);
  };

  before(async () => {
    sandbox = await Sandbox.open();
    sandbox.output("mkdir", "-p", "/run/netns");
    sandbox.output("sh", "-c", "cd /run/netns && seq -f a-name-of-some-length-%g 3000 | xargs touch");
  });
  after(() => sandbox[Symbol.asyncDispose]());

  it("makes the command fail if it cannot be written", () => {
    for (const args of ["ls", "ls --json", "--help", "--version"]) {
      const { status, stderr } = bash(`netns ${args} >/dev/full`);
      assertEquals(status, 1, args);
      assertMatch(stderr, /^error: Cannot write to standard output: .*no space left on device.*\n$/i);
    }
  });

  it("ends quietly with its reader", () => {
    assertEquals(bash("set -o pipefail; netns ls | head -1"), {
      status: 0,
      signal: null,
      stdout: "NAME                        INODE  PATH\n",
      stderr: "",
    });
  });

  it("is complete in a pipe, whatever its length", () => {
    assertEquals(bash("netns ls --json | tail -c 3 && netns ls | wc -l").stdout, "}]\n3001\n");
  });

  it("is complete on standard error too, in a pipe that is full and that another process has made non-blocking", () => {
    const fault = (_: unknown, i: number): string => `  - { name: x${i}, type: ${"y".repeat(80)} }\n`;
    const file = `name: faults\ninterfaces:\n${Array.from({ length: 1500 }, fault).join("")}`; // more than a pipe holds
    sandbox.run(["sh", "-c", "cat >/run/faults.yaml"], { input: file });
    const words = command.map((word) => `'${word}'`).join(" ");
    const plan = (before: string, after: string): string =>
      bash(`(${before} ${words} plan /run/faults.yaml 2>&1 >/dev/null) | (${after} cat)`).stdout;
    const whole = plan("", "");
    assertEquals(whole.length > 65_536, true);
    assertEquals(plan(`python3 -c '${NON_BLOCKING}'`, "sleep 2;") === whole, true);
    sandbox.output("rm", "/run/faults.yaml");
  });

  it("may be closed, as may the other streams", () => {
    assertEquals(bash("netns ls >&-").status, 0);
    assertEquals(bash("netns ls 2>&- <&- | wc -l").stdout, "3001\n");
    const { status, stderr } = bash("netns apply - <&-");
    assertEquals(status, 2);
    assertMatch(stderr, /^error: Cannot .*\n$/);
    assertEquals(bash("netns del nothing 2>&-").status, 1);
  });
});
