/** `netns add`, `ls` and `del` work with the names of `ip netns`, and the other way round. */
import { after, before, it } from "@std/testing/bdd";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describeBuilt, describeForms, Sandbox, unprivileged } from "./support.ts";

describeForms("netns add, ls, del", (command, form) => {
  let sandbox: Sandbox;
  let start: unknown;
  const netns = (...args: string[]) => sandbox.run([...command, ...args]);
  const silent = { status: 0, signal: null, stdout: "", stderr: "" };

  before(async () => {
    sandbox = await Sandbox.open();
    // The first add creates the directory and its shared mount, which stay, as with `ip netns`.
    sandbox.output("ip", "netns", "add", "first");
    sandbox.output("ip", "netns", "del", "first");
    start = sandbox.traces();
  });
  after(() => sandbox.closeAs(start));

  it("adds a name that `ip netns` uses and deletes", () => {
    assertEquals(netns("add", "blue"), silent);
    assertEquals(sandbox.names(), ["blue"]);
    assertMatch(sandbox.output("ip", "netns", "exec", "blue", "ip", "-o", "link"), /^1: lo: /);
    sandbox.output("ip", "netns", "del", "blue");
    assertEquals(netns("ls"), silent);
  });

  it("lists and deletes what `ip netns` made", () => {
    sandbox.output("ip", "netns", "add", "green");
    const inode = Number(sandbox.output("stat", "-Lc", "%i", "/run/netns/green"));
    const expected = [{ name: "green", path: "/var/run/netns/green", inode, stale: false }];
    assertEquals(JSON.parse(netns("ls", "--json").stdout), expected);
    assertMatch(netns("ls").stdout, new RegExp(`^NAME +INODE +PATH\ngreen +${inode} +/var/run/netns/green\n$`));
    assertEquals(netns("del", "green"), silent);
    assertEquals(sandbox.names(), []);
  });

  it("names a namespace that is there", () => {
    sandbox.output("ip", "netns", "add", "green");
    assertEquals(netns("attach", "also-green", "green"), silent);
    const inode = (name: string) => sandbox.output("stat", "-Lc", "%i", `/run/netns/${name}`);
    assertEquals(inode("also-green"), inode("green"));
    assertMatch(netns("attach", "green", "also-green").stderr, /^error: .*\(EEXIST\)/);
    assertMatch(
      netns("attach", "new", "153").stderr,
      /^error: .*\(ENOENT\); the namespace of process 153 is PID:153\n$/,
    );
    assertEquals([netns("del", "green"), netns("del", "also-green")], [silent, silent]);
  });

  it("lists a stale file, and deletes it", () => {
    sandbox.output("touch", "/run/netns/crashed");
    const expected = [{ name: "crashed", path: "/var/run/netns/crashed", inode: null, stale: true }];
    assertEquals(JSON.parse(netns("ls", "--json").stdout), expected);
    assertMatch(netns("ls").stdout, /^crashed +stale /m);
    assertEquals(netns("del", "crashed"), silent);
  });

  it("lists a namespace of another type with the type", () => {
    sandbox.output("touch", "/run/netns/held");
    sandbox.output("mount", "--bind", "/proc/self/ns/uts", "/run/netns/held");
    const expected = [{ name: "held", path: "/var/run/netns/held", inode: null, stale: false, otherType: "uts" }];
    assertEquals(JSON.parse(netns("ls", "--json").stdout), expected);
    assertMatch(netns("ls").stdout, /^held +uts /m);
    assertEquals(netns("del", "held"), silent);
  });

  it("prints an empty list as [] and as nothing", () => {
    assertEquals(netns("ls", "--json"), { ...silent, stdout: "[]\n" });
    assertEquals(netns("ls"), silent);
  });

  it("escapes control characters in a name", () => {
    const name = "a\x1b[31m\nb";
    assertEquals(netns("add", name), silent);
    const { stdout } = netns("ls");
    assertEquals(stdout.split("\n").length, 3, stdout); // the head, one line, the end
    assert(!stdout.includes("\x1b"), stdout);
    assertEquals(JSON.parse(netns("ls", "--json").stdout)[0].name, name);
    const twice = netns("add", name);
    assertEquals(twice.status, 1);
    assertMatch(twice.stderr, /^error: .*\n$/);
    assert(!twice.stderr.includes("\x1b"), twice.stderr);
    assertEquals(netns("del", name), silent);
  });

  it("accepts a name that starts with a dash after --", () => {
    assertEquals(netns("add", "--", "-x"), silent);
    assertEquals(netns("del", "--", "-x"), silent);
  });

  it("fails with one line for a name that exists, or does not exist", () => {
    sandbox.output("ip", "netns", "add", "red");
    const taken = netns("add", "red");
    assertEquals([taken.status, taken.stdout], [1, ""]);
    assertMatch(taken.stderr, /^error: .*red.*EEXIST.*\n$/);
    assertEquals(sandbox.names(), ["red"], "its owner keeps it");
    sandbox.output("ip", "netns", "del", "red");
    const missing = netns("del", "red");
    assertEquals([missing.status, missing.stdout], [1, ""]);
    assertMatch(missing.stderr, /^error: .*red.*ENOENT.*\n$/);
  });

  for (const name of ["", ".", "..", "a/b", "../x", "x".repeat(256)]) {
    it(`refuses the name ${JSON.stringify(name.slice(0, 9))} with status 2, and changes nothing`, () => {
      const earlier = sandbox.traces();
      for (const verb of ["add", "del"]) {
        const { status, stdout, stderr } = netns(verb, name);
        assertEquals([status, stdout], [2, ""]);
        assertMatch(stderr, /^error: Cannot use .* as a namespace name: expected .*\n$/);
      }
      assertEquals(sandbox.traces(), earlier);
    });
  }

  it("names the missing capability before it tries", () => {
    const earlier = sandbox.traces();
    const user = unprivileged(form);
    for (const args of [["add", "blue"], ["del", "blue"], ["exec", "blue", "--", "true"]]) {
      const { status, stdout, stderr } = sandbox.run([...user, ...command, ...args]);
      assertEquals([status, stdout], [1, ""], args.join(" "));
      assertMatch(
        stderr,
        /^error: netns \w+ needs CAP_SYS_ADMIN: run it as root \(sudo netns \w+ …\), or give .*\n$/,
      );
    }
    assertEquals(sandbox.traces(), earlier);
  });
}, "Node");

describeBuilt("netns where /run and /var/run are two directories", (command) => {
  it("uses the one that is a mount, else /run/netns, as ip does, and doctor says so", async () => {
    await using sandbox = await Sandbox.open();
    sandbox.output("sh", "-c", "mount -t tmpfs t /var && mkdir -p /var/run/netns");
    const netns = (...args: string[]) => sandbox.run([...command, ...args]);
    assertEquals(netns("add", "blue").status, 0);
    assertEquals([sandbox.output("ls", "/run/netns"), sandbox.names()], ["blue\n", ["blue"]]);
    assertMatch(netns("doctor").stdout, /two directories: names are in \/run\/netns/);
    assertEquals(netns("del", "blue").status, 0);
    sandbox.output("sh", "-c", "umount /run/netns; mount -t tmpfs t /var/run/netns");
    assertEquals(netns("add", "green").status, 0);
    assertEquals(sandbox.output("ls", "/var/run/netns"), "green\n");
  });
});
