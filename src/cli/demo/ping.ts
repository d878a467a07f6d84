/** One ping from a namespace. */
import { once } from "node:events";
import type { NsHandle } from "../../netns/handle.ts";
import { echo } from "./echo.ts";

/** How often it asks: a new link may lose the first packets. */
const ATTEMPTS = 5;
/** How long it waits for each reply, in seconds. */
const TIMEOUT = 1;

/**
 * Pings `address` from the namespace with ping(8), or with an ICMP echo of our own if ping is not installed.
 *
 * @returns The line that describes the reply.
 * @throws {Error} There was no reply.
 */
export async function ping(from: NsHandle, address: string, signal: AbortSignal): Promise<string> {
  let last = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const output = await run(from, "ping", ["-n", "-c", "1", "-W", `${TIMEOUT}`, address], signal);
    if (output === undefined) return pingWithEcho(from, address);
    last = output;
    const reply = output.split("\n").find((line) => line.includes(" bytes from "));
    if (reply !== undefined) return reply.trim();
    signal.throwIfAborted();
  }
  throw new Error(`No answer from ${address}: ${last.trim().split("\n").at(-1)}`);
}

function pingWithEcho(from: NsHandle, address: string): string {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const time = from.run(() => echo(address, TIMEOUT * 1000));
    if (time !== undefined) return `echo reply from ${address}: time=${time.toFixed(3)} ms`;
  }
  throw new Error(`No answer from ${address}`);
}

/**
 * The output of a program; undefined if it is not installed. When this returns or throws, the program has ended: until
 * then it holds the namespace.
 */
async function run(
  from: NsHandle,
  command: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const child = from.spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], signal });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => output += String(chunk));
  const closed = new Promise<void>((resolve) => void child.once("close", () => resolve()));
  try {
    await once(child, "close");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    if (child.pid !== undefined) await closed; // an abort rejects before the child has ended
    throw error;
  }
  return output;
}
