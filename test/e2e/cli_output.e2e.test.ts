/** Output to a full disk, to a reader that goes away, and to closed streams. */
import { after, before, it } from "@std/testing/bdd";
import { assertEquals, assertMatch } from "@std/assert";
import { describeForms, Sandbox } from "./support.ts";

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

  it("may be closed, as may the other streams", () => {
    assertEquals(bash("netns ls >&-").status, 0);
    assertEquals(bash("netns ls 2>&- <&- | wc -l").stdout, "3001\n");
    const { status, stderr } = bash("netns apply - <&-");
    assertEquals(status, 2);
    assertMatch(stderr, /^error: Cannot .*\n$/);
    assertEquals(bash("netns del nothing 2>&-").status, 1);
  });
});
