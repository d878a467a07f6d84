/** Names, files and pipes of `netns apply` and `destroy`; what a signal leaves; what `destroy` remembers. */
import { after, before, it } from "@std/testing/bdd";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { describeForms, type Outcome, Sandbox } from "./support.ts";

const PAIR = `
namespaces: [left, right]
interfaces:
  - { name: l, namespace: left, hostIfName: eth0, ipAddresses: [10.1.0.1/24], veth: { peerIfName: r } }
  - { name: r, namespace: right, hostIfName: eth0, ipAddresses: [10.1.0.2/24], veth: { peerIfName: l } }
`;

/** So many that a signal comes before the last. */
const MANY = `namespaces: [${Array.from({ length: 600 }, (_, i) => `many-${i}`).join(", ")}]\n`;

describeForms("netns apply and destroy, whose it is", (command) => {
  let sandbox: Sandbox;
  let start: unknown;
  const netns = (...args: string[]): Outcome => sandbox.run([...command, ...args]);
  const shell = (script: string): Outcome =>
    sandbox.run(["bash", "-c", script.replaceAll("NETNS", command.map((word) => `'${word}'`).join(" "))]);
  const write = (path: string, text: string): void => void sandbox.run(["tee", path], { input: text });
  const done = ({ status, stderr }: Outcome): void => assertEquals([status, stderr], [0, ""]);

  before(async () => {
    sandbox = await Sandbox.open();
    sandbox.output("ip", "netns", "add", "first");
    sandbox.output("ip", "netns", "del", "first");
    for (const name of ["a", "b"]) {
      sandbox.output("mkdir", `/run/${name}`);
      write(`/run/${name}/topology.yaml`, PAIR);
    }
    write("/run/none.yaml", "namespaces: []");
    netns("apply", "/run/none.yaml"); // makes what stays, such as the directory of states
    netns("destroy", "/run/none.yaml");
    start = sandbox.traces();
  });
  after(() => sandbox.closeAs(start));

  it("refuses another file of the same base name, whatever the command (T4)", () => {
    done(netns("apply", "/run/a/topology.yaml"));
    for (const verb of ["apply", "plan", "destroy", "agent"]) {
      const { status, stdout, stderr } = netns(verb, "/run/b/topology.yaml");
      assertEquals([status, stdout], [2, ""], verb);
      assertStringIncludes(stderr, '"topology" was applied from /run/a/topology.yaml');
      assertMatch(stderr, /give this file a name: .*--name/);
    }
    // The same file, by another path to its directory.
    done(shell("cd /run/a && NETNS apply ./topology.yaml"));
    const { status, stderr } = netns("apply", "--name", "another", "/run/b/topology.yaml");
    assertEquals(status, 1);
    assertStringIncludes(stderr, 'belongs to the configuration "topology"');
    done(netns("destroy", "--name", "another"));
    done(netns("destroy", "/run/a/topology.yaml"));
    assertEquals(sandbox.names(), []);
  });

  it("refuses pipes and descriptors without a name, and takes them with one (T5)", () => {
    for (
      const [how, name] of [["- <", "Standard input"], ["/dev/stdin <", "/dev/stdin"], ["/dev/fd/0 <", "/dev/fd/0"]]
    ) {
      for (const verb of ["apply", "destroy"]) {
        const { status, stderr } = shell(`NETNS ${verb} ${how} /run/a/topology.yaml`);
        assertEquals(status, 2, `${verb} ${how}`);
        assertStringIncludes(stderr, `${name} has no name`);
      }
      assertEquals(shell(`NETNS plan ${how} /run/a/topology.yaml`).status, 0, how);
      assertEquals(shell(`NETNS graph ${how} /run/a/topology.yaml`).status, 0, how);
    }
    assertEquals(shell("NETNS apply <(cat /run/a/topology.yaml)").status, 2);
    done(shell("NETNS apply --name piped <(cat /run/a/topology.yaml)"));
    done(shell("NETNS apply <(echo name: piped; cat /run/a/topology.yaml)"));
    assertEquals(sandbox.names(), ["left", "right"]);
    done(netns("destroy", "--name", "piped"));
    assertEquals(sandbox.names(), []);
  });

  it("is not held up by who holds the lock of the directory of names, and nobody else gets that of the states (C14)", () => {
    done(shell("flock -o /run/netns -c 'NETNS apply /run/a/topology.yaml'".replace("NETNS", command.join(" "))));
    assertEquals(sandbox.names(), ["left", "right"]);
    const stranger = "setpriv --reuid 65534 --regid 65534 --clear-groups";
    for (const path of ["/run/netns-apply", "/run/netns-apply/.lock"]) {
      assertEquals(shell(`${stranger} flock -n ${path} true`).status, 66, path);
    }
    done(netns("destroy", "/run/a/topology.yaml"));
  });

  it("does not wait for a writer of a FIFO (C18)", () => {
    sandbox.output("mkfifo", "/run/fifo");
    const { status, stderr } = netns("agent", "/run/fifo");
    assertEquals(status, 2);
    assertStringIncludes(stderr, "cannot follow /run/fifo");
    assertEquals(netns("apply", "--name", "fifo", "/run/fifo").status, 2);
    sandbox.output("rm", "/run/fifo");
  });

  it("destroys what it remembers of a file that has faults, or is gone (T9)", () => {
    write("/run/t9.yaml", PAIR);
    for (const spoil of ["echo '  bad: [' >>/run/t9.yaml", "sed -i 's/10.1/10.999/' /run/t9.yaml", "rm /run/t9.yaml"]) {
      write("/run/t9.yaml", PAIR);
      done(netns("apply", "/run/t9.yaml"));
      shell(spoil);
      const { status, stderr } = netns("destroy", "/run/t9.yaml");
      assertEquals(status, 0, `${spoil}: ${stderr}`);
      assertMatch(stderr, /^warning: Cannot (use|read) \/run\/t9\.yaml: .*destroying what is remembered of t9\n$/);
      assertEquals(sandbox.names(), []);
      assertEquals(netns("destroy", "/run/t9.yaml").status, 2, "nothing is remembered any more");
    }
    sandbox.run(["rm", "-f", "/run/t9.yaml"]);
  });

  it("leaves a state file that it refuses as it is, names it, and exits with 1", () => {
    done(netns("apply", "/run/a/topology.yaml"));
    const path = "/run/netns-apply/topology.json";
    const whole = sandbox.output("cat", path);
    write(path, "{");
    for (const verb of ["plan", "apply", "destroy"]) {
      const { status, stdout, stderr } = netns(verb, "/run/a/topology.yaml");
      assertEquals([status, stdout], [1, ""], verb);
      assertStringIncludes(stderr, path);
      assertEquals([sandbox.output("cat", path), sandbox.names()], ["{", ["left", "right"]]);
    }
    write(path, whole);
    done(netns("destroy", "/run/a/topology.yaml"));
  });

  it("plan and apply name the link that has the name as an alternative one (T19)", () => {
    sandbox.output("ip", "netns", "add", "left");
    sandbox.output("ip", "-n", "left", "link", "add", "other", "type", "bridge");
    sandbox.output("ip", "-n", "left", "link", "property", "add", "dev", "other", "altname", "eth0");
    for (const verb of ["plan", "apply"]) {
      const { status, stdout, stderr } = netns(verb, "/run/a/topology.yaml");
      assertEquals(status, 1, verb);
      assertStringIncludes(stdout + stderr, "eth0 is an alternative name of other in left");
      assertEquals(/create eth0/.test(stdout), false, stdout);
    }
    assertEquals(sandbox.output("ip", "-n", "left", "-o", "link").split("\n").filter((line) => line !== "").length, 2);
    netns("destroy", "/run/a/topology.yaml");
    sandbox.output("ip", "netns", "del", "left");
  });

  it("takes everything back with --atomic, and says so", () => {
    sandbox.output("ip", "netns", "add", "left");
    write(
      "/run/atomic.yaml",
      PAIR + "routes:\n  - { name: r, interface: r, dstIpAddr: 10.3.0.0/16, srcIpAddr: 192.0.2.7 }\n",
    );
    const { status, stdout, stderr } = netns("apply", "--atomic", "/run/atomic.yaml");
    assertEquals(status, 1, stdout);
    assertMatch(stderr, /^error: route r: /);
    assertMatch(stdout, /^1 failed$/m);
    assertMatch(stdout, /^taken back: /m);
    assertEquals(sandbox.names(), ["left"]);
    assertEquals(sandbox.ip<unknown[]>("-n", "left", "link").length, 1);
    sandbox.output("ip", "netns", "del", "left");
    sandbox.output("rm", "/run/atomic.yaml");
  });

  it("says what was done when a signal ends it, and exits with 130 (T22)", async () => {
    write("/run/many.yaml", MANY);
    const interrupted = async (): Promise<{ status: number; left: number; stderr: string }> => {
      done(netns("apply", "/run/many.yaml"));
      // At the lowest priority, so that this process sees the first name go while there are others.
      const [program, words] = sandbox.enter(["nice", "-n", "19", ...command, "destroy", "/run/many.yaml"]);
      const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"] });
      let [stdout, stderr] = ["", ""];
      child.stdout.on("data", (chunk) => stdout += chunk);
      child.stderr.on("data", (chunk) => stderr += chunk);
      const ended = once(child, "close");
      while (sandbox.names().length === 600 && child.exitCode === null) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      // Not child.kill(): after that, Deno gives the signal as the end.
      if (child.exitCode === null) process.kill(child.pid ?? 0, "SIGINT");
      const [status] = await ended;
      const left = sandbox.names().length;
      const [, count] = stdout.match(/^(\d+) done/m) ?? [];
      assertEquals(Number(count), 600 - left, stderr);
      return { status, left, stderr };
    };
    let outcome = await interrupted();
    // On a busy machine the signal may come too late.
    for (let tries = 1; outcome.left === 0 && tries < 5; tries++) outcome = await interrupted();
    const { status, left, stderr } = outcome;
    assert(left > 0, "the signal came too late to be a test");
    assertEquals(status, 130);
    assertMatch(stderr, new RegExp(`Interrupted: ${left} more to do`));
    done(netns("destroy", "/run/many.yaml"));
    assertEquals(sandbox.names(), []);
    sandbox.output("rm", "/run/many.yaml");
  });
}, "Node");
