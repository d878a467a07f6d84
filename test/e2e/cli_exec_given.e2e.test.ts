/** What the command of `netns exec` gets: beside nsenter(1), setpriv(1) and `ip netns exec`. */
import { after, before, it } from "@std/testing/bdd";
import { assertEquals, assertMatch } from "@std/assert";
import process from "node:process";
import { bun } from "../../scripts/runtimes.ts";
import { BUILT, describeBuilt, Sandbox } from "./support.ts";

/** Where a mount is, and what of the process a runtime might change. */
const GIVEN = "ulimit -Sn; ulimit -Hn; grep -E '^Sig(Blk|Ign)' /proc/self/status; ls /proc/self/fd; umask; " +
  "cat <&7; printf '%s\\n' \"$@\" | od -c; env | grep ^GIVEN";

/** A script in which `"$@"` is the command: it is given all that. */
const GIVEN_MUCH = "umask 027; export GIVEN=1; ulimit -Hn 20000; ulimit -Sn 4096; echo given >/run/given; " +
  `exec 7</run/given 9>/dev/null; trap '' HUP USR2; "$@" sh -c "${GIVEN.replace(/["$\\]/g, "\\$&")}" sh ` +
  "\"$(printf 'a\\377b')\" 'a\\xff' \"$(printf '\\342\\202')\" ä '' ; echo $?";

/** Of the two signals of the C library, which its programs set as they like, nothing is to be said. */
const withoutReserved = (text: string): string => text.replace(/^(SigIgn:\t).*(.{7})$/m, "$1$2");

describeBuilt("netns exec as it is installed", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.open();
    sandbox.output("ip", "netns", "add", "blue");
    sandbox.output("mkdir", "-p", "/etc/netns/blue");
    sandbox.output("sh", "-c", "echo nameserver 192.0.2.53 >/etc/netns/blue/resolv.conf");
  });
  after(() => sandbox[Symbol.asyncDispose]());

  /** The output of `script` in `sh`, where `"$@"` is the command and its options. */
  const around = (script: string, ...words: string[]) => {
    const { stdout, ...rest } = sandbox.run(["sh", "-c", script, "sh", ...words]);
    return { ...rest, stdout: withoutReserved(stdout) };
  };
  const ours = [BUILT, "exec", "--no-sys", "blue", "--"];
  const nsenter = ["nsenter", "--net=/run/netns/blue", "--"];

  it("hands on limits, signals, descriptors and arguments as nsenter does", () => {
    const expected = around(GIVEN_MUCH, ...nsenter);
    assertEquals(around(GIVEN_MUCH, ...ours), expected);
    assertMatch(expected.stdout, /^4096\n20000\nSigBlk:\t0+\nSigIgn:\t0+801\n(.*\n)+given\n/);
    assertMatch(expected.stdout, /377[^]*GIVEN=1/);
  });

  it("leaves standard streams closed that are, and lives on after nohup", () => {
    const script = '"$@" ls /proc/self/fd <&- 2>&-; nohup "$@" sh -c "kill -HUP \\$\\$; echo lives"';
    assertEquals(around(script, ...ours).stdout, around(script, ...nsenter).stdout);
  });

  it("runs the program at a name of bytes, or nothing", () => {
    const name = "\"$(printf 'x\\377')\"";
    const script = `ip netns add ${name}; "$1" exec ${name} -- echo here; "$1" exec "$(printf 'y\\377')" -- echo no; ` +
      `ip netns add "$(printf 'y\\357\\277\\275')"; "$1" exec "$(printf 'y\\377')" -- echo another; ip netns del ${name}; ` +
      "ip netns del \"$(printf 'y\\357\\277\\275')\"";
    assertEquals(around(script, BUILT).stdout, "here\n");
  });

  it("warns of a /sys that it may not mount and of a root that is no mount point, and runs the command", () => {
    const covered = "mount -t tmpfs t /sys/kernel; unshare -Urmn sh -c 'mount -t tmpfs t /run; " +
      '"$1" add x; "$1" exec x -- ip -o link\' sh "$1"';
    const { stdout, stderr, status } = sandbox.run(["unshare", "--mount", "sh", "-c", covered, "sh", BUILT]);
    assertEquals([status, stdout.split("\n").length], [0, 2], stderr);
    assertMatch(
      stderr,
      /^warning: \/sys is that of the caller: mount \/sys: .*part of \/sys is covered \(\/sys\/kernel\).*\n$/,
    );
    const chroot = "mkdir /run/root; for d in /*; do [ -d $d ] && mkdir -p /run/root/$d; done; " +
      "for d in /*; do [ -d $d ] && mount --rbind $d /run/root/$d; [ -L $d ] && cp -P $d /run/root; " +
      'done 2>/dev/null; mkdir -p /run/root/run/netns; exec chroot /run/root "$1" exec blue -- ip -o link';
    const apart = sandbox.run(["unshare", "--mount", "sh", "-c", chroot, "sh", BUILT]);
    assertEquals([apart.status, apart.stdout.split("\n").length], [0, 2], apart.stderr);
    assertMatch(
      apart.stderr,
      /^warning: \/sys, \/etc\/netns\/blue\/resolv.conf: not mounted .* not a mount point.*\n$/,
    );
  });

  it("runs the command where /proc is not mounted, and says nothing", () => {
    const inside = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"];
    const ended = sandbox.run([...inside, BUILT, "exec", "--no-sys", "blue", "--", "true"]);
    assertEquals(ended, { status: 0, signal: null, stdout: "", stderr: "" });
    const { status, stderr } = sandbox.run([...inside, BUILT, "exec", "PID:1", "--", "true"]);
    assertEquals(
      [status, stderr.includes("is /proc mounted"), stderr.includes("no process")],
      [1, true, false],
      stderr,
    );
  });

  it("says in one line that there would be no way back", () => {
    const user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "unshare", "-Urm"];
    const script = 'mount -t tmpfs t /run; "$1" add x; echo $?; ls -A /run';
    const { stdout, stderr } = sandbox.run([...user, "sh", "-c", script, "sh", BUILT]);
    assertEquals(stdout, "1\n", stderr);
    assertMatch(stderr, /^error: setns: .*another user namespace.*unshare --net.*\n$/);
  });
});

