/**
 * A server listens in a namespace while its program stays at home.
 *
 *     sudo deno run -A test/examples/listen.ts
 */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { NsHandle } from "@netns/netns";

const PORT = 8080;

/** The code of the error with which a connection from home ends, or "connected". */
async function connectFromHome(): Promise<string> {
  const socket = connect(PORT, "127.0.0.1");
  try {
    await once(socket, "connect");
    return "connected";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  } finally {
    socket.destroy();
  }
}

// A namespace without a name: it exists as long as something holds it, here the handle.
using blue = NsHandle.create();
{
  using netlink = blue.netlink();
  netlink.setLink({ name: "lo" }, { up: true });
}

// The function runs with the thread in `blue`. The thread is back when run() returns, and the socket stays there.
// Give listen() no host: with one it binds later, when the thread is at home again.
const server = createServer((socket) => socket.end("hello from blue"));
const home = NsHandle.current();
blue.run(() => server.listen(PORT));
using now = NsHandle.current();
console.log(now.equals(home)); // true
home.close();
await once(server, "listening");

// At home nobody listens on this port.
console.log(await connectFromHome()); // ECONNREFUSED

// A process that is started in `blue` reaches the server.
const client = blue.spawn("bash", ["-c", `cat </dev/tcp/127.0.0.1/${PORT}`], { stdio: ["ignore", "pipe", "inherit"] });
if (client.stdout === null) throw new Error("stdout is a pipe");
console.log(await text(client.stdout)); // hello from blue

server.close();
