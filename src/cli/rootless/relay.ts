/** The process that hands connections in: its sockets listen outside, and it is inside. */
import { createServer, type Socket } from "node:net";
import process from "node:process";
import type { NsHandle } from "../../netns/handle.ts";
import { resolve } from "../../netns/resolve.ts";
import { FIRST_SOCKET, type Port } from "./port.ts";

const LOOPBACKS = ["127.0.0.1", "::1"] as const;

/** Relays the connections of the listening sockets that this process was given, until its standard input ends. */
export async function runRelay(ports: readonly Port[]): Promise<void> {
  for (const [index, port] of ports.entries()) {
    createServer({ allowHalfOpen: true }, (outside) => void relay(outside, port)).listen({ fd: FIRST_SOCKET + index });
  }
  process.stdout.write("ready\n");
  await new Promise((resolve) => process.stdin.once("end", resolve).once("close", resolve).resume());
  process.exit();
}

async function relay(outside: Socket, { namespace, inside: port }: Port): Promise<void> {
  outside.on("error", () => outside.destroy());
  try {
    using handle = resolve(namespace);
    const inside = await connected(handle, port);
    inside.allowHalfOpen = true; // each side may end before the other
    inside.on("error", () => outside.destroy());
    outside.once("close", () => inside.destroy());
    inside.pipe(outside).pipe(inside);
  } catch {
    outside.resetAndDestroy(); // as a port on which nothing listens
  }
}

/** A connection to whatever address of the namespace a program listens on. */
async function connected(handle: NsHandle, port: number): Promise<Socket> {
  const failures: unknown[] = [];
  for (const host of hostsOf(handle)) {
    try {
      return await handle.connect({ host, port });
    } catch (error) {
      failures.push(error);
    }
  }
  throw failures[0];
}

/** Where a program may listen: the loopback addresses, and then those of the namespace, which are asked for only then. */
function* hostsOf(handle: NsHandle): Generator<string> {
  yield* LOOPBACKS;
  using netlink = handle.netlink();
  yield* netlink.listAddresses().flatMap(({ scope, address }) => scope === 0 ? address : []);
}