describeBuilt("netns exec in Bun, as it is installed", () => {
  let sandbox: Sandbox;
  let path: string;
  before(async () => {
    sandbox = await Sandbox.open();
    sandbox.output("mkdir", "-p", "/run/bun", "/etc/netns/blue");
    sandbox.output("ln", "-s", await bun(), "/run/bun/node"); // as `bunx --bun` has it
    path = `/run/bun:${process.env["PATH"]}`;
    for (const name of ["blue", "green"]) sandbox.output("ip", "netns", "add", name);
    sandbox.output("sh", "-c", "echo nameserver 192.0.2.53 >/etc/netns/blue/resolv.conf");
  });
  after(() => sandbox[Symbol.asyncDispose]());

  /** What a script prints in which `"$@"` is the command. */
  const printed = (script: string, ...words: string[]): string => {
    const { stdout, stderr } = sandbox.run(["sh", "-c", script, "sh", ...words], { env: { PATH: path } });
    return withoutReserved(`${stdout}${stderr}`);
  };

  it("hands on limits, signals, descriptors and arguments as nsenter does", () => {
    const expected = printed(GIVEN_MUCH, "nsenter", "--net=/run/netns/blue", "--");
    assertEquals(printed(GIVEN_MUCH, BUILT, "exec", "--no-sys", "blue", "--"), expected);
    assertMatch(expected, /^4096\n20000\nSigBlk:\t0+\nSigIgn:\t0+801\n(.*\n)+given\n/);
  });

  it("has the options and the statuses that it has in Node", () => {
    const script = [
      `"$1" exec --user daemon blue -- sh -c 'id; echo $HOME; grep -E "^(Groups|Cap)" /proc/self/status'`,
      `"$1" exec --no-sys --no-etc blue -- sh -c 'ls /sys/class/net; cat /etc/resolv.conf'`,
      `echo in | "$1" exec blue -- sh -c 'ls /sys/class/net; cat /etc/resolv.conf; tr a-z A-Z; exit 3'; echo $?`,
      `"$1" exec --all -- sh -c 'cat /etc/resolv.conf; ip -o link; false'; echo $?`,
    ].join("\n");
    const inBun = printed(script, BUILT);
    path = process.env["PATH"] ?? "";
    assertEquals(inBun, printed(script, BUILT));
    assertMatch(
      inBun,
      /^uid=1\(daemon\)[^]*\nlo\nnameserver 192\.0\.2\.53\nIN\n3\n\nnetns: blue\n[^]*netns: green\n[^]*1\n$/,
    );
  });
});

