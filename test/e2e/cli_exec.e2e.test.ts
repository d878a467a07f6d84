/** `netns exec`: the command runs in the namespace, in the process that the caller started. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { after, before, it } from "@std/testing/bdd";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describeForms, Sandbox } from "./support.ts";

/** The links of the namespace in which the commands run. */
const LINKS = ["blue-a", "blue-b", "lo"];

describeForms("netns exec", (command) => {
  let sandbox: Sandbox;
  let start: unknown;
  const netns = (...args: string[]) => sandbox.run([...command, ...args]);
  const exec = (...words: string[]) => netns("exec", "blue", "--", ...words);

  before(async () => {
    sandbox = await Sandbox.open();
    sandbox.output("ip", "netns", "add", "blue");
    sandbox.output("ip", "-n", "blue", "link", "add", "blue-a", "type", "veth", "peer", "name", "blue-b");
    sandbox.output("mkdir", "-p", "/etc/netns/blue");
    sandbox.output("sh", "-c", "echo nameserver 192.0.2.53 >/etc/netns/blue/resolv.conf");
    start = sandbox.traces();
  });
  after(() => sandbox.closeAs(start));

  it("shows the links of the namespace, over netlink and in its own /sys", () => {
    const links: { ifname: string }[] = JSON.parse(exec("ip", "-j", "link").stdout);
    assertEquals(links.map(({ ifname }) => ifname).sort(), LINKS);
    assertEquals(exec("ls", "/sys/class/net").stdout.trim().split("\n").sort(), LINKS);
    assertEquals(sandbox.output("ls", "/sys/class/net").includes("blue-a"), false, "outside nothing changed");
  });

  it("mounts the files of /etc/netns/NAME over /etc, for the command only", () => {
    const outside = sandbox.output("cat", "/etc/resolv.conf");
    assertEquals(exec("cat", "/etc/resolv.conf").stdout, "nameserver 192.0.2.53\n");
    assertEquals(sandbox.output("cat", "/etc/resolv.conf"), outside);
    assertEquals(
      sandbox.output("ip", "netns", "exec", "blue", "cat", "/etc/resolv.conf"),
      exec("cat", "/etc/resolv.conf").stdout,
    );
  });

  it("warns of a file that cannot be mounted, and runs the command", () => {
    sandbox.output("touch", "/etc/netns/blue/netns-no-such-file");
    const { status, stdout, stderr } = exec("cat", "/etc/resolv.conf");
    sandbox.output("rm", "/etc/netns/blue/netns-no-such-file");
    assertEquals([status, stdout], [0, "nameserver 192.0.2.53\n"]);
    assertMatch(stderr, /^warning: \/etc\/netns\/blue\/netns-no-such-file is not used: .*\n$/);
  });

  it("passes arguments, standard input and standard output unchanged", () => {
    assertEquals(exec("printf", "%s|", "-l", "--json", "", "a b", "ü", "--", "-h").stdout, "-l|--json||a b|ü|--|-h|");
    const words = [...command, "exec", "blue", "--", "tr", "a-z", "A-Z"];
    assertEquals(sandbox.run(words, { input: "hello\n" }).stdout, "HELLO\n");
    assertEquals(netns("exec", "blue", "echo", "-n", "without dashes").stdout, "without dashes");
  });

  it("exits with the status of the command", () => {
    assertEquals(exec("sh", "-c", "exit 3"), { status: 3, signal: null, stdout: "", stderr: "" });
    assertEquals(exec("true").status, 0);
    assertEquals(exec("sh", "-c", "kill -KILL $$").signal, "SIGKILL");
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`is replaced by the command: ${signal} reaches it, and ends it`, async () => {
      const [file, args] = sandbox.enter([...command, "exec", "blue", "--", "sh", "-c", "echo $$; exec sleep 60"]);
      const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
      const ended = once(child, "exit");
      const [line] = await once(child.stdout, "data");
      assertEquals(Number(line), child.pid);
      child.kill(signal);
      assertEquals((await ended)[1], signal);
    });
  }

  it("lets the command handle signals", () => {
    const script = "trap 'echo caught; exit 7' TERM; kill -TERM $$; sleep 60";
    assertEquals(exec("sh", "-c", script), { status: 7, signal: null, stdout: "caught\n", stderr: "" });
  });

  it("starts the command with default signal handling and without descriptors of ours", () => {
    const status = ["cat", "/proc/self/status"];
    const sets = (text: string) =>
      [...text.matchAll(/^Sig(?:Blk|Ign):\t(\w+)$/gm)].map(([, set]) => BigInt(`0x${set}`));
    // Compared with a run without netns, because the test runner may set some.
    const plain = sets(sandbox.output(...status));
    assertEquals(sets(exec(...status).stdout).map((set, i) => set & ~(plain[i] ?? 0n)), [0n, 0n]);
    const listed = ["ls", "-l", "/proc/self/fd"];
    const targets = (text: string) => text.match(/^.* (\d+) -> /gm)?.map((line) => line.match(/(\d+) ->/)?.[1]);
    const ours = targets(exec(...listed).stdout) ?? [];
    const open = targets(sandbox.output(...listed)) ?? [];
    assert(ours.every((fd) => open.includes(fd)), `${ours} in ${open}`);
  });

  it("starts the command with its caller's limit of open files", () => {
    const script = 'ulimit -Sn 640; "$@"; exit $?';
    const words = ["sh", "-c", script, "sh", ...command, "exec", "blue", "--", "sh", "-c", "ulimit -Sn"];
    assertEquals(sandbox.run(words).stdout, "640\n");
  });

  it("is another user with --user", () => {
    const { stdout, stderr } = netns("exec", "--user", "daemon", "blue", "sh", "-c", "id -un; id -gn; echo $HOME");
    assertEquals([stdout, stderr], ["daemon\ndaemon\n/usr/sbin\n", ""]);
  });

  it("enters a namespace from another one", () => {
    sandbox.output("ip", "netns", "add", "green");
    const { stdout, stderr } = exec(
      ...command,
      "exec",
      "green",
      "--",
      "sh",
      "-c",
      "ls /sys/class/net; ip -o link | wc -l",
    );
    assertEquals([stdout, stderr], ["lo\n1\n", ""]);
    sandbox.output("ip", "netns", "del", "green");
  });

  it("accepts a PID and a file as the namespace", () => {
    const inode = sandbox.output("stat", "-Lc", "%i", "/run/netns/blue").trim();
    const seen = (ns: string) => netns("exec", ns, "--", "stat", "-Lc", "%i", "/proc/self/ns/net").stdout.trim();
    assertEquals(seen("FILE:/run/netns/blue"), inode);
    assertEquals(
      seen(`PID:${process.pid}`),
      sandbox.output("stat", "-Lc", "%i", `/proc/${process.pid}/ns/net`).trim(),
    );
    assertEquals(seen("PID:0"), sandbox.output("stat", "-Lc", "%i", "/proc/self/ns/net").trim());
  });

  it("exits with 127 for a missing command, and 126 for one that cannot be run", () => {
    const missing = exec("netns-no-such-command");
    assertEquals([missing.status, missing.stdout], [127, ""]);
    assertMatch(missing.stderr, /^error: Cannot run netns-no-such-command: No such file or directory \(ENOENT\)\n$/);
    const directory = exec("/etc");
    assertEquals([directory.status, directory.stdout], [126, ""]);
    assertMatch(directory.stderr, /^error: Cannot run \/etc: Permission denied \(EACCES\)\n$/);
  });

  const bad: [ns: string, status: number, message: RegExp][] = [
    ["netns-no-such-name", 1, /^error: .*netns-no-such-name.*ENOENT.*\n$/],
    ["PID:4194304", 1, /^error: .*there is no process with PID 4194304\n$/],
    ["PID:99999999", 2, /^error: Cannot use .* as a namespace: expected .*\n$/],
    ["FILE:/etc/hostname", 2, /^error: Cannot use .*\/etc\/hostname.*expected .*\n$/],
    ["FILE:/proc/self/ns/mnt", 2, /^error: Cannot use .*\/proc\/self\/ns\/mnt.*expected .*\n$/],
    ["FILE:/no/such/file", 1, /^error: .*\/no\/such\/file.*ENOENT.*\n$/],
    ["", 2, /^error: Cannot use "" as a namespace: expected .*\n$/],
    ["a/b", 2, /^error: Cannot use .* as a namespace: expected .*\n$/],
    ["MICROSERVICE:netns-e2e-none", 1, /^error: .*netns-e2e-none.*\n$/],
  ];
  for (const [ns, status, message] of bad) {
    it(`refuses ${JSON.stringify(ns)} with status ${status}, and changes nothing`, () => {
      const earlier = sandbox.traces();
      const result = netns("exec", ns, "--", "echo", "must not run");
      assertEquals([result.status, result.stdout], [status, ""]);
      assertMatch(result.stderr, message);
      assertEquals(sandbox.traces(), earlier);
    });
  }
});
