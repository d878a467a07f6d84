/** `netns show`, the whole command: of what a file made, and beside a state that nobody can read. */
import { assertEquals, assertMatch } from "@std/assert";
import { it } from "@std/testing/bdd";
import { describeForms, Sandbox } from "./support.ts";

const FILE = `
name: lab
namespaces: [{ name: blue, sysctls: { net.ipv6.conf.default.disable_ipv6: 0, net.ipv4.ip_forward: 1 } }]
links: [{ ends: [blue eth0 10.0.0.1/24, green eth0 10.0.0.2/24] }]
routes: [green default via 10.0.0.1]
nat: [{ name: out, namespace: blue, out: eth0 }]
`;

describeForms("netns show", (command) => {
  it("prints a file under its owner's name, of which a plan has nothing to do", async () => {
    await using sandbox = await Sandbox.open();
    sandbox.output("ip", "netns", "add", "blue");
    sandbox.output("ip", "netns", "exec", "blue", "sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1");
    sandbox.output("ip", "netns", "add", "green");
    assertEquals(sandbox.run([...command, "apply", "-"], { input: FILE }).status, 0);
    const shown = sandbox.run([...command, "show"]);
    assertEquals([shown.status, shown.stderr], [0, ""]);
    assertMatch(shown.stdout, /^name: lab\n/);
    assertEquals(sandbox.run([...command, "plan", "-"], { input: shown.stdout }).stdout, "nothing to do\n");
    const json = JSON.parse(sandbox.output(...command, "show", "--json", "blue", "green"));
    assertEquals([json.name, json.namespaces[0].sysctls["net.ipv6.conf.default.disable_ipv6"]], ["lab", "0"]);

    // A part of it is nobody's file, and the lines beside it are comments in it too.
    const part = sandbox.run([...command, "show", "green"]);
    assertEquals(part.status, 0);
    const warnings = part.stderr.trim().split("\n").map((line) => line.replace(/^warning: /, ""));
    assertEquals(
      part.stdout.split("\n").filter((line) => line.startsWith("#")),
      warnings.map((line) => `# ${line.replace(/^not shown/, "not described")}`),
    );
    assertMatch(part.stderr, /contains what the configuration "lab" owns/);
  });

  it("tells a name that looks like a process from that process, until destroy leaves nothing", async () => {
    await using sandbox = await Sandbox.open();
    const file = "name: odd\nnamespaces: [NAMED:PID:3]\nlinks: [{ ends: [NAMED:PID:3 eth0 10.0.0.1/24, b eth0] }]\n";
    const applied = sandbox.run([...command, "apply", "-"], { input: file });
    assertEquals([applied.status, applied.stderr], [0, ""]);
    assertMatch(applied.stdout, /^create namespace NAMED:PID:3$/m);
    const shown = sandbox.run([...command, "show"]);
    assertEquals([shown.status, shown.stderr], [0, ""]);
    assertMatch(shown.stdout, /^namespaces:\n {2}- NAMED:PID:3\n {2}- b\n/m);
    assertEquals(sandbox.run([...command, "plan", "-"], { input: shown.stdout }).stdout, "nothing to do\n");
    assertEquals(sandbox.run([...command, "destroy", "-"], { input: file }).status, 0);
    assertEquals(sandbox.output("sh", "-c", "ls /run/netns /run/netns-apply"), "/run/netns:\n\n/run/netns-apply:\n");
  });

  it("shows what there is beside a damaged state", async () => {
    await using sandbox = await Sandbox.open();
    sandbox.output("ip", "netns", "add", "blue");
    sandbox.output("touch", "/run/netns/netns-stale");
    const stale = sandbox.run([...command, "show", "netns-stale"]);
    assertEquals([stale.status, stale.stderr], [1, "error: netns-stale is a stale file; netns del takes it away\n"]);
    sandbox.output("rm", "/run/netns/netns-stale");
    const damage = "mkdir -m 700 -p /run/netns-apply; umask 077; echo '{' >/run/netns-apply/bad.json";
    sandbox.output("sh", "-c", damage);
    sandbox.output("ip", "-n", "blue", "link", "set", "lo", "up");
    const shown = sandbox.run([...command, "show"]);
    const line = 'what the configuration "bad" owns is not known, and counts as somebody else\'s: ' +
      "/run/netns-apply/bad.json: it is not what an apply wrote";
    assertEquals([shown.status, shown.stderr], [0, `warning: ${line}\n`]);
    assertEquals(shown.stdout, `# ${line}\nnamespaces:\n  - blue\n`);
    assertEquals(sandbox.output(...command, "show", "--json"), '{"namespaces":["blue"]}\n');

    // Nor does it keep `show` from what others own, or `graph` and `plan` from saying so.
    assertEquals(sandbox.run([...command, "apply", "-"], { input: FILE }).status, 0);
    const part = sandbox.run([...command, "show", "green"]);
    assertEquals(part.status, 0);
    assertMatch(part.stdout, /^# contains what the configuration "lab" owns.*\n# what the configuration "bad" owns/m);
    for (const words of [["plan", "-"], ["graph", "--plan", "-"]]) {
      const { status, stderr } = sandbox.run([...command, ...words], { input: FILE });
      assertEquals([status, stderr], [0, `warning: ${line}\n`]);
    }
  });
});