describeBuilt("the options of netns exec", (command) => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.open();
    for (const name of ["blue", "green"]) sandbox.output("ip", "netns", "add", name);
    sandbox.output("mkdir", "-p", "/etc/netns/blue");
    sandbox.output("sh", "-c", "echo nameserver 192.0.2.53 >/etc/netns/blue/resolv.conf");
  });
  after(() => sandbox[Symbol.asyncDispose]());
  const netns = (...words: string[]) => sandbox.run([...command, ...words]);

  it("--user is setpriv's user, with its groups and without its capabilities", () => {
    const shown = ["sh", "-c", "id -u; id -g; grep -E '^(Groups|Cap|NoNewPrivs)' /proc/self/status"];
    for (const [user, group] of [["daemon", undefined], ["1", "adm"]] as const) {
      const words = ["--reuid", user, "--regid", group ?? "daemon", "--init-groups", ...shown];
      const text = group === undefined ? user : `${user}:${group}`;
      assertEquals(netns("exec", "--user", text, "blue", "--", ...shown).stdout, sandbox.output("setpriv", ...words));
    }
    const script = ["sh", "-c", "id -u; id -g; id -G; echo $HOME"];
    assertEquals(netns("exec", "--user", "54321:5", "blue", "--", ...script).stdout, "54321\n5\n5\n/\n");
    assertEquals(netns("exec", "--user", "daemon", "blue", "--", "sh", "-c", "echo $HOME").stdout, "/usr/sbin\n");
  });

  it("--user refuses who is not there, and runs nothing", () => {
    for (const user of ["54321", "4294967296:0"]) {
      const { status, stdout, stderr } = netns("exec", "--user", user, "blue", "--", "echo", "ran");
      assertEquals([status, stdout], [2, ""], stderr);
      assertMatch(stderr, /^error: Cannot use ".*" as a (user|group): .*\n$/);
    }
  });

  it("--no-sys and --no-etc leave what is there", () => {
    const seen = ["sh", "-c", "cat /etc/resolv.conf; ls /sys/class/net; readlink /proc/self/ns/mnt"];
    const outside = sandbox.output(...seen);
    assertEquals(netns("exec", "--no-sys", "--no-etc", "blue", "--", ...seen).stdout, outside);
    assertMatch(netns("exec", "--no-sys", "blue", "--", ...seen).stdout, /^nameserver 192\.0\.2\.53\n/);
    assertEquals(netns("exec", "--no-etc", "blue", "--", "ls", "/sys/class/net").stdout, "lo\n");
  });

  it("--all is `ip -all netns exec`, with a status", () => {
    const script = ["sh", "-c", "cat /etc/resolv.conf; ls /sys/class/net; ip -o link"];
    const parts = (text: string) => text.split("\nnetns: ").sort();
    const { status, stdout, stderr } = netns("exec", "--all", "--", ...script);
    assertEquals([status, parts(stdout)], [0, parts(sandbox.output("ip", "-all", "netns", "exec", ...script))], stderr);
    assertEquals(netns("exec", "--all", "false").status, 1);
    const missing = netns("exec", "--all", "netns-no-such-command");
    assertEquals(missing.status, 1);
    assertMatch(
      missing.stderr,
      /^error: \S+: Cannot run netns-no-such-command: No such file or directory \(ENOENT\)$/m,
    );
    assertEquals(netns("exec", "--all").status, 2);
  });

  it("del --all deletes all names, and stale files", () => {
    sandbox.output("touch", "/run/netns/stale");
    assertEquals(netns("del").status, 2);
    assertEquals(netns("del", "blue", "--all").status, 2);
    assertEquals(netns("del", "--all"), { status: 0, signal: null, stdout: "", stderr: "" });
    assertEquals(sandbox.output("ls", "/run/netns"), "");
  });
});
