/** `netns rootless`: the command of an ordinary user in a network of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { connect, createServer } from "node:net";
import { assertEquals, assertMatch } from "@std/assert";
import { it } from "@std/testing/bdd";
import { describeForms, type Outcome, Sandbox, unprivileged } from "./support.ts";

describeForms("netns rootless", (netns, form) => {
  const as = [...unprivileged(form), ...netns, "rootless"];
  const words = netns.map((word) => `'${word}'`).join(" ");

  async function run(...args: string[]): Promise<Outcome> {
    await using sandbox = await Sandbox.open();
    return sandbox.run([...as, ...args]);
  }

  it("runs the command as root of a network of its own, with a /run of its own", async () => {
    await using sandbox = await Sandbox.open();
    const script = `id -u; ls /run; ip -o link | wc -l; ip -o link show up | wc -l
      ${words} add blue && ${words} exec blue -- ip -o link | wc -l; cat; exit 7`;
    const { status, stdout, stderr } = sandbox.run([...as, "--", "sh", "-c", script], { input: "standard input\n" });
    assertEquals([status, stdout], [7, "0\n1\n1\n1\nstandard input\n"], stderr);
    assertEquals(sandbox.names(), []);
  });

  it("ends by the signal of its command, which has its process id", async () => {
    const child = spawn(as[0] ?? "", [...as.slice(1), "--", "sh", "-c", "echo $$; exec sleep 300"]);
    const [pid] = await once(child.stdout, "data");
    assertEquals(Number(pid), child.pid);
    child.kill("SIGTERM");
    assertEquals(await once(child, "exit"), [null, "SIGTERM"]);
  });

  it("says which setting forbids it, and what it needs", async () => {
    await using sandbox = await Sandbox.open();
    const inner = [
      "unshare",
      "--user",
      "--map-root-user",
      "sh",
      "-c",
      'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"',
      "sh",
    ];
    const forbidden = sandbox.run([...inner, ...netns, "rootless", "--", "true"]);
    assertEquals(forbidden.status, 1);
    assertMatch(
      forbidden.stderr,
      /^error: User namespaces are not allowed here: user\.max_user_namespaces is 0: sudo sysctl -w /m,
    );
    const few =
      'mkdir /run/bin; for one in node unshare true; do ln -s "$(which $one)" /run/bin; done; PATH=/run/bin exec "$@"';
    const without = sandbox.run(["sh", "-c", few, "sh", ...netns, "rootless", "--uplink", "--", "true"]);
    assertEquals([without.status, without.stdout], [1, ""]);
    assertMatch(without.stderr, /needs pasta \(of the package passt\) or slirp4netns: install one of them/);
  });

  for (const program of ["pasta", "slirp4netns"]) {
    it(`gives a way out by ${program}, here to a server of the namespace around it`, async () => {
      await using sandbox = await Sandbox.open();
      // A default route, which they take the addresses of, and a server at an address that is not one of those.
      const network = `ip link set lo up; ip address add 203.0.113.7/32 dev lo
        ip link add up0 type veth peer name up1; ip link set up1 up; ip link set up0 up
        ip address add 198.51.100.1/24 dev up0; ip route add default via 198.51.100.2
        mkdir -p /dev/net; mount -t tmpfs netns-tests /dev/net; mknod -m 666 /dev/net/tun c 10 200 # as udev makes it
        mkdir /run/bin; for one in node setpriv true unshare ${program}; do ln -s "$(which $one)" /run/bin; done`;
      sandbox.output("sh", "-ec", network);
      const serve = `require("http").createServer((_, r) => r.end("from outside")).listen(80, () => console.log("up"))`;
      const [file, args] = sandbox.enter(["node", "-e", serve]);
      const server = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
      const ended = once(server, "exit");
      try {
        await once(server.stdout, "data");
        const ask = `fetch("http://203.0.113.7/").then((r) => r.text()).then(console.log)`;
        const node = sandbox.output("which", "node").trim(); // the command has a /run of its own
        const words = [...as, "--uplink", "--", node, "-e", ask];
        const { status, stdout, stderr } = sandbox.run(["sh", "-c", 'PATH=/run/bin exec "$@"', "sh", ...words]);
        assertEquals([status, stdout], [0, "from outside\n"], stderr);
      } finally {
        server.kill("SIGKILL");
        await ended;
      }
    });
  }

  it("leads a port of the machine to a program inside, and ends as its command does", async () => {
    const [port, other] = [await freePort(), await freePort()];
    const server =
      `require("http").createServer((_, r) => r.end("inside " + process.getuid())).listen(80, "127.0.0.1");` +
      // It ends its side first, and says how much comes after that.
      `require("net").createServer({ allowHalfOpen: true }, (socket) => { let size = 0; ` +
      `socket.end("end").on("data", (data) => size += data.length).on("end", () => require("fs").writeSync(1, size + "")); ` +
      `}).listen(81, "::1")`;
    const script = `${words} add blue && ip -n blue link set lo up && exec ${words} exec blue -- node -e '${server}'`;
    const ports = ["--port", `${port}:blue/80`, "--port", `${other}:blue/81`];
    const child = spawn(as[0] ?? "", [...as.slice(1), ...ports, "--", "sh", "-c", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(child, "exit");
    try {
      assertEquals(await answerOf(port), "inside 0");
      const socket = connect({ port: other, host: "127.0.0.1", allowHalfOpen: true }).resume();
      await once(socket, "end");
      socket.end(new Uint8Array(100_000));
      assertEquals(String(await once(child.stdout, "data")), "100000");
    } finally {
      child.kill("SIGTERM");
    }
    assertEquals(await ended, [null, "SIGTERM"]);
    const taken = createServer().listen(port, "127.0.0.1"); // it is free again
    await once(taken, "listening");
    const { status, stderr } = await run("--port", `${port}:80`, "--", "true");
    assertEquals(status, 0, stderr); // in a network of its own
    taken.close();
  });

  it("refuses a port that it cannot read, and says that a command is missing", async () => {
    assertEquals((await run("--port", "blue", "--", "true")).status, 2);
    assertEquals((await run("--", "/nowhere/no-such-command")).status, 127);
  });
}, "Node");

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** What the server answers as soon as there is one; at first the connections to it are refused or reset. */
async function answerOf(port: number): Promise<string> {
  for (const end = performance.now() + 60_000;;) {
    try {
      return await new Promise<string>((resolve, reject) => {
        request({ port, host: "127.0.0.1", agent: false }, (response) => {
          let text = "";
          response.on("data", (data) => text += data).on("end", () => resolve(text)).on("error", reject);
        }).on("error", reject).end();
      });
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
