/** Standard input of the command, as pipes, files and other processes give it. */
import { after, before, it } from "@std/testing/bdd";
import { assertEquals, assertMatch } from "@std/assert";
import { describeForms, type Outcome, Sandbox } from "./support.ts";

const NAMES = Array.from({ length: 20_000 }, (_, i) => `n${i}`);
/** More than a pipe holds. */
const LARGE = `namespaces: [${NAMES.join(", ")}]\n`;

/** Makes standard input non-blocking, as a process may leave it for the next, and goes on as a command. */
const NON_BLOCKING =
  "import fcntl, os, sys; fcntl.fcntl(0, fcntl.F_SETFL, os.O_NONBLOCK); os.execvp(sys.argv[1], sys.argv[1:])";

describeForms("standard input of netns", (command) => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.open();
    sandbox.run(["sh", "-c", "cat >/run/large.yaml"], { input: LARGE });
  });
  after(() => sandbox[Symbol.asyncDispose]());

  const validate = [...command, "validate", "-"];
  const shell = (line: string, ...words: string[]): Outcome => sandbox.run(["sh", "-c", line, "sh", ...words]);

  it("is read to its end from a pipe, a slow one, a file and nothing", () => {
    const whole = sandbox.run(validate, { input: LARGE });
    assertEquals([whole.status, whole.stderr], [0, ""]);
    for (const line of ['(cat /run/large.yaml; sleep 0.5; echo "# end") | "$@"', '"$@" </run/large.yaml']) {
      assertEquals(shell(line, ...validate), whole, line);
    }
    assertEquals(shell('"$@" </dev/null', ...validate), shell('"$@" <&-', ...validate));
  });

  it("is read to its end if another process has made it non-blocking", () => {
    const line = '(sleep 0.3; head -c 1000 /run/large.yaml; sleep 0.5; tail -c +1001 /run/large.yaml) | "$@"';
    const outcome = shell(line, "python3", "-c", NON_BLOCKING, ...validate);
    assertEquals(outcome, sandbox.run(validate, { input: LARGE }));
  });

  it("is an error where it is a directory", () => {
    const { status, stderr } = shell('"$@" </run', ...validate);
    assertEquals(status, 1);
    assertMatch(stderr, /^error: .*EISDIR/);
  });
});
